namespace YiSharp.Evaluation;

/// <summary>A number as it stands in a text.</summary>
/// <param name="From">Where it begins, its sign included.</param>
/// <param name="To">Where it ends, a percent sign or a word of scale included.</param>
/// <param name="Value">Its value as written; 25 for "25%".</param>
internal readonly record struct Numeral(int From, int To, double Value)
{
    /// <summary>Whether a percent sign or word stands behind it.</summary>
    public bool IsPercent { get; init; }

    /// <summary>Whether it is written as a part of something: "a third", 四分之三, 3/4.</summary>
    public bool IsFraction { get; init; }

    /// <summary>10 000 for 万, a million for "million"; 1 without a word of scale. Not yet in <see cref="Value"/>.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Its digits, without sign and separators, where they are a whole number: a double holds the first 15 of them. <see cref="Value"/> may be another once a scale, a unit or a fraction came to it.</summary>
    public string? Digits { get; init; }

    /// <summary>The unit beside it; null without one, or where none was looked for.</summary>
    public Units.Unit? Unit { get; init; }
}
