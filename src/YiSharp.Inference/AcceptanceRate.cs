namespace YiSharp.Inference;

/// <summary>Share of guesses that were right, the latest counting most.</summary>
/// <param name="start">What is believed before the first, 0 to 1.</param>
internal struct AcceptanceRate(double start)
{
    /// <summary>What one more guess counts; half of the memory is the last eleven.</summary>
    private const double Weight = 1.0 / 16;

    /// <summary>The share, 0 to 1.</summary>
    public double Value { get; private set; } = start;

    /// <summary>Counts a guess.</summary>
    public void Add(bool isRight) => Value += ((isRight ? 1 : 0) - Value) * Weight;
}
