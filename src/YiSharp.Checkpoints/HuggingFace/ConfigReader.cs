using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Reads <c>config.json</c> in the style of transformers 4 and of transformers 5, and refuses whatever would be computed wrongly.</summary>
internal static class ConfigReader
{
    private const int MaxWidth = 1 << 20;
    private const int MaxLayers = 4096;
    private const int MaxHeads = 1 << 16;
    private const int MaxVocab = 1 << 24;

    /// <summary>Fields that change the computation, and the values with which they do not.</summary>
    private static readonly (string Field, Func<JsonElement, bool> IsHarmless, string Only)[] Unsupported =
    [
        ("hidden_act", v => IsText(v, "silu", "swish"), "\"silu\""),
        ("hidden_activation", v => IsText(v, "silu", "swish"), "\"silu\""),
        ("partial_rotary_factor", IsOne, "1"),
        ("rotary_pct", IsOne, "1"),
        ("no_rope_layers", IsEmpty, "null"),
        ("rope_ratio", IsOne, "1"),
        ("clip_qkv", IsZero, "null"),
        ("logit_scale", IsOne, "1"),
        ("logits_scaling", IsOne, "1"),
        ("embedding_multiplier", IsOne, "1"),
        ("residual_multiplier", IsOne, "1"),
        ("attention_multiplier", _ => false, "null"),
        ("query_pre_attn_scalar", _ => false, "null"),
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
        ModelType type = ReadModelType(json);
        RequireNothingElse(json, type);

        int heads = json.RequiredWholeNumber("num_attention_heads", 1, MaxHeads);
        int hidden = json.RequiredWholeNumber("hidden_size", 1, MaxWidth);
        int layers = json.RequiredWholeNumber("num_hidden_layers", 1, MaxLayers);
        // Only Llama's default depends on the other fields; the others' are numbers of one published size.
        int keyValueHeads = type == ModelType.Llama
            ? json.WholeNumber("num_key_value_heads", 1, MaxHeads) ?? heads
            : json.RequiredWholeNumber("num_key_value_heads", 1, MaxHeads);
        if (heads % keyValueHeads != 0) throw json.Wrong("num_key_value_heads", $"a divisor of num_attention_heads, {heads}");
        if (!json.Has("head_dim") && hidden % heads != 0) throw json.Wrong("hidden_size", $"a multiple of num_attention_heads, {heads}, since head_dim is not given");
        int headDim = json.WholeNumber("head_dim", 1, MaxWidth) ?? hidden / heads;
        if (headDim % 2 != 0) throw new InvalidDataException($"{json.Path} implies head_dim {headDim}; rotary embeddings need an even number. Correct the file or fetch it again.");
        if ((long)heads * headDim > MaxWidth) throw json.Wrong("num_attention_heads", $"at most {MaxWidth} / head_dim {headDim}");
        RequireFullAttention(json, layers);

        int vocab = json.RequiredWholeNumber("vocab_size", 1, MaxVocab);
        int maxPositions = json.RequiredWholeNumber("max_position_embeddings", 1, int.MaxValue);
        (double theta, RopeScaling? scaling) = RopeReader.Read(json, maxPositions);
        if (scaling is DynamicRopeScaling && headDim <= 2) throw json.Wrong("head_dim", "more than 2, since the rope's type is \"dynamic\"");
        bool attentionBias = type == ModelType.Llama && (json.Flag("attention_bias") ?? false);
        return new LlamaConfig
        {
            ModelType = type,
            HiddenSize = hidden,
            IntermediateSize = json.RequiredWholeNumber("intermediate_size", 1, MaxWidth),
            NumHiddenLayers = layers,
            NumAttentionHeads = heads,
            NumKeyValueHeads = keyValueHeads,
            HeadDim = headDim,
            VocabSize = vocab,
            MaxPositionEmbeddings = maxPositions,
            RmsNormEps = (float)json.RequiredNumber("rms_norm_eps", 1e-30, 1),
            RopeTheta = theta,
            RopeScaling = scaling,
            QkvBias = attentionBias || type == ModelType.Qwen2,
            OBias = attentionBias,
            MlpBias = json.Flag("mlp_bias") ?? false,
            TieWordEmbeddings = json.Flag("tie_word_embeddings") ?? false,
            BosTokenId = RequireInVocab(json, "bos_token_id", json.WholeNumber("bos_token_id", -1, int.MaxValue), vocab),
            EosTokenIds = [.. json.Ids("eos_token_id").Select(id => RequireInVocab(json, "eos_token_id", id, vocab)!.Value)],
            PadTokenId = json.WholeNumber("pad_token_id", -1, int.MaxValue) is int pad and >= 0 ? pad : null,
        };
    }

    private static int? RequireInVocab(JsonFile json, string field, int? id, int vocab) =>
        id is null or < 0 ? null : id < vocab ? id : throw json.Wrong(field, $"ids below vocab_size, {vocab}");

    private static ModelType ReadModelType(JsonFile json)
    {
        string? modelType = json.Text("model_type");
        IReadOnlyList<string> architectures = json.Texts("architectures");
        if (modelType is null && architectures.Count == 0)
        {
            throw new InvalidDataException($"{json.Path} says neither model_type nor architectures; expected \"llama\" and [\"LlamaForCausalLM\"]. It may be the config of something else than a model.");
        }
        ModelType? byArchitecture = ModelType.All.FirstOrDefault(t => architectures.Contains(t.Architecture));
        if (architectures.Count > 0 && byArchitecture is null) throw json.Refused("architectures", Names(t => $"[\"{t.Architecture}\"]"));
        ModelType type = modelType is null ? byArchitecture! : ModelType.All.FirstOrDefault(t => t.Name == modelType) ?? throw json.Refused("model_type", Names(t => $"\"{t.Name}\""));
        if (architectures.Count > 0 && !architectures.Contains(type.Architecture)) throw json.Wrong("architectures", $"[\"{type.Architecture}\"], since model_type is \"{type}\"");
        return type;

        static string Names(Func<ModelType, string> name) => string.Join(", ", ModelType.All.Select(name));
    }

    private static void RequireNothingElse(JsonFile json, ModelType type)
    {
        foreach ((string field, Func<JsonElement, bool> isHarmless, string only) in Unsupported)
        {
            if (json.TryGet(field, out JsonElement value) && !isHarmless(value)) throw json.Refused(field, only);
        }
        foreach (JsonProperty field in json.Fields)
        {
            bool isOfExperts = field.Name.Contains("expert", StringComparison.OrdinalIgnoreCase) || field.Name.StartsWith("moe_", StringComparison.Ordinal);
            if (isOfExperts && !IsNothing(field.Value) && !IsOne(field.Value)) throw json.Refused(field.Name, "models without experts");
        }
        // transformers gives Mistral no biases whatever the config says, and Qwen2 those of q, k and v.
        if (type == ModelType.Mistral && json.Flag("attention_bias") is true) throw json.Refused("attention_bias", "false for mistral");
        if (type != ModelType.Llama && json.Flag("mlp_bias") is true) throw json.Refused("mlp_bias", $"false for {type}");
        if (json.Has("sliding_window") && (type != ModelType.Qwen2 || json.Flag("use_sliding_window") is true))
        {
            throw json.Refused("sliding_window", type == ModelType.Qwen2 ? "null, or any with \"use_sliding_window\": false," : "null");
        }
        foreach (string field in (string[])["quantization_config", "compression_config", "quantization"])
        {
            if (!json.TryGet(field, out JsonElement quantization) || IsNothing(quantization)) continue;
            string method = quantization.ValueKind == JsonValueKind.Object && quantization.TryGetProperty("quant_method", out JsonElement name) ? $"with \"quant_method\": {JsonFile.Show(name)}" : JsonFile.Show(quantization);
            throw new NotSupportedException($"{json.Path} has a {field} {method}; {SafetensorsWeights.OnlyUnquantized}");
        }
    }

    private static void RequireFullAttention(JsonFile json, int layers)
    {
        if (!json.TryGet("layer_types", out JsonElement types)) return;
        if (types.ValueKind != JsonValueKind.Array || types.GetArrayLength() != layers) throw json.Wrong("layer_types", $"a list of {layers} names, one for each of num_hidden_layers");
        if (types.EnumerateArray().Any(t => !IsText(t, "full_attention"))) throw json.Refused("layer_types", "\"full_attention\" in every layer");
    }

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

    private static bool IsNothing(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.False || IsZero(value) || IsEmpty(value);

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
