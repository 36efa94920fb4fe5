namespace YiSharp.Text.Regex;

/// <summary>What a <see cref="Matcher"/> does in one step.</summary>
internal enum Operation : byte
{
    /// <summary>The end of the pattern, or of a body.</summary>
    Match,

    /// <summary>Takes a code point of <see cref="Instruction.Members"/>.</summary>
    Set,

    /// <summary>Takes as many of <see cref="Instruction.Members"/> as there are, then fewer where what follows fails.</summary>
    Star,

    /// <summary>Tries <see cref="Instruction.Targets"/> in order.</summary>
    Choice,

    /// <summary>Stands at a place.</summary>
    Anchor,

    /// <summary>Runs the body at <see cref="Instruction.Body"/> and keeps its first match.</summary>
    Atomic,

    /// <summary>Looks whether the body matches ahead.</summary>
    Look,

    /// <summary>Looks whether the body matches what ends here.</summary>
    LookBehind,
}

/// <summary>One step of a compiled pattern.</summary>
internal sealed class Instruction(Operation operation)
{
    public Operation Operation { get; } = operation;

    /// <summary>What follows.</summary>
    public int Next { get; set; } = -1;

    /// <summary>What follows an <see cref="Operation.Atomic"/> that took something.</summary>
    public int NextAfterText { get; set; } = -1;

    /// <summary>The symbols of a set, [Alphabet.Count + 1]; empty until the alphabet is known.</summary>
    public bool[] Members { get; set; } = [];

    /// <summary>Which of the pattern's sets it is.</summary>
    public int SetIndex { get; init; } = -1;

    /// <summary>Alternatives, best first.</summary>
    public int[] Targets { get; set; } = [];

    /// <summary>The alternatives worth a try before each symbol, [Alphabet.Count + 1][]; null for all of them everywhere.</summary>
    public int[][]? TargetsBefore { get; set; }

    /// <summary>A <see cref="Operation.Star"/> that need not give anything back: what follows cannot start with a member, or never fails.</summary>
    public bool KeepsAll { get; set; }

    public int Body { get; init; } = -1;

    /// <summary>The body's instructions are those from here on, one after the other.</summary>
    public int BodyStart { get; init; }

    public int BodyLength { get; init; }

    /// <summary>The symbols of a look-around whose body is one set, which needs no run.</summary>
    public bool[]? SingleSet { get; set; }

    public bool Negative { get; init; }

    public Anchor Anchor { get; init; }

    /// <summary>Fewest and most code points of a look-behind.</summary>
    public (int Min, int Max) Length { get; init; }

    /// <summary>Its number among the instructions whose failures are remembered, or -1.</summary>
    public int MemoIndex { get; set; } = -1;
}
