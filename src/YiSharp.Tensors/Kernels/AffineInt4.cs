using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// 4-bit weights, value = scale · code + offset, in groups of 16 or more inputs:
/// <code>
/// codes of a block   [4, 16 rows, 4] bytes: byte [i, row, t] holds the code of input 4i + t in its low nibble, of 16 + 4i + t in its high
/// </code>
/// </summary>
/// <remarks>
/// Products of codes up to 15 and activations up to ±127 are at most 1905: two make a pair, and the eight pairs of a block, at most 30480,
/// are summed in 16 bits before they are widened.
/// </remarks>
internal sealed unsafe class AffineInt4(WeightFormat format, int rows, int columns, TensorMemory? memory, long offsetBytes)
    : PackedWeight(format, rows, columns, memory, offsetBytes)
{
    public override ActivationForm Activations => new(Bytes: 1, BlockLength / ScalesPerBlock);

    protected override void Multiply(in GroupView weights, in ActivationTile x, BlockRange blocks, float* y, int yColumns, InstructionSet set)
    {
        if (ScalesPerBlock == 1) Int4Products<Whole>.Multiply(in weights, in x, blocks, y, yColumns, set);
        else Int4Products<Halved>.Multiply(in weights, in x, blocks, y, yColumns, set);
    }

    protected override bool TryMultiplyRow(in GroupView weights, in ActivationTile x, float* y, InstructionSet set)
    {
        if (!Int4Row.Takes(Form)) return false;
        Int4Row.Multiply(Form, in weights, in x, y, set);
        return true;
    }

    protected override void AddOutliers(in GroupView weights, in Activations x, float* y, int yColumns, InstructionSet set) => Int4Outliers.Add(Form, in weights, in x, y, yColumns, set);

    /// <summary>The codes of one input in the rows from a lane on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TFloats Code<TLanes, TBits, TFloats>(byte* groupCodes, uint column, int lane)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        const uint Half = BlockLength / 2, LaneInputs = sizeof(int), BlockCodeBytes = GroupRows * BlockLength / 2;
        uint input = column % BlockLength;
        TBits codes = TLanes.Load(groupCodes + column / BlockLength * BlockCodeBytes + input % Half / LaneInputs * LaneInputs * GroupRows + lane * sizeof(int));
        return TLanes.ToFloats(TLanes.Nibble(codes, (int)(input % LaneInputs * 8 + input / Half * 4)));
    }

    protected override void PlaceCodes(ReadOnlySpan<byte> codes, int lane, byte* block)
    {
        Vector128<byte> pairs = Vector128.Create(codes[..16]) | (Vector128.Create(codes[16..]) << 4);
        for (int i = 0; i < 4; i++) *(int*)(block + i * GroupRows * sizeof(int) + lane * sizeof(int)) = pairs.AsInt32()[i];
    }

    protected override void CodesOf(byte* block, int lane, Span<int> codes)
    {
        for (int i = 0; i < 16; i++)
        {
            int pair = block[i / 4 * GroupRows * 4 + lane * 4 + i % 4];
            (codes[i], codes[16 + i]) = (pair & 15, pair >> 4);
        }
    }
}
