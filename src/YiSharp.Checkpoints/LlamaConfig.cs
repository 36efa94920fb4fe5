namespace YiSharp.Checkpoints;

/// <summary>What a Llama is made of: the fields of <c>config.json</c> that decide the computation, under Hugging Face's names.</summary>
public sealed record LlamaConfig
{
    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Number of key/value heads; divides <see cref="NumAttentionHeads"/>.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Width of a head; not always hidden_size / num_attention_heads.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Number of entries of the embedding table.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Longest sequence the model was trained for, tokens.</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Epsilon of every RMS norm.</summary>
    public required float RmsNormEps { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Whether the language-model head is the embedding table.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Begin-of-sequence id, or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Ids that end a text according to config.json; empty when it names none.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Padding id, or null.</summary>
    public int? PadTokenId { get; init; }
}
