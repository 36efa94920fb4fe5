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
    public string Shape => IsVector ? $"[{Columns}]" : $"[{Rows}, {Columns}]";
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
            yield return new($"{prefix}self_attn.q_proj.weight", queries, hidden, false, $"{queryText}, {hiddenText}");
            yield return new($"{prefix}self_attn.k_proj.weight", keys, hidden, false, $"{keyText}, {hiddenText}");
            yield return new($"{prefix}self_attn.v_proj.weight", keys, hidden, false, $"{keyText}, {hiddenText}");
            yield return new($"{prefix}self_attn.o_proj.weight", hidden, queries, false, $"{hiddenText}, {queryText}");
            yield return new($"{prefix}post_attention_layernorm.weight", 1, hidden, true, hiddenText);
            yield return new($"{prefix}mlp.gate_proj.weight", mlp, hidden, false, $"{mlpText}, {hiddenText}");
            yield return new($"{prefix}mlp.up_proj.weight", mlp, hidden, false, $"{mlpText}, {hiddenText}");
            yield return new($"{prefix}mlp.down_proj.weight", hidden, mlp, false, $"{hiddenText}, {mlpText}");
        }
        yield return new(Norm, 1, hidden, true, hiddenText);
        if (!config.TieWordEmbeddings) yield return new(LmHead, config.VocabSize, hidden, false, $"vocab_size {config.VocabSize}, {hiddenText}");
    }

    /// <summary>Whether files store this tensor with one dimension.</summary>
    public static bool IsVector(string name) => name.EndsWith("norm.weight", StringComparison.Ordinal);

    /// <summary>A tensor's name in a GGUF file.</summary>
    /// <exception cref="ArgumentException">A Llama has no such tensor.</exception>
    public static string ToGguf(string name) => name switch
    {
        EmbedTokens => "token_embd.weight",
        Norm => "output_norm.weight",
        LmHead => "output.weight",
        _ => TryLayer(name, LayerPrefix, out string layer, out string part) && GgufLayerPart.TryGetValue(part, out string? gguf)
            ? $"blk.{layer}.{gguf}.weight"
            : throw new ArgumentException($"{name} is no tensor of a Llama; it has no name in GGUF."),
    };

    /// <summary>Hugging Face's name of a GGUF tensor, or null when a Llama has no such tensor.</summary>
    public static string? FromGguf(string name) => name switch
    {
        "token_embd.weight" => EmbedTokens,
        "output_norm.weight" => Norm,
        "output.weight" => LmHead,
        _ => TryLayer(name, "blk.", out string layer, out string part) && HuggingFaceLayerPart.TryGetValue(part, out string? huggingFace)
            ? $"{LayerPrefix}{layer}.{huggingFace}.weight"
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

    private static bool TryLayer(string name, string prefix, out string layer, out string part)
    {
        (layer, part) = ("", "");
        if (!name.StartsWith(prefix, StringComparison.Ordinal) || !name.EndsWith(".weight", StringComparison.Ordinal)) return false;
        int end = name.IndexOf('.', prefix.Length);
        if (end < 0 || end >= name.Length - ".weight".Length) return false;
        layer = name[prefix.Length..end];
        part = name[(end + 1)..^".weight".Length];
        return int.TryParse(layer, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number.ToString(CultureInfo.InvariantCulture) == layer;
    }
}
