namespace YiSharp.Tensors;

/// <summary>
/// The operations of a Llama's forward pass. Every operation gives a new tensor, which the caller disposes of when done; nothing is
/// changed in place but by <see cref="Rotary"/>, whose inverse needs no memory of its input. A result does not depend on which
/// other rows are in the batch, nor on the number of threads.
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>Takes weights into this backend's layout, or refers to them where they lie.</summary>
    Weight Load(WeightData data);

    /// <summary>An empty cache for one sequence of a model with <paramref name="layerCount"/> layers.</summary>
    KvCache CreateKvCache(int layerCount, AttentionShape shape, int maxTokens);

    /// <summary>Rows of a table: [vocab, hidden] and ids [tokens] → [tokens, hidden].</summary>
    Tensor Embedding(Weight table, ReadOnlySpan<int> ids);

    /// <summary>Some rows of <paramref name="x"/>: [tokens, columns] and rows [n] → [n, columns].</summary>
    Tensor SelectRows(Tensor x, ReadOnlySpan<int> rows);

    /// <summary>y = x / sqrt(mean(x²) + epsilon) · gain in each row: [tokens, hidden] → [tokens, hidden].</summary>
    Tensor RmsNorm(Tensor x, Weight gain, float epsilon);

    /// <summary>y = x · weightᵀ: [tokens, inputs] and [outputs, inputs] → [tokens, outputs].</summary>
    Tensor Linear(Tensor x, Weight weight);

    /// <summary>The same with several weights that take the same input, in one go where a backend has one: <paramref name="results"/>[i] = x · weights[i]ᵀ.</summary>
    void LinearAll(Tensor x, ReadOnlySpan<Weight> weights, Span<Tensor> results)
    {
        for (int i = 0; i < weights.Length; i++) results[i] = Linear(x, weights[i]);
    }

    /// <summary>y = x + bias in each row: [tokens, columns] and [1, columns] → [tokens, columns].</summary>
    Tensor AddBias(Tensor x, Weight bias);

    /// <summary>
    /// Turns each head of each row in place by its position, with the frequencies for its sequence's <see cref="SequenceSlice.Length"/>:
    /// [tokens, heads · headDim].
    /// </summary>
    void Rotary(Tensor x, RotaryTable table, SequenceBatch batch);

    /// <summary>
    /// Causal attention with grouped-query heads (Ainslie et al. 2023, arXiv:2305.13245) over each sequence of the batch; keys and
    /// values of its rows are appended to its cache at [<see cref="KvCache.Length"/> …) of <paramref name="layer"/> first.
    /// </summary>
    /// <param name="q">Queries after rotation, [tokens, headCount · headDim].</param>
    /// <param name="k">Keys after rotation, [tokens, kvHeadCount · headDim].</param>
    /// <param name="v">Values, [tokens, kvHeadCount · headDim].</param>
    /// <param name="shape">Heads.</param>
    /// <param name="batch">Which rows belong together.</param>
    /// <param name="layer">Which layer's part of the caches.</param>
    /// <returns>[tokens, headCount · headDim].</returns>
    Tensor Attention(Tensor q, Tensor k, Tensor v, AttentionShape shape, SequenceBatch batch, int layer);

    /// <summary>y = gate · sigmoid(gate) · up, element by element (SwiGLU, Shazeer 2020, arXiv:2002.05202).</summary>
    Tensor SiluMultiply(Tensor gate, Tensor up);

    /// <summary>y = x + scale · addend, element by element.</summary>
    Tensor AddScaled(Tensor x, Tensor addend, float scale);

    /// <summary>Copies a tensor's elements out, [rows · columns].</summary>
    void Read(Tensor x, Span<float> destination);
}
