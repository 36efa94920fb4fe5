namespace YiSharp.Tensors.Kernels;

/// <summary>
/// 8-bit weights, value = scale · code, or with an offset, in groups of 16 or more inputs; codes are signed:
/// <code>
/// codes of a block   [16, 16 rows, 2] bytes: byte [i, row, t] is the code of input 2i + t
/// </code>
/// </summary>
/// <remarks>
/// Two products of full 8-bit numbers do not fit 16 bits: codes are widened, and pairs summed in 32 bits. Activations may then have
/// 16 bits at no cost: 32 products of at most 128 · 32767 fit.
/// </remarks>
internal sealed unsafe class AffineInt8(WeightFormat format, int rows, int columns, TensorMemory? memory, long offsetBytes)
    : PackedWeight(format, rows, columns, memory, offsetBytes)
{
    public override ActivationForm Activations => new(Bytes: 2, Form.HasOffsets ? BlockLength / ScalesPerBlock : 0);

    protected override void Multiply(in GroupView weights, in ActivationTile x, BlockRange blocks, float* y, int yColumns, InstructionSet set)
    {
        if (ScalesPerBlock == 1) Int8Products<Whole>.Multiply(in weights, in x, blocks, y, yColumns, set);
        else Int8Products<Halved>.Multiply(in weights, in x, blocks, y, yColumns, set);
    }

    protected override bool TryMultiplyRow(in GroupView weights, in ActivationTile x, float* y, InstructionSet set) => false;

    /// <summary>There are none: 16 bits hold large activations beside small ones.</summary>
    protected override void AddOutliers(in GroupView weights, in Activations x, float* y, int yColumns, InstructionSet set)
    {
    }

    protected override void PlaceCodes(ReadOnlySpan<byte> codes, int lane, byte* block)
    {
        for (int i = 0; i < BlockLength / 2; i++)
        {
            byte* pair = block + i * GroupRows * 2 + lane * 2;
            (pair[0], pair[1]) = (codes[2 * i], codes[2 * i + 1]);
        }
    }

    protected override void CodesOf(byte* block, int lane, Span<int> codes)
    {
        for (int i = 0; i < BlockLength; i++) codes[i] = (sbyte)block[i / 2 * GroupRows * 2 + lane * 2 + i % 2];
    }
}
