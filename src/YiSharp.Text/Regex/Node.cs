namespace YiSharp.Text.Regex;

/// <summary>What a part of a pattern says.</summary>
internal abstract record Node;

/// <summary>Nothing, which every place matches.</summary>
internal sealed record EmptyNode : Node;

/// <summary>One code point of a set.</summary>
internal sealed record SetNode(CodePointSet Set) : Node;

/// <summary>One after the other.</summary>
internal sealed record SequenceNode(IReadOnlyList<Node> Items) : Node;

/// <summary>The first that leads to a match.</summary>
internal sealed record ChoiceNode(IReadOnlyList<Node> Items) : Node;

/// <summary>A body again and again: greedy takes as many as it can, lazy as few.</summary>
internal sealed record RepeatNode(Node Body, int Min, int? Max, bool Lazy) : Node;

/// <summary>A body whose first match is kept, whatever follows: <c>(?&gt;…)</c>, <c>++</c>.</summary>
internal sealed record AtomicNode(Node Body) : Node;

/// <summary>Whether a body matches ahead or behind, without taking anything.</summary>
internal sealed record LookNode(Node Body, bool Behind, bool Negative) : Node;

/// <summary>A place.</summary>
internal sealed record AnchorNode(Anchor Anchor) : Node;

/// <summary>Places between characters.</summary>
internal enum Anchor : byte
{
    /// <summary>^: the text's start, or after a line feed that does not end the text.</summary>
    LineStart,

    /// <summary>$: the text's end, or before a line feed.</summary>
    LineEnd,

    /// <summary>\A.</summary>
    TextStart,

    /// <summary>\z.</summary>
    TextEnd,

    /// <summary>\Z: the text's end, or before the line feed that ends it.</summary>
    LastLineEnd,

    /// <summary>\b.</summary>
    WordBoundary,

    /// <summary>\B.</summary>
    NoWordBoundary,
}

/// <summary>How many code points a node takes.</summary>
internal static class NodeLength
{
    /// <summary>Longer texts count as endless.</summary>
    public const int Endless = 1 << 20;

    /// <summary>Fewest and most code points that a node takes; <see cref="Endless"/> where there is no bound.</summary>
    public static (int Min, int Max) Of(Node node) => node switch
    {
        SetNode => (1, 1),
        SequenceNode sequence => sequence.Items.Select(Of).Aggregate((0, 0), (a, b) => (Cap(a.Item1 + b.Min), Cap(a.Item2 + b.Max))),
        ChoiceNode choice => choice.Items.Select(Of).Aggregate((a, b) => (Math.Min(a.Min, b.Min), Math.Max(a.Max, b.Max))),
        RepeatNode repeat => OfRepeat(repeat, Of(repeat.Body)),
        AtomicNode atomic => Of(atomic.Body),
        _ => (0, 0),
    };

    private static (int, int) OfRepeat(RepeatNode repeat, (int Min, int Max) body) =>
        (Cap((long)body.Min * repeat.Min), body.Max == 0 ? 0 : repeat.Max is { } max ? Cap((long)body.Max * max) : Endless);

    private static int Cap(long length) => (int)Math.Min(length, Endless);
}
