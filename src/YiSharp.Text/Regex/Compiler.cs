namespace YiSharp.Text.Regex;

/// <summary>
/// Turns a pattern's parts into instructions, from the end to the start: each part is compiled for what follows it. Two continuations are passed down, one for a
/// part that took nothing and one for a part that took text: a repetition ends after a round that took nothing (as Oniguruma's), and what an instruction leads to
/// still depends on nothing but the instruction and the place, on which the bound on time rests (<see cref="FailureMemo"/>).
/// </summary>
internal sealed class Compiler
{
    /// <summary>Look-behinds that may take this many code points or more are refused.</summary>
    public const int LongestLookBehind = 256;

    private const int MostInstructions = 1 << 14, MostSets = 1 << 10;
    private readonly List<Instruction> _instructions = [];
    private readonly List<CodePointSet> _sets = [];

    private Compiler()
    {
    }

    /// <exception cref="PatternException">The pattern is too large.</exception>
    public static Program Compile(Node node)
    {
        var compiler = new Compiler();
        int match = compiler.Add(new Instruction(Operation.Match));
        int entry = compiler.Compile(node, match, match);
        return new Program([.. compiler._instructions], entry, compiler._sets);
    }

    /// <param name="node">The part.</param>
    /// <param name="next">What follows where the part took nothing.</param>
    /// <param name="afterText">What follows where it took text.</param>
    /// <returns>The part's first instruction.</returns>
    private int Compile(Node node, int next, int afterText) => node switch
    {
        EmptyNode => next,
        SetNode set => Add(new Instruction(Operation.Set) { SetIndex = IndexOf(set.Set), Next = afterText }),
        SequenceNode sequence => CompileSequence(sequence.Items, next, afterText),
        ChoiceNode choice => CompileChoice([.. choice.Items.Select(item => Compile(item, next, afterText))]),
        RepeatNode repeat => CompileRepeat(repeat, next, afterText),
        AnchorNode anchor => Add(new Instruction(Operation.Anchor) { Anchor = anchor.Anchor, Next = next }),
        AtomicNode atomic => AddWithBody(Operation.Atomic, atomic.Body, negative: false, next, afterText),
        LookNode look => AddWithBody(look.Behind ? Operation.LookBehind : Operation.Look, look.Body, look.Negative, next, next),
        _ => throw new InvalidOperationException(node.GetType().Name),
    };

    private int AddWithBody(Operation operation, Node body, bool negative, int next, int afterText)
    {
        int match = Add(new Instruction(Operation.Match));
        int entry = Compile(body, match, match);
        return Add(new Instruction(operation)
        {
            Body = entry,
            BodyStart = match,
            BodyLength = _instructions.Count - match,
            Length = NodeLength.Of(body),
            Negative = negative,
            Next = next,
            NextAfterText = afterText,
        });
    }

    private int CompileSequence(IReadOnlyList<Node> items, int next, int afterText)
    {
        for (int i = items.Count - 1; i >= 0; i--)
        {
            // After text only the second continuation is left; before it, both.
            int rest = Compile(items[i], afterText, afterText);
            next = next == afterText || NodeLength.Of(items[i]).Min > 0 ? rest : Compile(items[i], next, afterText);
            afterText = rest;
        }
        return next;
    }

    private int CompileChoice(int[] targets) => targets.Length == 1 ? targets[0] : Add(new Instruction(Operation.Choice) { Targets = targets });

    private int CompileRepeat(RepeatNode repeat, int next, int afterText)
    {
        (int min, int max) = NodeLength.Of(repeat.Body);
        if (max == 0) return CompileOnce(repeat, next, afterText);
        (int rest, int restAfterText) = (next, afterText);
        if (repeat.Max is null)
        {
            restAfterText = CompileEndless(repeat, min > 0, afterText, afterText);
            rest = next == afterText ? restAfterText : CompileEndless(repeat, min > 0, next, afterText);
        }
        for (int i = repeat.Min; i < (repeat.Max ?? repeat.Min); i++)
        {
            int optional = Optional(repeat, Compile(repeat.Body, restAfterText, restAfterText), afterText);
            rest = next == afterText ? optional : Optional(repeat, Compile(repeat.Body, rest, restAfterText), next);
            restAfterText = optional;
        }
        for (int i = 0; i < repeat.Min; i++)
        {
            int round = Compile(repeat.Body, restAfterText, restAfterText);
            rest = rest == restAfterText ? round : Compile(repeat.Body, rest, restAfterText);
            restAfterText = round;
        }
        return rest;
    }

    /// <summary>A body that never takes text: once is as good as often, and where it may be left out, that is the other alternative.</summary>
    private int CompileOnce(RepeatNode repeat, int next, int afterText)
    {
        if (repeat.Max == 0) return next;
        int once = Compile(repeat.Body, next, afterText);
        return repeat.Min > 0 ? once : Optional(repeat, once, next);
    }

    private int CompileEndless(RepeatNode repeat, bool alwaysTakes, int next, int afterText)
    {
        if (repeat.Body is SetNode set && !repeat.Lazy)
        {
            int star = Add(new Instruction(Operation.Star) { SetIndex = IndexOf(set.Set), Next = afterText });
            return next == afterText ? star : CompileChoice([Add(new Instruction(Operation.Set) { SetIndex = IndexOf(set.Set), Next = star }), next]);
        }

        // A head for the rounds that come after text, and one for the first, which goes on elsewhere when nothing was taken.
        int head = Add(new Instruction(Operation.Choice));
        int round = Compile(repeat.Body, alwaysTakes ? head : afterText, head);
        _instructions[head].Targets = repeat.Lazy ? [afterText, round] : [round, afterText];
        if (next == afterText) return head;
        return Optional(repeat, alwaysTakes ? round : Compile(repeat.Body, next, head), next);
    }

    private int Optional(RepeatNode repeat, int round, int without) => CompileChoice(repeat.Lazy ? [without, round] : [round, without]);

    private int IndexOf(CodePointSet set)
    {
        int index = _sets.FindIndex(known => ReferenceEquals(known, set) || known.SameAs(set));
        if (index >= 0) return index;
        if (_sets.Count == MostSets) throw new PatternException($"tells more than {MostSets} characters and classes apart, which this version does not know", isUnknown: true);
        _sets.Add(set);
        return _sets.Count - 1;
    }

    private int Add(Instruction instruction)
    {
        if (_instructions.Count == MostInstructions) throw new PatternException($"comes to more than {MostInstructions} steps; expected shorter repetitions", isUnknown: false);
        _instructions.Add(instruction);
        return _instructions.Count - 1;
    }
}
