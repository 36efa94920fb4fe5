namespace YiSharp.Checkpoints;

/// <summary>A published name of the Llama's computation: a row of the table below.</summary>
/// <param name="Name"><c>model_type</c> in config.json.</param>
/// <param name="Architecture">The class in <c>architectures</c>.</param>
/// <param name="Gguf"><c>general.architecture</c> in GGUF, and the prefix of its metadata.</param>
public sealed record ModelType(string Name, string Architecture, string Gguf)
{
    /// <summary>Yi, Llama, SmolLM2, TinyLlama; biases where the config asks for them.</summary>
    public static ModelType Llama { get; } = new("llama", "LlamaForCausalLM", "llama");

    /// <summary>Mistral without a sliding window; no biases.</summary>
    public static ModelType Mistral { get; } = new("mistral", "MistralForCausalLM", "llama");

    /// <summary>Qwen2, with biases on queries, keys and values.</summary>
    public static ModelType Qwen2 { get; } = new("qwen2", "Qwen2ForCausalLM", "qwen2");

    /// <summary>All rows.</summary>
    public static IReadOnlyList<ModelType> All { get; } = [Llama, Mistral, Qwen2];

    /// <summary>Whether GGUF stores the rows of q and k in llama.cpp's order (<see cref="LlamaTensors.StoredRows"/>).</summary>
    public bool PermutesQueriesAndKeys => Gguf == Llama.Gguf;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
