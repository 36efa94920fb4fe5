namespace YiSharp.Tensors;

/// <summary>Heads of an attention. Query head h reads key/value head h / (headCount / kvHeadCount).</summary>
/// <param name="HeadCount"><c>num_attention_heads</c>.</param>
/// <param name="KvHeadCount"><c>num_key_value_heads</c>; divides <paramref name="HeadCount"/>.</param>
/// <param name="HeadDim">Width of a head.</param>
public readonly record struct AttentionShape(int HeadCount, int KvHeadCount, int HeadDim)
{
    /// <summary>Width of the queries: all heads.</summary>
    public int QueryColumns => HeadCount * HeadDim;

    /// <summary>Width of the keys, and of the values.</summary>
    public int KvColumns => KvHeadCount * HeadDim;

    /// <summary>Softmax scale, 1 / √headDim.</summary>
    public float Scale => 1f / MathF.Sqrt(HeadDim);
}
