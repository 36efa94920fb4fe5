using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Writes <c>rope_scaling</c> of config.json, in the style that transformers 4 and 5 both read.</summary>
internal static class RopeWriter
{
    /// <summary>How far apart divisors may be that stand for the same scaling: they come from sums in other orders.</summary>
    private const float Tolerance = 1e-5f;

    /// <summary>Writes the field, null where there is no scaling.</summary>
    /// <exception cref="NotSupportedException">config.json cannot say this scaling.</exception>
    public static void Write(Utf8JsonWriter json, LlamaConfig config)
    {
        RopeScaling? scaling = config.RopeScaling is DividedRopeScaling divided ? Recognize(divided, config) : config.RopeScaling;
        if (scaling is null)
        {
            json.WriteNull("rope_scaling");
            return;
        }
        json.WriteStartObject("rope_scaling");
        foreach ((string field, double number) in Numbers(scaling)) json.WriteDecimal(field, number);
        if (scaling is Llama3RopeScaling llama3) json.WriteNumber("original_max_position_embeddings", llama3.OriginalMaxPositionEmbeddings);
        if (scaling is YarnRopeScaling yarn)
        {
            json.WriteNumber("original_max_position_embeddings", yarn.OriginalMaxPositionEmbeddings);
            if (!yarn.Truncate) json.WriteBoolean("truncate", false);
        }
        json.WriteString("rope_type", scaling.RopeType);
        json.WriteEndObject();
    }

    private static IEnumerable<(string Field, double Number)> Numbers(RopeScaling scaling) => scaling switch
    {
        LinearRopeScaling linear => [("factor", linear.Factor)],
        DynamicRopeScaling dynamic => [("factor", dynamic.Factor)],
        Llama3RopeScaling llama3 => [("factor", llama3.Factor), ("high_freq_factor", llama3.HighFreqFactor), ("low_freq_factor", llama3.LowFreqFactor)],
        YarnRopeScaling yarn =>
        [
            .. yarn.GivenAttentionFactor is double attention ? [("attention_factor", attention)] : ((string, double)[])[],
            ("beta_fast", yarn.BetaFast), ("beta_slow", yarn.BetaSlow), ("factor", yarn.Factor),
        ],
        _ => throw new NotSupportedException($"config.json has no rope_scaling for {scaling.RopeType}."),
    };

    /// <summary>The llama3 scaling that gives these divisors: its published factors, and an original context of 2ⁿ tokens.</summary>
    private static Llama3RopeScaling Recognize(DividedRopeScaling divided, LlamaConfig config)
    {
        for (int original = 1 << 20; original >= 16; original /= 2)
        {
            var candidate = new Llama3RopeScaling(divided.Divisors.Max(), 1, 4, original);
            float[] divisors = candidate.Divisors(config.RopeTheta, config.HeadDim);
            if (divisors.Zip(divided.Divisors).All(pair => MathF.Abs(pair.First - pair.Second) <= Tolerance * pair.Second)) return candidate;
        }
        throw new NotSupportedException("The GGUF's rope_freqs.weight is no llama3 scaling with low_freq_factor 1 and high_freq_factor 4; config.json cannot say it. Write a GGUF.");
    }
}
