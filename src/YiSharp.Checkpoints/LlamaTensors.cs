using System.Globalization;

namespace YiSharp.Checkpoints;

/// <summary>A tensor that a Llama must have.</summary>
/// <param name="Name">Hugging Face's name.</param>
/// <param name="Rows">Outputs of a linear, entries of a table; 1 for a vector.</param>
/// <param name="Columns">Inputs of a linear; the length of a vector.</param>
/// <param name="IsVector">Whether files store it with one dimension.</param>
/// <param name="Because">How the shape follows from the config, for messages.</param>
public readonly record struct LlamaTensor(string Name, int Rows, int Columns, bool IsVector, string Because)
{
    /// <summary>The shape as files write it, slowest dimension first.</summary>
    public string Shape => $"[{string.Join(", ", Dimensions)}]";

    /// <summary>Lengths as files write them, slowest dimension first.</summary>
    public IReadOnlyList<long> Dimensions => IsVector ? [Columns] : [Rows, Columns];

    /// <summary>The module that it belongs to, such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public string Module => Name[..Name.LastIndexOf('.')];
}

/// <summary>Names and shapes of a Llama's tensors, and their names in GGUF files.</summary>
public static class LlamaTensors
{
    /// <summary>Hugging Face's name of the token embeddings.</summary>
    public const string EmbedTokens = "model.embed_tokens.weight";

    /// <summary>Hugging Face's name of the final norm.</summary>
    public const string Norm = "model.norm.weight";

    /// <summary>Hugging Face's name of the language-model head.</summary>
    public const string LmHead = "lm_head.weight";

    private const string LayerPrefix = "model.layers.";
    private const string WeightSuffix = ".weight";
    private const string BiasSuffix = ".bias";

    /// <summary>Parts of a layer: Hugging Face's name, GGUF's name.</summary>
    private static readonly (string HuggingFace, string Gguf)[] LayerParts =
    [
        ("input_layernorm", "attn_norm"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"),
        ("post_attention_layernorm", "ffn_norm"),
        ("mlp.gate_proj", "ffn_gate"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
    ];

    private static readonly Dictionary<string, string> GgufLayerPart = LayerParts.ToDictionary(p => p.HuggingFace, p => p.Gguf, StringComparer.Ordinal);
    private static readonly Dictionary<string, string> HuggingFaceLayerPart = LayerParts.ToDictionary(p => p.Gguf, p => p.HuggingFace, StringComparer.Ordinal);

    /// <summary>Prefix of a layer's tensors, without the dot.</summary>
    public static string Layer(int layer) => $"{LayerPrefix}{layer}";

    /// <summary>Every tensor that <paramref name="config"/> implies, in the order of the computation.</summary>
    public static IEnumerable<LlamaTensor> Of(LlamaConfig config)
    {
        int hidden = config.HiddenSize;
        int mlp = config.IntermediateSize;
        int queries = checked(config.NumAttentionHeads * config.HeadDim);
        int keys = checked(config.NumKeyValueHeads * config.HeadDim);
        string hiddenText = $"hidden_size {hidden}";
        string queryText = $"num_attention_heads {config.NumAttentionHeads} × head_dim {config.HeadDim}";
        string keyText = $"num_key_value_heads {config.NumKeyValueHeads} × head_dim {config.HeadDim}";
        string mlpText = $"intermediate_size {mlp}";

        yield return new(EmbedTokens, config.VocabSize, hidden, false, $"vocab_size {config.VocabSize}, {hiddenText}");
        for (int layer = 0; layer < config.NumHiddenLayers; layer++)
        {
            string prefix = Layer(layer) + ".";
            yield return new($"{prefix}input_layernorm.weight", 1, hidden, true, hiddenText);
            foreach (LlamaTensor tensor in Linear($"{prefix}self_attn.q_proj", queries, queryText, hidden, hiddenText, config.QkvBias)) yield return tensor;
            foreach (LlamaTensor tensor in Linear($"{prefix}self_attn.k_proj", keys, keyText, hidden, hiddenText, config.QkvBias)) yield return tensor;
            foreach (LlamaTensor tensor in Linear($"{prefix}self_attn.v_proj", keys, keyText, hidden, hiddenText, config.QkvBias)) yield return tensor;
            foreach (LlamaTensor tensor in Linear($"{prefix}self_attn.o_proj", hidden, hiddenText, queries, queryText, config.OBias)) yield return tensor;
            yield return new($"{prefix}post_attention_layernorm.weight", 1, hidden, true, hiddenText);
            foreach (LlamaTensor tensor in Linear($"{prefix}mlp.gate_proj", mlp, mlpText, hidden, hiddenText, config.MlpBias)) yield return tensor;
            foreach (LlamaTensor tensor in Linear($"{prefix}mlp.up_proj", mlp, mlpText, hidden, hiddenText, config.MlpBias)) yield return tensor;
            foreach (LlamaTensor tensor in Linear($"{prefix}mlp.down_proj", hidden, hiddenText, mlp, mlpText, config.MlpBias)) yield return tensor;
        }
        yield return new(Norm, 1, hidden, true, hiddenText);
        if (!config.TieWordEmbeddings) yield return new(LmHead, config.VocabSize, hidden, false, $"vocab_size {config.VocabSize}, {hiddenText}");
    }

    /// <summary>Whether files store this tensor with one dimension.</summary>
    public static bool IsVector(string name) => name.EndsWith("norm.weight", StringComparison.Ordinal) || name.EndsWith(BiasSuffix, StringComparison.Ordinal);

    /// <summary>The weight's name of a module such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public static string WeightOf(string module) => module + WeightSuffix;

    /// <summary>The bias's name of a module.</summary>
    public static string BiasOf(string module) => module + BiasSuffix;

    /// <summary>Heads whose elements GGUF stores in another order (<see cref="StoredRows"/>), where the tensor is of q_proj or k_proj; otherwise null.</summary>
    internal static int? PermutedHeads(LlamaConfig config, LlamaTensor tensor) =>
        !config.ModelType.PermutesQueriesAndKeys ? null
        : tensor.Module.EndsWith(".q_proj", StringComparison.Ordinal) ? config.NumAttentionHeads
        : tensor.Module.EndsWith(".k_proj", StringComparison.Ordinal) ? config.NumKeyValueHeads
        : null;

    private static IEnumerable<LlamaTensor> Linear(string module, int outputs, string outputText, int inputs, string inputText, bool hasBias)
    {
        yield return new(WeightOf(module), outputs, inputs, false, $"{outputText}, {inputText}");
        if (hasBias) yield return new(BiasOf(module), 1, outputs, true, outputText);
    }

    /// <summary>A tensor's name in a GGUF file.</summary>
    /// <exception cref="ArgumentException">A Llama has no such tensor.</exception>
    public static string ToGguf(string name) => name switch
    {
        EmbedTokens => "token_embd.weight",
        Norm => "output_norm.weight",
        LmHead => "output.weight",
        _ => TryLayer(name, LayerPrefix, out string layer, out string part, out string suffix) && GgufLayerPart.TryGetValue(part, out string? gguf)
            ? $"blk.{layer}.{gguf}{suffix}"
            : throw new ArgumentException($"{name} is no tensor of a Llama; it has no name in GGUF."),
    };

    /// <summary>Hugging Face's name of a GGUF tensor, or null when a Llama has no such tensor.</summary>
    public static string? FromGguf(string name) => name switch
    {
        "token_embd.weight" => EmbedTokens,
        "output_norm.weight" => Norm,
        "output.weight" => LmHead,
        _ => TryLayer(name, "blk.", out string layer, out string part, out string suffix) && HuggingFaceLayerPart.TryGetValue(part, out string? huggingFace)
            ? $"{LayerPrefix}{layer}.{huggingFace}{suffix}"
            : null,
    };

    /// <summary>
    /// Where GGUF stores each row of q_proj or k_proj: it puts element i of a head beside element i + headDim / 2, since llama.cpp
    /// rotates neighbours (convert_hf_to_gguf.py, <c>permute</c>).
    /// </summary>
    /// <returns>For each of Hugging Face's rows its place, [headCount · headDim].</returns>
    internal static int[] StoredRows(int headCount, int headDim)
    {
        var stored = new int[headCount * headDim];
        for (int row = 0; row < stored.Length; row++)
        {
            int element = row % headDim;
            int half = element / (headDim / 2);
            stored[row] = row - element + 2 * (element - half * (headDim / 2)) + half;
        }
        return stored;
    }

    private static bool TryLayer(string name, string prefix, out string layer, out string part, out string suffix)
    {
        suffix = name.EndsWith(BiasSuffix, StringComparison.Ordinal) ? BiasSuffix : WeightSuffix;
        (layer, part) = ("", "");
        if (!name.StartsWith(prefix, StringComparison.Ordinal) || !name.EndsWith(suffix, StringComparison.Ordinal)) return false;
        int end = name.IndexOf('.', prefix.Length);
        if (end < 0 || end >= name.Length - suffix.Length) return false;
        layer = name[prefix.Length..end];
        part = name[(end + 1)..^suffix.Length];
        return int.TryParse(layer, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number.ToString(CultureInfo.InvariantCulture) == layer;
    }
}
