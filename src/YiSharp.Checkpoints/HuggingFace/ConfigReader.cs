using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>Reads <c>config.json</c> in the style of transformers 4 and of transformers 5, and refuses whatever would be computed wrongly.</summary>
internal static class ConfigReader
{
    private const int MaxWidth = 1 << 20;
    private const int MaxLayers = 4096;
    private const int MaxHeads = 1 << 16;
    private const int MaxVocab = 1 << 24;

    /// <summary>transformers' defaults for fields that old checkpoints lack (models/llama/configuration_llama.py).</summary>
    private const double DefaultRopeTheta = 10000;

    /// <summary>Fields that change the computation, and the values with which they do not.</summary>
    private static readonly (string Field, Func<JsonElement, bool> IsHarmless, string Only)[] Unsupported =
    [
        ("attention_bias", IsFalse, "false"),
        ("mlp_bias", IsFalse, "false"),
        ("hidden_act", v => IsText(v, "silu", "swish"), "\"silu\""),
        ("sliding_window", _ => false, "null"),
        ("partial_rotary_factor", IsOne, "1"),
        ("num_local_experts", IsAtMostOne, "no experts"),
        ("num_experts", IsAtMostOne, "no experts"),
        ("n_routed_experts", IsAtMostOne, "no experts"),
        ("no_rope_layers", IsEmpty, "null"),
        ("logit_scale", IsOne, "1"),
        ("logits_scaling", IsOne, "1"),
        ("embedding_multiplier", IsOne, "1"),
        ("residual_multiplier", IsOne, "1"),
        ("final_logit_softcapping", IsZero, "null"),
        ("attn_logit_softcapping", IsZero, "null"),
        ("qk_norm", IsFalse, "false"),
        ("use_qk_norm", IsFalse, "false"),
        ("is_encoder_decoder", IsFalse, "false"),
        ("add_cross_attention", IsFalse, "false"),
        ("rope_interleaved", IsFalse, "false"),
    ];

    /// <summary>What a Llama is made of, according to <paramref name="json"/>.</summary>
    public static LlamaConfig Read(JsonFile json)
    {
        RequireLlama(json);
        RequireNothingElse(json);

        int heads = json.RequiredWholeNumber("num_attention_heads", 1, MaxHeads);
        int hidden = json.RequiredWholeNumber("hidden_size", 1, MaxWidth);
        int keyValueHeads = json.WholeNumber("num_key_value_heads", 1, MaxHeads) ?? heads;
        if (heads % keyValueHeads != 0) throw json.Wrong("num_key_value_heads", $"a divisor of num_attention_heads, {heads}");
        if (!json.Has("head_dim") && hidden % heads != 0) throw json.Wrong("hidden_size", $"a multiple of num_attention_heads, {heads}, since head_dim is not given");
        int headDim = json.WholeNumber("head_dim", 1, MaxWidth) ?? hidden / heads;
        if (headDim % 2 != 0) throw new InvalidDataException($"{json.Path} implies head_dim {headDim}; rotary embeddings need an even number. Correct the file or fetch it again.");
        if ((long)heads * headDim > MaxWidth) throw json.Wrong("num_attention_heads", $"at most {MaxWidth} / head_dim {headDim}");

        int vocab = json.RequiredWholeNumber("vocab_size", 1, MaxVocab);
        return new LlamaConfig
        {
            HiddenSize = hidden,
            IntermediateSize = json.RequiredWholeNumber("intermediate_size", 1, MaxWidth),
            NumHiddenLayers = json.RequiredWholeNumber("num_hidden_layers", 1, MaxLayers),
            NumAttentionHeads = heads,
            NumKeyValueHeads = keyValueHeads,
            HeadDim = headDim,
            VocabSize = vocab,
            MaxPositionEmbeddings = json.RequiredWholeNumber("max_position_embeddings", 1, int.MaxValue),
            RmsNormEps = (float)json.RequiredNumber("rms_norm_eps", 1e-30, 1),
            RopeTheta = RopeTheta(json),
            TieWordEmbeddings = json.Flag("tie_word_embeddings") ?? false,
            BosTokenId = RequireInVocab(json, "bos_token_id", json.WholeNumber("bos_token_id", -1, int.MaxValue), vocab),
            EosTokenIds = [.. json.Ids("eos_token_id").Select(id => RequireInVocab(json, "eos_token_id", id, vocab)!.Value)],
            PadTokenId = json.WholeNumber("pad_token_id", -1, int.MaxValue) is int pad and >= 0 ? pad : null,
        };
    }

    private static int? RequireInVocab(JsonFile json, string field, int? id, int vocab) =>
        id is null or < 0 ? null : id < vocab ? id : throw json.Wrong(field, $"ids below vocab_size, {vocab}");

    private static void RequireLlama(JsonFile json)
    {
        string? modelType = json.Text("model_type");
        IReadOnlyList<string> architectures = json.Texts("architectures");
        if (modelType is null && architectures.Count == 0)
        {
            throw new InvalidDataException($"{json.Path} says neither model_type nor architectures; expected \"llama\" and [\"LlamaForCausalLM\"]. It may be the config of something else than a model.");
        }
        if (modelType is not (null or "llama")) throw Refused(json, "model_type", "\"llama\"");
        if (architectures.Count > 0 && !architectures.Contains("LlamaForCausalLM")) throw Refused(json, "architectures", "[\"LlamaForCausalLM\"]");
    }

    private static void RequireNothingElse(JsonFile json)
    {
        foreach ((string field, Func<JsonElement, bool> isHarmless, string only) in Unsupported)
        {
            if (json.TryGet(field, out JsonElement value) && !isHarmless(value)) throw Refused(json, field, only);
        }
        if (json.TryGet("quantization_config", out JsonElement quantization) && !IsEmpty(quantization))
        {
            string method = quantization.ValueKind == JsonValueKind.Object && quantization.TryGetProperty("quant_method", out JsonElement name) ? JsonFile.Show(name) : "of no named method";
            throw new NotSupportedException($"{json.Path} has a quantization_config {method}; weights in F32, F16 and BF16 can be read from safetensors. Take the unquantized checkpoint, or a GGUF of it.");
        }
        if (json.TryGet("layer_types", out JsonElement types) && types.ValueKind == JsonValueKind.Array && types.EnumerateArray().Any(t => !IsText(t, "full_attention")))
        {
            throw Refused(json, "layer_types", "\"full_attention\" in every layer");
        }
    }

    /// <summary>The base, from either style; scaled rotary embeddings are refused by name.</summary>
    private static double RopeTheta(JsonFile json)
    {
        double? theta = Theta(json);
        foreach (string field in (string[])["rope_scaling", "rope_parameters"])
        {
            if (json.Object(field) is not JsonFile rope) continue;
            foreach (string typeField in (string[])["rope_type", "type"])
            {
                if (rope.TryGet(typeField, out JsonElement type) && !IsText(type, "default")) throw Refused(rope, typeField, "\"default\", that is no scaling of positions");
            }
            if (!rope.Has("rope_type") && !rope.Has("type") && rope.Has("factor")) throw Refused(rope, "factor", "no scaling of positions");
            if (rope.TryGet("partial_rotary_factor", out JsonElement part) && !IsOne(part)) throw Refused(rope, "partial_rotary_factor", "1");
            double? inner = Theta(rope);
            if (inner is not null && theta is not null && inner != theta) throw rope.Wrong("rope_theta", $"the rope_theta of the file's first level, {theta}");
            theta ??= inner;
        }
        return theta ?? DefaultRopeTheta;

        static double? Theta(JsonFile json) => json.Number("rope_theta", 1, 1e15);
    }

    private static NotSupportedException Refused(JsonFile json, string field, string only) =>
        new($"{json.Path} says \"{field}\": {json.Shown(field)}; only {only} can be computed. Take another checkpoint.");

    private static bool IsFalse(JsonElement value) => value.ValueKind == JsonValueKind.False;

    private static bool IsText(JsonElement value, params ReadOnlySpan<string> texts)
    {
        if (value.ValueKind != JsonValueKind.String) return false;
        foreach (string text in texts)
        {
            if (value.ValueEquals(text)) return true;
        }
        return false;
    }

    private static bool IsNumber(JsonElement value, Func<double, bool> holds) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && holds(number);

    private static bool IsOne(JsonElement value) => IsNumber(value, n => n == 1);

    private static bool IsZero(JsonElement value) => IsNumber(value, n => n == 0);

    private static bool IsAtMostOne(JsonElement value) => IsNumber(value, n => n is >= 0 and <= 1);

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
