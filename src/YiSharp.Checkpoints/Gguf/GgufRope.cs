using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Base and scaling of the rotary embeddings in GGUF: metadata under <c>ARCHITECTURE.rope</c>, and llama3's as a tensor of divisors.</summary>
internal static class GgufRope
{
    /// <summary>The tensor that divides the frequencies, [headDim / 2].</summary>
    public const string DivisorsName = "rope_freqs.weight";

    private const double MaxFactor = 1e6;

    /// <summary>llama.cpp's base where a file says none (llama-hparams).</summary>
    private const double DefaultTheta = 10000;

    /// <summary>Base and scaling of a file.</summary>
    public static (double Theta, RopeScaling? Scaling) Read(GgufFile file, string arch, int headDim)
    {
        double theta = file.Number($"{arch}.rope.freq_base", 1.001, 1e15) ?? DefaultTheta;
        RopeScaling? scaling = ReadScaling(file, $"{arch}.rope.scaling");
        if (file.Number($"{arch}.rope.scale_linear", 0, MaxFactor) is double old && old is not (0 or 1))
        {
            if (scaling is not null) throw GgufConfigReader.Refused(file, $"{arch}.rope.scale_linear", $"its absence beside {arch}.rope.scaling.type");
            scaling = new LinearRopeScaling(old);
        }
        if (file.Tensors.FirstOrDefault(t => t.Name == DivisorsName) is not GgufTensor divisors) return (theta, scaling);
        if (scaling is not null) throw GgufConfigReader.Refused(file, $"{arch}.rope.scaling.type", $"\"none\" beside the tensor {DivisorsName}");
        if (arch != ModelType.Llama.Gguf) throw new NotSupportedException($"{file.Path} has the tensor {DivisorsName}, which llama.cpp does not read for {arch}; convert it again.");
        return (theta, ReadDivisors(file, divisors, headDim));
    }

    /// <summary>The metadata of a config, but for the base.</summary>
    /// <exception cref="NotSupportedException">llama.cpp computes no such scaling.</exception>
    public static IEnumerable<(string Key, object Value)> Metadata(LlamaConfig config)
    {
        string prefix = $"{config.ModelType.Gguf}.rope.scaling";
        switch (config.RopeScaling)
        {
            case LinearRopeScaling linear:
                yield return ($"{prefix}.type", "linear");
                yield return ($"{prefix}.factor", (float)linear.Factor);
                break;
            case YarnRopeScaling yarn:
                if (!yarn.Truncate) throw Refused("a yarn rope with \"truncate\": false");
                yield return ($"{prefix}.type", "yarn");
                yield return ($"{prefix}.factor", (float)yarn.Factor);
                yield return ($"{prefix}.original_context_length", (uint)yarn.OriginalMaxPositionEmbeddings);
                if (yarn.GivenAttentionFactor is double given) yield return ($"{prefix}.attn_factor", (float)(given / YarnRopeScaling.DefaultAttentionFactor(yarn.Factor)));
                if (yarn.BetaFast != 32) yield return ($"{prefix}.yarn_beta_fast", (float)yarn.BetaFast);
                if (yarn.BetaSlow != 1) yield return ($"{prefix}.yarn_beta_slow", (float)yarn.BetaSlow);
                break;
            case DynamicRopeScaling:
                throw Refused("a dynamic rope, whose base grows with the sequence");
        }
    }

    /// <summary>What <see cref="DivisorsName"/> holds, [headDim / 2], or null where there is no such tensor.</summary>
    public static float[]? Divisors(LlamaConfig config)
    {
        float[]? divisors = config.RopeScaling switch
        {
            Llama3RopeScaling llama3 => llama3.Divisors(config.RopeTheta, config.HeadDim),
            DividedRopeScaling divided => [.. divided.Divisors],
            _ => null,
        };
        return divisors is null || config.ModelType.Gguf == ModelType.Llama.Gguf ? divisors : throw Refused($"a llama3 rope under the architecture {config.ModelType.Gguf}");
    }

    private static RopeScaling? ReadScaling(GgufFile file, string prefix)
    {
        double? given = file.Number($"{prefix}.factor", 0, MaxFactor);
        // Without a type llama.cpp takes linear, which a factor of 0 or 1 leaves undone.
        string type = file.Text($"{prefix}.type") ?? (given is null or 0 or 1 ? "none" : "linear");
        if (type == "none") return null;
        double factor = given is double f && f >= 1 ? f : throw file.Wrong($"{prefix}.factor", "a number from 1 on");
        return type switch
        {
            "linear" => new LinearRopeScaling(factor),
            "yarn" => ReadYarn(file, prefix, factor),
            _ => throw GgufConfigReader.Refused(file, $"{prefix}.type", "\"none\", \"linear\", \"yarn\""),
        };
    }

    private static YarnRopeScaling ReadYarn(GgufFile file, string prefix, double factor)
    {
        if (file.Number($"{prefix}.yarn_ext_factor", -1, MaxFactor) is double mix && mix is not (1 or -1)) throw GgufConfigReader.Refused(file, $"{prefix}.yarn_ext_factor", "1");
        if (file.Number($"{prefix}.yarn_log_multiplier", 0, MaxFactor) is double log && log is not 0) throw GgufConfigReader.Refused(file, $"{prefix}.yarn_log_multiplier", "its absence");
        double attention = (file.Number($"{prefix}.attn_factor", 1e-6, MaxFactor) ?? 1) * (file.Number($"{prefix}.yarn_attn_factor", 1e-6, MaxFactor) ?? 1);
        return new YarnRopeScaling
        {
            Factor = factor,
            OriginalMaxPositionEmbeddings = file.WholeNumber($"{prefix}.original_context_length", 1, int.MaxValue) ?? throw file.Wrong($"{prefix}.original_context_length", "a whole number from 1 on, since the type is yarn"),
            GivenAttentionFactor = attention == 1 ? null : attention * YarnRopeScaling.DefaultAttentionFactor(factor),
            BetaFast = file.Number($"{prefix}.yarn_beta_fast", 1e-6, MaxFactor) ?? 32,
            BetaSlow = file.Number($"{prefix}.yarn_beta_slow", 1e-6, MaxFactor) ?? 1,
        };
    }

    private static DividedRopeScaling ReadDivisors(GgufFile file, GgufTensor tensor, int headDim)
    {
        if (tensor.Type.Format != WeightFormat.F32 || !tensor.Dimensions.SequenceEqual([headDim / 2]))
        {
            throw new InvalidDataException($"{file.Path} has {tensor.Name} as {tensor.Type} {tensor.Shape}; expected F32 [{headDim / 2}], half the width of a head. Convert it again.");
        }
        float[] divisors = new WeightData(tensor.Name, WeightFormat.F32, 1, headDim / 2, tensor.Memory, tensor.OffsetBytes).ToArray();
        return Array.TrueForAll(divisors, d => d > 0 && d <= MaxFactor)
            ? new DividedRopeScaling(divisors)
            : throw new InvalidDataException($"{file.Path} has {tensor.Name} with numbers that are not above 0 and at most {MaxFactor}; frequencies are divided by them. Convert it again.");
    }

    private static NotSupportedException Refused(string what) => new($"A GGUF file cannot hold {what}: llama.cpp does not compute it. Write a Hugging Face folder.");
}
