namespace YiSharp.Tensors.Kernels;

/// <summary>
/// Backward of causal attention y = softmax(scale · q kᵀ) v over one sequence and one key/value head with its query heads. Probabilities are
/// computed anew for a block of queries at a time, so that no [tokens, tokens] matrix is kept.
/// </summary>
internal static unsafe class AttentionBackward
{
    /// <summary>Queries whose probabilities are held at once.</summary>
    private const int BlockRows = 64;

    /// <summary>Floats of scratch for sequences of up to <paramref name="tokens"/>.</summary>
    public static int ScratchLength(int tokens, int headDim) =>
        checked((int)(2 * MatrixProduct.PackedLength(headDim, tokens) + 2L * BlockRows * tokens));

    /// <summary>
    /// dq, dk and dv of one key/value head, overwritten. All views [tokens, headDim] start at the sequence's first row and at the head:
    /// <paramref name="q"/>, <paramref name="dy"/> and <paramref name="dq"/> at the first of <paramref name="groupSize"/> query heads side by side.
    /// </summary>
    public static void KvHead(
        MatrixView q, MatrixView k, MatrixView v, MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv,
        int tokens, int headDim, int groupSize, float scale, float* scratch)
    {
        nint packedLength = MatrixProduct.PackedLength(headDim, tokens);
        PanelView keys = MatrixProduct.Pack(k.Transposed, headDim, tokens, scratch);
        PanelView values = MatrixProduct.Pack(v.Transposed, headDim, tokens, scratch + packedLength);
        float* probabilities = scratch + 2 * packedLength;
        float* slopes = probabilities + (nint)BlockRows * tokens;
        Clear(dk, tokens, headDim);
        Clear(dv, tokens, headDim);

        for (int head = 0; head < groupSize; head++)
        {
            MatrixView qHead = q.From(0, head * headDim), dyHead = dy.From(0, head * headDim), dqHead = dq.From(0, head * headDim);
            for (int first = 0; first < tokens; first += BlockRows)
            {
                int rows = Math.Min(BlockRows, tokens - first), visible = first + rows;
                MatrixView qBlock = qHead.From(first, 0), dyBlock = dyHead.From(first, 0);
                MatrixProduct.Multiply(qBlock, keys, probabilities, tokens, rows, visible, headDim, accumulate: false);
                MatrixProduct.Multiply(dyBlock, values, slopes, tokens, rows, visible, headDim, accumulate: false);
                for (int row = 0; row < rows; row++)
                {
                    Row(new Span<float>(probabilities + (nint)row * tokens, visible), new Span<float>(slopes + (nint)row * tokens, visible), first + row + 1, scale);
                }

                MatrixView p = MatrixView.RowMajor(probabilities, tokens), ds = MatrixView.RowMajor(slopes, tokens);
                MatrixProduct.Multiply(ds, Panels(k), dqHead.From(first, 0).Pointer, dq.RowStride, rows, headDim, visible, accumulate: false);
                MatrixProduct.Multiply(ds.Transposed, Panels(qBlock), dk.Pointer, dk.RowStride, visible, headDim, rows, accumulate: true);
                MatrixProduct.Multiply(p.Transposed, Panels(dyBlock), dv.Pointer, dv.RowStride, visible, headDim, rows, accumulate: true);
            }
        }
    }

    /// <summary>Scores become probabilities p, and their slopes dp become scale · p · (dp − Σ p dp); what may not be seen is 0.</summary>
    private static void Row(Span<float> scores, Span<float> slopes, int visible, float scale)
    {
        scores[visible..].Clear();
        slopes[visible..].Clear();
        scores = scores[..visible];
        Softmax.Forward(scores, scale);
        float mean = Elementwise.Dot(scores, slopes);
        Elementwise.SoftmaxBackward(scores, slopes, mean, scale);
    }

    private static PanelView Panels(MatrixView m) => new(m.Address, MatrixProduct.TileColumns, m.RowStride);

    private static void Clear(MatrixView m, int rows, int columns)
    {
        for (int row = 0; row < rows; row++) new Span<float>(m.Pointer + row * m.RowStride, columns).Clear();
    }
}
