namespace YiSharp.Evaluation;

/// <summary>What a score does beyond the knee.</summary>
public enum KneeShape
{
    /// <summary>It stays: y = a + b·min(x, k).</summary>
    Plateau,

    /// <summary>It goes on with another slope: y = a + b·min(x, k) + c·max(x − k, 0).</summary>
    TwoSlopes,
}
