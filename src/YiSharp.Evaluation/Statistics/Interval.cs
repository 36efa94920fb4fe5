namespace YiSharp.Evaluation;

/// <summary>A closed interval of plausible values.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>The confidence level of every interval that names none: 0.95.</summary>
    public const double DefaultLevel = 0.95;

    /// <summary>Whether <paramref name="value"/> lies in the interval, ends included.</summary>
    public bool Contains(double value) => Low <= value && value <= High;
}
