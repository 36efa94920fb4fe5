using System.Globalization;
using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>The numbers in config.json or GGUF metadata that describe a model of any architecture; null where the file does not say.</summary>
public sealed record ModelShape
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>What the model is called: the class in <c>architectures</c>, <c>model_type</c>, or <c>general.architecture</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public long? NumHiddenLayers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public long? HiddenSize { get; init; }

    /// <summary>Number of query heads.</summary>
    public long? NumAttentionHeads { get; init; }

    /// <summary>Number of key/value heads.</summary>
    public long? NumKeyValueHeads { get; init; }

    /// <summary>Width of a head.</summary>
    public long? HeadDim { get; init; }

    /// <summary>Width of the MLP.</summary>
    public long? IntermediateSize { get; init; }

    /// <summary>Number of entries of the embedding table.</summary>
    public long? VocabSize { get; init; }

    /// <summary>Longest sequence the model was trained for, tokens.</summary>
    public long? MaxPositionEmbeddings { get; init; }

    /// <summary>Number of experts of an MLP; null where it has none.</summary>
    public long? NumExperts { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public double? RopeTheta { get; init; }

    /// <summary>How positions are scaled, such as <c>yarn ×4</c>; null where they are not.</summary>
    public string? RopeScaling { get; init; }

    /// <summary>Whether the language-model head is the embedding table.</summary>
    public bool? TieWordEmbeddings { get; init; }

    /// <summary>Reads <c>config.json</c> and judges nothing; the text model's part of one that sees or hears too.</summary>
    internal static ModelShape OfConfig(JsonFile config)
    {
        JsonFile text = !config.Has("hidden_size") && IsObject(config, "text_config") ? config.Object("text_config")! : config;
        JsonFile? parameters = IsObject(text, "rope_parameters") ? text.Object("rope_parameters") : null;
        JsonFile? scaling = IsObject(text, "rope_scaling") ? text.Object("rope_scaling") : parameters;
        long? hidden = Whole(text, "hidden_size"), heads = Whole(text, "num_attention_heads");
        return new ModelShape
        {
            Architecture = First(config, "architectures") ?? String(config, "model_type"),
            NumHiddenLayers = Whole(text, "num_hidden_layers"),
            HiddenSize = hidden,
            NumAttentionHeads = heads,
            NumKeyValueHeads = Whole(text, "num_key_value_heads") ?? heads,
            HeadDim = Whole(text, "head_dim") ?? Quotient(hidden, heads),
            IntermediateSize = Whole(text, "intermediate_size"),
            VocabSize = Whole(text, "vocab_size"),
            MaxPositionEmbeddings = Whole(text, "max_position_embeddings"),
            NumExperts = Whole(text, "num_local_experts") ?? Whole(text, "num_experts") ?? Whole(text, "n_routed_experts"),
            RopeTheta = Real(text, "rope_theta") ?? (parameters is null ? null : Real(parameters, "rope_theta")),
            RopeScaling = scaling is null ? null : Scaling(String(scaling, "rope_type") ?? String(scaling, "type"), Real(scaling, "factor")),
            TieWordEmbeddings = config.TryGet("tie_word_embeddings", out JsonElement tied) && tied.ValueKind is JsonValueKind.True or JsonValueKind.False ? tied.ValueKind == JsonValueKind.True : null,
        };
    }

    /// <summary>Reads the metadata of a GGUF file and judges nothing.</summary>
    internal static ModelShape OfGguf(GgufFile file)
    {
        string? architecture = file.Metadata.GetValueOrDefault("general.architecture") as string;
        long? Whole(string key) => Number(file.Metadata.GetValueOrDefault($"{architecture}.{key}")) is double number and > 0 and < 1e18 ? (long)number : null;
        long? hidden = Whole("embedding_length"), heads = Whole("attention.head_count");
        return new ModelShape
        {
            Architecture = architecture,
            NumHiddenLayers = Whole("block_count"),
            HiddenSize = hidden,
            NumAttentionHeads = heads,
            NumKeyValueHeads = Whole("attention.head_count_kv") ?? heads,
            HeadDim = Whole("attention.key_length") ?? Quotient(hidden, heads),
            IntermediateSize = Whole("feed_forward_length"),
            VocabSize = file.Tensors.FirstOrDefault(t => t.Name == "token_embd.weight")?.Dimensions[^1] ?? Whole("vocab_size") ?? (file.Metadata.GetValueOrDefault("tokenizer.ggml.tokens") as string[])?.Length,
            MaxPositionEmbeddings = Whole("context_length"),
            NumExperts = Whole("expert_count"),
            RopeTheta = Number(file.Metadata.GetValueOrDefault($"{architecture}.rope.freq_base")),
            RopeScaling = Scaling(file.Metadata.GetValueOrDefault($"{architecture}.rope.scaling.type") as string, Number(file.Metadata.GetValueOrDefault($"{architecture}.rope.scaling.factor"))),
            TieWordEmbeddings = file.Tensors.Count > 0 ? file.Tensors.All(t => t.Name != "output.weight") : null,
        };
    }

    private static string? Scaling(string? type, double? factor) =>
        type is null or "default" or "none" ? null : string.Create(Invariant, $"{JsonFile.Shorten(type)}{(factor is null ? "" : $" ×{factor:0.###}")}");

    private static long? Quotient(long? hidden, long? heads) => heads > 0 && hidden % heads == 0 ? hidden / heads : null;

    private static bool IsObject(JsonFile json, string field) => json.TryGet(field, out JsonElement value) && value.ValueKind == JsonValueKind.Object;

    private static long? Whole(JsonFile json, string field) => json.TryGet(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number > 0 ? number : null;

    private static double? Real(JsonFile json, string field) => json.TryGet(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    private static string? String(JsonFile json, string field) => json.TryGet(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? First(JsonFile json, string field) =>
        json.TryGet(field, out JsonElement value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.String ? value[0].GetString() : null;

    private static double? Number(object? value) => value switch
    {
        float v when float.IsFinite(v) => v,
        double v when double.IsFinite(v) => v,
        float or double => null,
        _ => (double?)GgufMetadata.Whole(value),
    };
}
