namespace YiSharp.Tests;

/// <summary>
/// How far results may lie from a reference, as normalized squared error, Σ(x − r)² / Σr², unless the name says otherwise. Each stands
/// an order above what was measured.
/// </summary>
internal static class Tolerance
{
    /// <summary>Elementwise single precision against double: a few roundings, (1e-7)².</summary>
    public const double Elementwise = 1e-13;

    /// <summary>Single-precision sums of up to a few thousand products against double.</summary>
    public const double SinglePrecision = 1e-12;

    /// <summary>Products with activations rounded to 8 bits, outliers taken out, against exact ones: half a step is 1 / 254 of a block's largest value. ggml allows 5e-4 without outliers.</summary>
    public const double EightBitActivations = 1e-3;

    /// <summary>Products with activations rounded to 16 bits against exact ones.</summary>
    public const double SixteenBitActivations = 1e-8;

    /// <summary>Attention over keys and values in half precision against exact ones: 7e-8 was measured, half a unit of 2^-11 is 8e-8.</summary>
    public const double HalfKeysAndValues = 5e-7;

    /// <summary>Attention over keys and values in 8 bits against exact ones: half a step is 1 / 254 of a group's largest value.</summary>
    public const double EightBitKeysAndValues = 1e-3;

    /// <summary>Largest absolute difference of logits of the tiny models, which the original software in single precision keeps to 1.3e-4.</summary>
    public const float TinyLogits = 5e-4f;

    /// <summary>The same for sequences over 100 tokens.</summary>
    public const float LongTinyLogits = 1e-3f;

    /// <summary>Largest absolute difference of hidden states of the tiny models, which the original software in single precision keeps to 8.1e-5.</summary>
    public const float TinyStates = 2e-4f;

    /// <summary>The same with an adapter, which moves the logits by 6 to 17.</summary>
    public const float AdaptedTinyLogits = 1e-3f;

    /// <summary>Largest absolute difference of the embedded model's logits and log-probabilities, which single precision keeps to 8.3e-5.</summary>
    public const double SmolLm = 1e-3;

    /// <summary>Mean absolute difference of the embedded model's log-probabilities with activations in 8 bits, nats, in any passage: 0.0254 was measured, llama.cpp has 0.037 to 0.056.</summary>
    public const double SmolLmEightBitMean = 0.03;

    /// <summary>Relative difference of a passage's total with activations in 8 bits: 0.0015 was measured, llama.cpp has up to 0.0035.</summary>
    public const double SmolLmEightBitTotal = 0.0025;

    /// <summary>Normalized squared error of <paramref name="actual"/>; the plain squared error when the reference is all zero.</summary>
    public static double Nmse(ReadOnlySpan<float> actual, ReadOnlySpan<double> reference)
    {
        Assert.Equal(reference.Length, actual.Length);
        double error = 0, norm = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            error += (actual[i] - reference[i]) * (actual[i] - reference[i]);
            norm += reference[i] * reference[i];
        }
        return norm == 0 ? error : error / norm;
    }

    /// <summary>Fails when the normalized squared error is above <paramref name="tolerance"/> or not a number.</summary>
    public static void Holds(double tolerance, ReadOnlySpan<float> actual, ReadOnlySpan<double> reference, string what)
    {
        double nmse = Nmse(actual, reference);
        Assert.True(nmse <= tolerance, $"{what}: normalized squared error {nmse:E2}, at most {tolerance:E2} expected.");
    }

    /// <summary>Fails unless all bits are equal.</summary>
    public static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]), $"{what}: element {i} is {actual[i]:R}, expected the bits of {expected[i]:R}.");
        }
    }
}
