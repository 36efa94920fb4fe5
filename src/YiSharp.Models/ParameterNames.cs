using System.Globalization;
using YiSharp.Checkpoints;

namespace YiSharp.Models;

/// <summary>A parameter of a model: its Hugging Face name, its shape, and where the shape comes from.</summary>
/// <param name="Name">Such as <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="Rows">Outputs; 1 for a vector.</param>
/// <param name="Columns">Inputs, or the length of a vector.</param>
/// <param name="Origin">The fields of config.json that imply the shape.</param>
public readonly record struct ParameterShape(string Name, int Rows, int Columns, string Origin);

/// <summary>What parameters a Llama has.</summary>
public static class ParameterNames
{
    /// <summary>The table of token embeddings.</summary>
    public const string EmbedTokens = "model.embed_tokens.weight";

    /// <summary>Gain of the final norm.</summary>
    public const string Norm = "model.norm.weight";

    /// <summary>The language-model head of a model whose head is not the embedding table.</summary>
    public const string LmHead = "lm_head.weight";

    /// <summary>What PEFT puts before the name of an adapted module.</summary>
    public const string AdapterPrefix = "base_model.model.";

    /// <summary>Prefix of a layer's parameters, without the dot.</summary>
    public static string Layer(int layer) => string.Create(CultureInfo.InvariantCulture, $"model.layers.{layer}");

    /// <summary>PEFT's name of an adapter's first factor, [rank, inputs], for a module such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public static string LoraA(string module) => $"{AdapterPrefix}{module}.lora_A.weight";

    /// <summary>PEFT's name of an adapter's second factor, [outputs, rank].</summary>
    public static string LoraB(string module) => $"{AdapterPrefix}{module}.lora_B.weight";

    /// <summary>Every parameter of a model, in the order of its computation.</summary>
    public static IEnumerable<ParameterShape> Of(LlamaConfig config)
    {
        string hidden = Field("hidden_size", config.HiddenSize), mlp = Field("intermediate_size", config.IntermediateSize);
        string queries = Heads("num_attention_heads", config.NumAttentionHeads, config.HeadDim), keys = Heads("num_key_value_heads", config.NumKeyValueHeads, config.HeadDim);
        int queryColumns = checked(config.NumAttentionHeads * config.HeadDim), kvColumns = checked(config.NumKeyValueHeads * config.HeadDim);

        yield return new(EmbedTokens, config.VocabSize, config.HiddenSize, Field("vocab_size", config.VocabSize) + ", " + hidden);
        for (int layer = 0; layer < config.NumHiddenLayers; layer++)
        {
            string prefix = Layer(layer);
            yield return new($"{prefix}.input_layernorm.weight", 1, config.HiddenSize, hidden);
            yield return new($"{prefix}.self_attn.q_proj.weight", queryColumns, config.HiddenSize, queries + ", " + hidden);
            yield return new($"{prefix}.self_attn.k_proj.weight", kvColumns, config.HiddenSize, keys + ", " + hidden);
            yield return new($"{prefix}.self_attn.v_proj.weight", kvColumns, config.HiddenSize, keys + ", " + hidden);
            yield return new($"{prefix}.self_attn.o_proj.weight", config.HiddenSize, queryColumns, hidden + ", " + queries);
            yield return new($"{prefix}.post_attention_layernorm.weight", 1, config.HiddenSize, hidden);
            yield return new($"{prefix}.mlp.gate_proj.weight", config.IntermediateSize, config.HiddenSize, mlp + ", " + hidden);
            yield return new($"{prefix}.mlp.up_proj.weight", config.IntermediateSize, config.HiddenSize, mlp + ", " + hidden);
            yield return new($"{prefix}.mlp.down_proj.weight", config.HiddenSize, config.IntermediateSize, hidden + ", " + mlp);
        }
        yield return new(Norm, 1, config.HiddenSize, hidden);
        if (!config.TieWordEmbeddings) yield return new(LmHead, config.VocabSize, config.HiddenSize, Field("vocab_size", config.VocabSize) + ", " + hidden);
    }

    private static string Field(string name, int value) => string.Create(CultureInfo.InvariantCulture, $"{name} {value}");

    private static string Heads(string name, int count, int headDim) => string.Create(CultureInfo.InvariantCulture, $"{name} {count} × head_dim {headDim}");
}
