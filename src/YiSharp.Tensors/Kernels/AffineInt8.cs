using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using YiSharp.Tensors.Blocks;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// 8-bit weights, weight = scale · code in blocks of 32 inputs, 16 rows interleaved:
/// <code>
/// codes   [groups, blocks, 16, 16 rows, 2] bytes: byte [.., i, row, t] is the code of input 2i + t
/// scales  [groups, blocks, 16 rows] halves
/// </code>
/// </summary>
/// <remarks>
/// Two products of full 8-bit numbers do not fit 16 bits: codes are widened, and pairs summed in 32 bits (vpmaddwd). Activations may then have
/// 16 bits at no cost: 32 products of at most 128 · 32767 fit.
/// </remarks>
internal sealed unsafe class AffineInt8 : PackedWeight
{
    private const int BlockCodeBytes = GroupRows * BlockLength;
    private const int BlockScaleBytes = GroupRows * sizeof(ushort);
    private const int Pairs = BlockLength / 2;
    private const int PairBytes = GroupRows * 2;

    /// <summary>Q8_0; see <see cref="PackedWeight.Over"/>.</summary>
    public AffineInt8(int rows, int columns, TensorMemory? memory, long offsetBytes)
        : base(rows, columns, BlockCodeBytes + BlockScaleBytes, memory, offsetBytes)
    {
    }

    protected override ActivationForm Form => ActivationForm.Words;

    private byte* GroupCodes(int group) => GroupPointer(group);

    private byte* GroupScales(int group) => GroupCodes(group) + (long)BlockCount * BlockCodeBytes;

    protected override void Pack(WeightData data, int group)
    {
        for (int lane = 0; lane < GroupRows; lane++)
        {
            int row = group * GroupRows + lane;
            byte* codes = GroupCodes(group) + lane * 2;
            byte* scales = GroupScales(group) + lane * sizeof(ushort);
            fixed (byte* stored = row < Rows ? data.Row(row) : default)
            {
                byte* from = stored;
                for (int block = 0; block < BlockCount; block++, codes += BlockCodeBytes, scales += BlockScaleBytes)
                {
                    *(ushort*)scales = from == null ? (ushort)0 : *(ushort*)from;
                    for (int i = 0; i < Pairs; i++) *(ushort*)(codes + i * PairBytes) = from == null ? (ushort)0 : *(ushort*)(from + sizeof(ushort) + 2 * i);
                    if (from != null) from += sizeof(ushort) + BlockLength;
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void DequantizeRow(int row, Span<float> values)
    {
        int lane = row % GroupRows;
        byte* codes = GroupCodes(row / GroupRows) + lane * 2;
        byte* scales = GroupScales(row / GroupRows) + lane * sizeof(ushort);
        for (int block = 0; block < BlockCount; block++, codes += BlockCodeBytes, scales += BlockScaleBytes)
        {
            float scale = Float16.ToSingle(*(ushort*)scales);
            Span<float> to = values.Slice(block * BlockLength, BlockLength);
            for (int i = 0; i < BlockLength; i++) to[i] = (sbyte)codes[i / 2 * PairBytes + i % 2] * scale;
        }
    }

    protected override void Group(in Activations x, int group, int firstRow, int rowCount, float* y, int yColumns, InstructionSet set)
    {
        byte* codes = GroupCodes(group), scales = GroupScales(group);
        int row = 0;
        if (set == InstructionSet.Avx512)
        {
            for (; row <= rowCount - 4; row += 4)
            {
                int at = firstRow + row;
                Tile4(codes, scales, BlockCount, (int*)x.Codes(at), (int*)x.Codes(at + 1), (int*)x.Codes(at + 2), (int*)x.Codes(at + 3), x.Scales(at), x.RowStride, y + (long)row * yColumns, yColumns);
            }
        }
        for (; row < rowCount; row++)
        {
            int at = firstRow + row;
            float* to = y + (long)row * yColumns;
            if (set == InstructionSet.Avx512) Wide(codes, scales, BlockCount, (int*)x.Codes(at), x.Scales(at), to);
            else if (set == InstructionSet.Avx2) Narrow(codes, scales, BlockCount, (int*)x.Codes(at), x.Scales(at), to);
            else Plain(codes, scales, BlockCount, (short*)x.Codes(at), x.Scales(at), to);
        }
    }

    private static void Wide(byte* codes, byte* scales, int blockCount, int* x, float* xScales, float* y)
    {
        Vector512<float> sum = default;
        for (int block = 0; block < blockCount; block++, codes += BlockCodeBytes, scales += BlockScaleBytes, x += Pairs)
        {
            Vector512<int> even = default, odd = default;
            for (int i = 0; i < Pairs; i += 4)
            {
                even += Product(Weights(codes + i * PairBytes), x[i]);
                odd += Product(Weights(codes + (i + 1) * PairBytes), x[i + 1]);
                even += Product(Weights(codes + (i + 2) * PairBytes), x[i + 2]);
                odd += Product(Weights(codes + (i + 3) * PairBytes), x[i + 3]);
            }
            sum += Vector512.ConvertToSingle(even + odd) * (Float16.ToSingle(Vector256.Load((ushort*)scales)) * xScales[block]);
        }
        sum.Store(y);
    }

    private static void Tile4(byte* codes, byte* scales, int blockCount, int* x0, int* x1, int* x2, int* x3, float* xScales, int xStride, float* y, int yColumns)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint block = 0; block < blockCount; block++, codes += BlockCodeBytes, scales += BlockScaleBytes)
        {
            Vector512<int> d0 = default, d1 = default, d2 = default, d3 = default;
            for (nint i = 0; i < Pairs; i += 2)
            {
                Vector512<short> w = Weights(codes + i * PairBytes), v = Weights(codes + (i + 1) * PairBytes);
                nint at = block * Pairs + i;
                d0 += Product(w, x0[at]);
                d1 += Product(w, x1[at]);
                d2 += Product(w, x2[at]);
                d3 += Product(w, x3[at]);
                d0 += Product(v, x0[at + 1]);
                d1 += Product(v, x1[at + 1]);
                d2 += Product(v, x2[at + 1]);
                d3 += Product(v, x3[at + 1]);
            }
            Vector512<float> scale = Float16.ToSingle(Vector256.Load((ushort*)scales));
            float* b0 = xScales + block, b1 = b0 + xStride, b2 = b1 + xStride, b3 = b2 + xStride;
            s0 += Vector512.ConvertToSingle(d0) * (scale * *b0);
            s1 += Vector512.ConvertToSingle(d1) * (scale * *b1);
            s2 += Vector512.ConvertToSingle(d2) * (scale * *b2);
            s3 += Vector512.ConvertToSingle(d3) * (scale * *b3);
        }
        s0.Store(y);
        s1.Store(y + yColumns);
        s2.Store(y + 2L * yColumns);
        s3.Store(y + 3L * yColumns);
    }

    /// <summary>Two inputs' codes of 16 rows in 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Weights(byte* codes) => Avx512BW.ConvertToVector512Int16(Vector256.Load((sbyte*)codes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Product(Vector512<short> weights, int pair) => Avx512BW.MultiplyAddAdjacent(weights, Vector512.Create(pair).AsInt16());

    /// <summary>The same in two halves of 8 rows.</summary>
    private static void Narrow(byte* codes, byte* scales, int blockCount, int* x, float* xScales, float* y)
    {
        Vector256<float> lower = default, upper = default;
        for (int block = 0; block < blockCount; block++, codes += BlockCodeBytes, scales += BlockScaleBytes, x += Pairs)
        {
            Vector256<int> dotLower = default, dotUpper = default;
            for (int i = 0; i < Pairs; i++)
            {
                Vector256<short> pair = Vector256.Create(x[i]).AsInt16();
                dotLower += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load((sbyte*)codes + i * PairBytes)), pair);
                dotUpper += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load((sbyte*)codes + i * PairBytes + 16)), pair);
            }
            lower += Vector256.ConvertToSingle(dotLower) * (Float16.ToSingle(Vector128.Load((ushort*)scales)) * xScales[block]);
            upper += Vector256.ConvertToSingle(dotUpper) * (Float16.ToSingle(Vector128.Load((ushort*)scales + 8)) * xScales[block]);
        }
        lower.Store(y);
        upper.Store(y + 8);
    }

    /// <summary>The same row by row.</summary>
    private static void Plain(byte* codes, byte* scales, int blockCount, short* x, float* xScales, float* y)
    {
        for (int lane = 0; lane < GroupRows; lane++)
        {
            float sum = 0;
            for (int block = 0; block < blockCount; block++)
            {
                sbyte* from = (sbyte*)codes + (long)block * BlockCodeBytes + lane * 2;
                short* with = x + block * BlockLength;
                int dot = 0;
                for (int i = 0; i < Pairs; i++) dot += from[i * PairBytes] * with[2 * i] + from[i * PairBytes + 1] * with[2 * i + 1];
                sum += dot * (Float16.ToSingle(((ushort*)scales)[block * GroupRows + lane]) * xScales[block]);
            }
            y[lane] = sum;
        }
    }
}
