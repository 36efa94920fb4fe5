namespace YiSharp.Oracles.Tests;

/// <summary>How far values are from others.</summary>
internal static class Nmse
{
    /// <summary>Σ (actual − expected)² / Σ expected²; not a number where anything is not.</summary>
    public static double Of(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double error = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            size += expected[i] * expected[i];
        }
        return error / size;
    }
}
