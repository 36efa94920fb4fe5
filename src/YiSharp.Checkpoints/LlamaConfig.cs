using YiSharp.Tensors;

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

    /// <summary>Longest sequence that it can go on with, tokens: <see cref="MaxPositionEmbeddings"/>, and with dynamic rotary scaling that times the factor.</summary>
    public int ContextLength => RopeScaling is DynamicRopeScaling dynamic ? (int)Math.Min(dynamic.Factor * MaxPositionEmbeddings, int.MaxValue) : MaxPositionEmbeddings;

    /// <summary>Epsilon of every RMS norm.</summary>
    public required float RmsNormEps { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>How positions beyond the first training's are reached, or null.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Under which name it was published.</summary>
    /// <value>Default: llama.</value>
    public ModelType ModelType { get; init; } = ModelType.Llama;

    /// <summary>Whether q_proj, k_proj and v_proj have biases.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Whether o_proj has a bias.</summary>
    public bool OBias { get; init; }

    /// <summary>Whether gate_proj, up_proj and down_proj have biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the language-model head is the embedding table.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Begin-of-sequence id, or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Ids that end a text according to config.json; empty when it names none.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Padding id, or null.</summary>
    public int? PadTokenId { get; init; }
}
