namespace YiSharp.Tensors;

/// <summary>Slow frequencies divided by a factor, fast ones kept, those between blended (Llama 3.1).</summary>
/// <param name="Factor">Divisor of frequencies with a wave longer than OriginalMaxPositionEmbeddings / LowFreqFactor.</param>
/// <param name="LowFreqFactor">See <paramref name="Factor"/>.</param>
/// <param name="HighFreqFactor">Waves shorter than OriginalMaxPositionEmbeddings / HighFreqFactor stay; above LowFreqFactor.</param>
/// <param name="OriginalMaxPositionEmbeddings">Context limit of the first training, tokens.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFreqFactor, double HighFreqFactor, int OriginalMaxPositionEmbeddings) : RopeScaling
{
    /// <inheritdoc/>
    public override string RopeType => "llama3";

    internal override void Compute(double theta, int length, Span<float> frequencies)
    {
        Unscaled(theta, frequencies);
        foreach (ref float frequency in frequencies)
        {
            float kept = Kept(frequency);
            frequency = (1 - kept) * frequency / (float)Factor + kept * frequency;
        }
    }

    /// <summary>What each frequency is divided by, [headDim / 2]: the tensor <c>rope_freqs</c> of GGUF (llama.cpp, convert_hf_to_gguf.py).</summary>
    public float[] Divisors(double theta, int headDim)
    {
        var divisors = new float[headDim / 2];
        Unscaled(theta, divisors);
        foreach (ref float divisor in divisors.AsSpan())
        {
            double kept = Kept(divisor);
            divisor = (float)(1 / ((1 - kept) / Factor + kept));
        }
        return divisors;
    }

    /// <summary>Share of a frequency that stays: 0 for slow ones, 1 for fast ones.</summary>
    private float Kept(float frequency)
    {
        float wave = (float)(2 * Math.PI) / frequency;
        return Math.Clamp((OriginalMaxPositionEmbeddings / wave - (float)LowFreqFactor) / (float)(HighFreqFactor - LowFreqFactor), 0, 1);
    }
}
