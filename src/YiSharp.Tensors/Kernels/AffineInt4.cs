using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using YiSharp.Tensors.Blocks;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// 4-bit weights, weight = scale · code + offset in blocks of 32 inputs, 16 rows interleaved:
/// <code>
/// codes   [groups, blocks, 4, 16 rows, 4] bytes: byte [.., i, row, t] holds the code of input 4i + t in its low nibble, of 16 + 4i + t in its high
/// scales  [groups, blocks, 16 rows] halves; then as many offsets, when the format has them (otherwise the offset is −8 · scale)
/// </code>
/// </summary>
/// <remarks>
/// Products of codes up to 15 and activations up to ±127 are at most 1905: two make a pair (vpmaddubsw), and the eight pairs of a block,
/// at most 30480, are summed in 16 bits before they are widened.
/// </remarks>
internal sealed unsafe class AffineInt4 : PackedWeight
{
    private const int BlockCodeBytes = GroupRows * BlockLength / 2;

    private readonly bool _hasOffsets;
    private readonly int _blockScaleBytes;

    /// <summary>Q4_0 or Q4_1; see <see cref="PackedWeight.Over"/>.</summary>
    public AffineInt4(WeightFormat format, int rows, int columns, TensorMemory? memory, long offsetBytes)
        : base(rows, columns, BlockCodeBytes + ScaleBytes(format == WeightFormat.Q4_1), memory, offsetBytes)
    {
        _hasOffsets = format == WeightFormat.Q4_1;
        _blockScaleBytes = ScaleBytes(_hasOffsets);
    }

    private static int ScaleBytes(bool hasOffsets) => GroupRows * sizeof(ushort) * (hasOffsets ? 2 : 1);

    protected override ActivationForm Form => _hasOffsets ? ActivationForm.Bytes : ActivationForm.BytesCenteredAt8;

    private byte* GroupCodes(int group) => GroupPointer(group);

    private byte* GroupScales(int group) => GroupCodes(group) + (long)BlockCount * BlockCodeBytes;

    /// <summary>A file's block has 16 bytes of codes in just these pairs of nibbles: four at a time move to their row's place.</summary>
    protected override void Pack(WeightData data, int group)
    {
        int headBytes = _hasOffsets ? 4 : 2, blockBytes = headBytes + BlockLength / 2;
        for (int lane = 0; lane < GroupRows; lane++)
        {
            int row = group * GroupRows + lane;
            byte* codes = GroupCodes(group) + lane * sizeof(int);
            byte* scales = GroupScales(group) + lane * sizeof(ushort);
            fixed (byte* stored = row < Rows ? data.Row(row) : default)
            {
                byte* from = stored;
                for (int block = 0; block < BlockCount; block++, codes += BlockCodeBytes, scales += _blockScaleBytes)
                {
                    for (int i = 0; i < 4; i++) *(int*)(codes + i * GroupRows * sizeof(int)) = from == null ? 0 : *(int*)(from + headBytes + i * sizeof(int));
                    *(ushort*)scales = from == null ? (ushort)0 : *(ushort*)from;
                    if (_hasOffsets) *(ushort*)(scales + GroupRows * sizeof(ushort)) = from == null ? (ushort)0 : *(ushort*)(from + sizeof(ushort));
                    if (from != null) from += blockBytes;
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void DequantizeRow(int row, Span<float> values)
    {
        int lane = row % GroupRows;
        byte* codes = GroupCodes(row / GroupRows) + lane * sizeof(int);
        byte* scales = GroupScales(row / GroupRows) + lane * sizeof(ushort);
        Span<int> pairs = stackalloc int[4];
        for (int block = 0; block < BlockCount; block++, codes += BlockCodeBytes, scales += _blockScaleBytes)
        {
            float scale = Float16.ToSingle(*(ushort*)scales);
            float offset = _hasOffsets ? Float16.ToSingle(*(ushort*)(scales + GroupRows * sizeof(ushort))) : -8 * scale;
            for (int i = 0; i < 4; i++) pairs[i] = *(int*)(codes + i * GroupRows * sizeof(int));
            Vector128<byte> both = Vector128.Create((ReadOnlySpan<byte>)MemoryMarshal.AsBytes(pairs));
            Codes.Affine(both & Vector128.Create((byte)15), scale, offset, values.Slice(block * BlockLength, BlockLength / 2));
            Codes.Affine(both >>> 4, scale, offset, values.Slice(block * BlockLength + BlockLength / 2, BlockLength / 2));
        }
    }

    protected override void Group(in Activations x, int group, int firstRow, int rowCount, float* y, int yColumns, InstructionSet set)
    {
        byte* codes = GroupCodes(group), scales = GroupScales(group);
        int row = 0;
        if (set == InstructionSet.Avx512)
        {
            // Four rows share the unpacking of a block; more gain little and spill.
            for (; row <= rowCount - 4; row += 4)
            {
                int at = firstRow + row;
                Tile4(codes, scales, BlockCount, _hasOffsets, x.Codes(at), x.Codes(at + 1), x.Codes(at + 2), x.Codes(at + 3), x.Scales(at), x.Sums(at), x.RowStride, y + (long)row * yColumns, yColumns);
            }
        }
        for (; row < rowCount; row++)
        {
            int at = firstRow + row;
            Row(codes, scales, new Blocks(null, BlockCount), x.Codes(at), x.Scales(at), x.Sums(at), y + (long)row * yColumns, add: false, set);
        }
        for (row = 0; row < rowCount; row++)
        {
            int at = firstRow + row;
            int* fine = x.FineBlocks(at);
            if (fine[0] > 0) Row(codes, scales, new Blocks(fine + 1, fine[0]), x.FineCodes(at), x.FineScales(at), x.FineSums(at), y + (long)row * yColumns, add: true, set);
        }
    }

    private void Row(byte* codes, byte* scales, Blocks blocks, byte* x, float* xScales, float* xSums, float* y, bool add, InstructionSet set)
    {
        if (set == InstructionSet.Avx512) Wide(codes, scales, blocks, _hasOffsets, x, xScales, xSums, y, add);
        else if (set == InstructionSet.Avx2) Narrow(codes, scales, blocks, _hasOffsets, x, xScales, xSums, y, add);
        else Plain(codes, scales, blocks, _hasOffsets, x, xScales, xSums, y, add);
    }

    /// <summary>Some blocks of a row, or all of them where there is no list.</summary>
    private readonly struct Blocks(int* list, int count)
    {
        public int Count => count;

        public int this[int i]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => list == null ? i : list[i];
        }
    }

    /// <summary>y (+)= one row of x times 16 rows of weights, over some blocks.</summary>
    private static void Wide(byte* codes, byte* scales, Blocks blocks, bool hasOffsets, byte* x, float* xScales, float* xSums, float* y, bool add)
    {
        Vector512<float> sum = default;
        Vector512<byte> nibble = Vector512.Create((byte)15);
        nint scaleStride = hasOffsets ? 2 * GroupRows : GroupRows;
        for (int i = 0; i < blocks.Count; i++)
        {
            nint block = blocks[i];
            byte* from = codes + block * BlockCodeBytes;
            ushort* scaleOf = (ushort*)scales + block * scaleStride;
            Vector512<byte> p0 = Vector512.Load(from), p1 = Vector512.Load(from + 64), p2 = Vector512.Load(from + 128), p3 = Vector512.Load(from + 192);
            Vector512<int> dot = Dot(
                p0 & nibble, p1 & nibble, p2 & nibble, p3 & nibble,
                High(p0) & nibble, High(p1) & nibble, High(p2) & nibble, High(p3) & nibble, (int*)(x + block * BlockLength));
            Vector512<float> scale = Float16.ToSingle(Vector256.Load(scaleOf));
            if (hasOffsets)
            {
                sum += Vector512.ConvertToSingle(dot) * (scale * xScales[block]);
                sum += Float16.ToSingle(Vector256.Load(scaleOf + GroupRows)) * xSums[block];
            }
            else
            {
                sum += Vector512.ConvertToSingle(dot - Vector512.Create(((int*)xSums)[block])) * (scale * xScales[block]);
            }
        }
        if (add) sum += Vector512.Load(y);
        sum.Store(y);
    }

    private static void Tile4(byte* codes, byte* scales, int blockCount, bool hasOffsets, byte* x0, byte* x1, byte* x2, byte* x3, float* xScales, float* xSums, int xStride, float* y, int yColumns)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        Vector512<byte> nibble = Vector512.Create((byte)15);
        for (nint block = 0; block < blockCount; block++, codes += BlockCodeBytes)
        {
            Vector512<byte> p0 = Vector512.Load(codes), p1 = Vector512.Load(codes + 64), p2 = Vector512.Load(codes + 128), p3 = Vector512.Load(codes + 192);
            Vector512<byte> h0 = High(p0) & nibble, h1 = High(p1) & nibble, h2 = High(p2) & nibble, h3 = High(p3) & nibble;
            p0 &= nibble;
            p1 &= nibble;
            p2 &= nibble;
            p3 &= nibble;
            nint at = block * BlockLength;
            Vector512<int> d0 = Dot(p0, p1, p2, p3, h0, h1, h2, h3, (int*)(x0 + at)), d1 = Dot(p0, p1, p2, p3, h0, h1, h2, h3, (int*)(x1 + at));
            Vector512<int> d2 = Dot(p0, p1, p2, p3, h0, h1, h2, h3, (int*)(x2 + at)), d3 = Dot(p0, p1, p2, p3, h0, h1, h2, h3, (int*)(x3 + at));
            Vector512<float> scale = Float16.ToSingle(Vector256.Load((ushort*)scales));
            float* b0 = xScales + block, b1 = b0 + xStride, b2 = b1 + xStride, b3 = b2 + xStride;
            float* c0 = xSums + block, c1 = c0 + xStride, c2 = c1 + xStride, c3 = c2 + xStride;
            if (hasOffsets)
            {
                Vector512<float> offset = Float16.ToSingle(Vector256.Load((ushort*)scales + GroupRows));
                s0 += Vector512.ConvertToSingle(d0) * (scale * *b0);
                s1 += Vector512.ConvertToSingle(d1) * (scale * *b1);
                s2 += Vector512.ConvertToSingle(d2) * (scale * *b2);
                s3 += Vector512.ConvertToSingle(d3) * (scale * *b3);
                s0 += offset * *c0;
                s1 += offset * *c1;
                s2 += offset * *c2;
                s3 += offset * *c3;
                scales += 2 * GroupRows * sizeof(ushort);
            }
            else
            {
                s0 += Vector512.ConvertToSingle(d0 - Vector512.Create(*(int*)c0)) * (scale * *b0);
                s1 += Vector512.ConvertToSingle(d1 - Vector512.Create(*(int*)c1)) * (scale * *b1);
                s2 += Vector512.ConvertToSingle(d2 - Vector512.Create(*(int*)c2)) * (scale * *b2);
                s3 += Vector512.ConvertToSingle(d3 - Vector512.Create(*(int*)c3)) * (scale * *b3);
                scales += GroupRows * sizeof(ushort);
            }
        }
        s0.Store(y);
        s1.Store(y + yColumns);
        s2.Store(y + 2L * yColumns);
        s3.Store(y + 3L * yColumns);
    }

    /// <summary>The high nibbles, with bits of the next byte above them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> High(Vector512<byte> pairs) => (pairs.AsUInt16() >>> 4).AsByte();

    /// <summary>Σ over the 32 inputs of a block, 4 a vector, for 16 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Dot(
        Vector512<byte> w0, Vector512<byte> w1, Vector512<byte> w2, Vector512<byte> w3, Vector512<byte> w4, Vector512<byte> w5, Vector512<byte> w6, Vector512<byte> w7, int* x)
    {
        Vector512<short> even = Pairs(w0, x[0]) + Pairs(w1, x[1]) + (Pairs(w2, x[2]) + Pairs(w3, x[3]));
        Vector512<short> odd = Pairs(w4, x[4]) + Pairs(w5, x[5]) + (Pairs(w6, x[6]) + Pairs(w7, x[7]));
        return Avx512BW.MultiplyAddAdjacent(even + odd, Vector512<short>.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pairs(Vector512<byte> weights, int four) => Avx512BW.MultiplyAddAdjacent(weights, Vector512.Create(four).AsSByte());

    /// <summary>The same in two halves of 8 rows.</summary>
    private static void Narrow(byte* codes, byte* scales, Blocks blocks, bool hasOffsets, byte* x, float* xScales, float* xSums, float* y, bool add)
    {
        Vector256<float> lower = default, upper = default;
        nint scaleStride = hasOffsets ? 2 * GroupRows : GroupRows;
        for (int i = 0; i < blocks.Count; i++)
        {
            nint block = blocks[i];
            byte* from = codes + block * BlockCodeBytes;
            ushort* scaleOf = (ushort*)scales + block * scaleStride;
            int* with = (int*)(x + block * BlockLength);
            Vector256<int> dotLower = NarrowDot(from, with), dotUpper = NarrowDot(from + 32, with);
            if (!hasOffsets)
            {
                dotLower -= Vector256.Create(((int*)xSums)[block]);
                dotUpper -= Vector256.Create(((int*)xSums)[block]);
            }
            lower += Vector256.ConvertToSingle(dotLower) * (Float16.ToSingle(Vector128.Load(scaleOf)) * xScales[block]);
            upper += Vector256.ConvertToSingle(dotUpper) * (Float16.ToSingle(Vector128.Load(scaleOf + 8)) * xScales[block]);
            if (!hasOffsets) continue;
            lower += Float16.ToSingle(Vector128.Load(scaleOf + 16)) * xSums[block];
            upper += Float16.ToSingle(Vector128.Load(scaleOf + 24)) * xSums[block];
        }
        if (add)
        {
            lower += Vector256.Load(y);
            upper += Vector256.Load(y + 8);
        }
        lower.Store(y);
        upper.Store(y + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> NarrowDot(byte* codes, int* x)
    {
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<short> sum = default;
        for (int i = 0; i < 4; i++)
        {
            Vector256<byte> pairs = Vector256.Load(codes + i * GroupRows * sizeof(int));
            sum += Avx2.MultiplyAddAdjacent(pairs & nibble, Vector256.Create(x[i]).AsSByte());
            sum += Avx2.MultiplyAddAdjacent((pairs.AsUInt16() >>> 4).AsByte() & nibble, Vector256.Create(x[i + 4]).AsSByte());
        }
        return Avx2.MultiplyAddAdjacent(sum, Vector256<short>.One);
    }

    /// <summary>The same row by row.</summary>
    private static void Plain(byte* codes, byte* scales, Blocks blocks, bool hasOffsets, byte* x, float* xScales, float* xSums, float* y, bool add)
    {
        nint scaleStride = hasOffsets ? 2 * GroupRows : GroupRows;
        for (int lane = 0; lane < GroupRows; lane++)
        {
            float sum = 0;
            for (int k = 0; k < blocks.Count; k++)
            {
                nint block = blocks[k];
                byte* from = codes + block * BlockCodeBytes + lane * 4;
                sbyte* with = (sbyte*)x + block * BlockLength;
                int dot = hasOffsets ? 0 : -((int*)xSums)[block];
                for (int i = 0; i < BlockLength / 2; i++)
                {
                    int pair = from[i / 4 * GroupRows * 4 + i % 4];
                    dot += (pair & 15) * with[i] + (pair >> 4) * with[i + BlockLength / 2];
                }
                ushort* scaleOf = (ushort*)scales + block * scaleStride + lane;
                sum += dot * (Float16.ToSingle(*scaleOf) * xScales[block]);
                if (hasOffsets) sum += Float16.ToSingle(scaleOf[GroupRows]) * xSums[block];
            }
            y[lane] = add ? sum + y[lane] : sum;
        }
    }
}
