using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Products of a group's 8-bit codes with a tile of activations in 16 bits; the layouts are <see cref="AffineInt8"/>'s and <see cref="ActivationTile"/>'s.</summary>
/// <remarks>
/// An output adds, block after block, (codes · x) · (scale · x's scale), then offset · x's sum where there are offsets, each with one rounding: the same steps in
/// every body, so all give the same bits.
/// </remarks>
/// <typeparam name="TGroups">Whether a block has one scale or two.</typeparam>
internal static unsafe class Int8Products<TGroups> where TGroups : struct, IGroups
{
    private const int GroupRows = PackedWeight.GroupRows;

    private const int BlockCodeBytes = GroupRows * PackedWeight.BlockLength;

    /// <summary>Bytes of a row's block of x, and of two of its inputs.</summary>
    private const int BlockBytes = PackedWeight.BlockLength * sizeof(short), PairBytes = 2 * sizeof(short);

    /// <summary>Bytes of two inputs' codes of all rows.</summary>
    private const int PairCodeBytes = 2 * GroupRows;

    /// <summary>y[row, lane] for the rows of x and 16 rows of weights, or what further blocks add to it.</summary>
    public static void Multiply(in GroupView weights, in ActivationTile x, BlockRange blocks, float* y, int yColumns, InstructionSet set)
    {
        if (set >= InstructionSet.Avx512) Multiply<CodeLanes16, Vector512<byte>, Vector512<float>>(in weights, in x, blocks, y, yColumns);
        else if (set == InstructionSet.Avx2) Multiply<CodeLanes8, Vector256<byte>, Vector256<float>>(in weights, in x, blocks, y, yColumns);
        else Multiply<CodeLanes4, Vector128<byte>, Vector128<float>>(in weights, in x, blocks, y, yColumns);
    }

    private static void Multiply<TLanes, TBits, TFloats>(in GroupView weights, in ActivationTile x, BlockRange blocks, float* y, int yColumns)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        int step = TGroups.AreHalved ? 2 * GroupRows : GroupRows, sumCount = TGroups.AreHalved ? 2 : 1;
        nint before = blocks.First * x.Rows;
        byte* xCodes = x.Codes + before * BlockBytes;
        float* xScales = x.Scales + before, xSums = x.Sums + before * sumCount;
        for (int lane = 0; lane < GroupRows; lane += TLanes.Count)
        {
            byte* codes = weights.Codes + blocks.First * (nint)BlockCodeBytes + lane * 2;
            float* scales = weights.Scales + blocks.First * step + lane, offsets = weights.Offsets == null ? null : weights.Offsets + blocks.First * step + lane, to = y + lane;
            // Once for a group: by whichever rows come first.
            int row = 0, nextStep = lane == 0 ? weights.NextStep : 0;
            if (TLanes.Count == 16 && x.Rows == 8)
            {
                Tile8<TLanes, TBits, TFloats>(codes, scales, offsets, blocks, xCodes, xScales, xSums, 8, to, yColumns, weights.Next, nextStep);
                row = 8;
            }
            for (; row <= x.Rows - 4; row += 4) Tile4<TLanes, TBits, TFloats>(codes, scales, offsets, blocks, xCodes + row * BlockBytes, xScales + row, xSums + row, x.Rows, to + row * (nint)yColumns, yColumns, weights.Next, row == 0 ? nextStep : 0);
            for (; row < x.Rows; row++) Tile1<TLanes, TBits, TFloats>(codes, scales, offsets, blocks, xCodes + row * BlockBytes, xScales + row, xSums + row, x.Rows, to + row * (nint)yColumns, weights.Next, row == 0 ? nextStep : 0);
        }
    }

    /// <summary>8 rows of x.</summary>
    private static void Tile8<TLanes, TBits, TFloats>(byte* codes, float* scales, float* offsets, BlockRange blocks, byte* x, float* xScales, float* xSums, int rows, float* y, int yColumns, byte* next, int nextStep)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        TFloats s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        if (blocks.First > 0)
        {
            s0 = TLanes.LoadFloats(y);
            s1 = TLanes.LoadFloats(y + yColumns);
            s2 = TLanes.LoadFloats(y + 2 * (nint)yColumns);
            s3 = TLanes.LoadFloats(y + 3 * (nint)yColumns);
            s4 = TLanes.LoadFloats(y + 4 * (nint)yColumns);
            s5 = TLanes.LoadFloats(y + 5 * (nint)yColumns);
            s6 = TLanes.LoadFloats(y + 6 * (nint)yColumns);
            s7 = TLanes.LoadFloats(y + 7 * (nint)yColumns);
        }
        // Locals, not properties: a call in the loop would store every accumulator.
        int partCount = TGroups.AreHalved ? 2 : 1, pairCount = TGroups.AreHalved ? 8 : 16;
        for (int block = blocks.First; block < blocks.End; block++, x += rows * BlockBytes, xScales += rows)
        {
            Prefetch.Lines(next + (nint)block * nextStep, nextStep);
            for (int part = 0; part < partCount; part++, scales += GroupRows)
            {
                TBits d0 = default, d1 = default, d2 = default, d3 = default, d4 = default, d5 = default, d6 = default, d7 = default;
                byte* at = x + part * 8 * PairBytes;
                for (int pair = 0; pair < pairCount; pair += 4, codes += 4 * PairCodeBytes, at += 4 * PairBytes)
                {
                    TBits w = TLanes.LoadShorts(codes);
                    d0 = TLanes.AddIntegers(d0, TLanes.ShortPairs(w, at));
                    d1 = TLanes.AddIntegers(d1, TLanes.ShortPairs(w, at + BlockBytes));
                    d2 = TLanes.AddIntegers(d2, TLanes.ShortPairs(w, at + 2 * BlockBytes));
                    d3 = TLanes.AddIntegers(d3, TLanes.ShortPairs(w, at + 3 * BlockBytes));
                    d4 = TLanes.AddIntegers(d4, TLanes.ShortPairs(w, at + 4 * BlockBytes));
                    d5 = TLanes.AddIntegers(d5, TLanes.ShortPairs(w, at + 5 * BlockBytes));
                    d6 = TLanes.AddIntegers(d6, TLanes.ShortPairs(w, at + 6 * BlockBytes));
                    d7 = TLanes.AddIntegers(d7, TLanes.ShortPairs(w, at + 7 * BlockBytes));
                    w = TLanes.LoadShorts(codes + PairCodeBytes);
                    d0 = TLanes.AddIntegers(d0, TLanes.ShortPairs(w, at + PairBytes));
                    d1 = TLanes.AddIntegers(d1, TLanes.ShortPairs(w, at + BlockBytes + PairBytes));
                    d2 = TLanes.AddIntegers(d2, TLanes.ShortPairs(w, at + 2 * BlockBytes + PairBytes));
                    d3 = TLanes.AddIntegers(d3, TLanes.ShortPairs(w, at + 3 * BlockBytes + PairBytes));
                    d4 = TLanes.AddIntegers(d4, TLanes.ShortPairs(w, at + 4 * BlockBytes + PairBytes));
                    d5 = TLanes.AddIntegers(d5, TLanes.ShortPairs(w, at + 5 * BlockBytes + PairBytes));
                    d6 = TLanes.AddIntegers(d6, TLanes.ShortPairs(w, at + 6 * BlockBytes + PairBytes));
                    d7 = TLanes.AddIntegers(d7, TLanes.ShortPairs(w, at + 7 * BlockBytes + PairBytes));
                    w = TLanes.LoadShorts(codes + 2 * PairCodeBytes);
                    d0 = TLanes.AddIntegers(d0, TLanes.ShortPairs(w, at + 2 * PairBytes));
                    d1 = TLanes.AddIntegers(d1, TLanes.ShortPairs(w, at + BlockBytes + 2 * PairBytes));
                    d2 = TLanes.AddIntegers(d2, TLanes.ShortPairs(w, at + 2 * BlockBytes + 2 * PairBytes));
                    d3 = TLanes.AddIntegers(d3, TLanes.ShortPairs(w, at + 3 * BlockBytes + 2 * PairBytes));
                    d4 = TLanes.AddIntegers(d4, TLanes.ShortPairs(w, at + 4 * BlockBytes + 2 * PairBytes));
                    d5 = TLanes.AddIntegers(d5, TLanes.ShortPairs(w, at + 5 * BlockBytes + 2 * PairBytes));
                    d6 = TLanes.AddIntegers(d6, TLanes.ShortPairs(w, at + 6 * BlockBytes + 2 * PairBytes));
                    d7 = TLanes.AddIntegers(d7, TLanes.ShortPairs(w, at + 7 * BlockBytes + 2 * PairBytes));
                    w = TLanes.LoadShorts(codes + 3 * PairCodeBytes);
                    d0 = TLanes.AddIntegers(d0, TLanes.ShortPairs(w, at + 3 * PairBytes));
                    d1 = TLanes.AddIntegers(d1, TLanes.ShortPairs(w, at + BlockBytes + 3 * PairBytes));
                    d2 = TLanes.AddIntegers(d2, TLanes.ShortPairs(w, at + 2 * BlockBytes + 3 * PairBytes));
                    d3 = TLanes.AddIntegers(d3, TLanes.ShortPairs(w, at + 3 * BlockBytes + 3 * PairBytes));
                    d4 = TLanes.AddIntegers(d4, TLanes.ShortPairs(w, at + 4 * BlockBytes + 3 * PairBytes));
                    d5 = TLanes.AddIntegers(d5, TLanes.ShortPairs(w, at + 5 * BlockBytes + 3 * PairBytes));
                    d6 = TLanes.AddIntegers(d6, TLanes.ShortPairs(w, at + 6 * BlockBytes + 3 * PairBytes));
                    d7 = TLanes.AddIntegers(d7, TLanes.ShortPairs(w, at + 7 * BlockBytes + 3 * PairBytes));
                }
                TFloats scale = TLanes.LoadFloats(scales);
                s0 = TLanes.MultiplyAdd(TLanes.ToFloats(d0), TLanes.Scale(scale, xScales), s0);
                s1 = TLanes.MultiplyAdd(TLanes.ToFloats(d1), TLanes.Scale(scale, xScales + 1), s1);
                s2 = TLanes.MultiplyAdd(TLanes.ToFloats(d2), TLanes.Scale(scale, xScales + 2), s2);
                s3 = TLanes.MultiplyAdd(TLanes.ToFloats(d3), TLanes.Scale(scale, xScales + 3), s3);
                s4 = TLanes.MultiplyAdd(TLanes.ToFloats(d4), TLanes.Scale(scale, xScales + 4), s4);
                s5 = TLanes.MultiplyAdd(TLanes.ToFloats(d5), TLanes.Scale(scale, xScales + 5), s5);
                s6 = TLanes.MultiplyAdd(TLanes.ToFloats(d6), TLanes.Scale(scale, xScales + 6), s6);
                s7 = TLanes.MultiplyAdd(TLanes.ToFloats(d7), TLanes.Scale(scale, xScales + 7), s7);
            }
            if (offsets == null) continue;
            for (int part = 0; part < partCount; part++, offsets += GroupRows, xSums += rows)
            {
                TFloats offset = TLanes.LoadFloats(offsets);
                s0 = TLanes.MultiplyAdd(offset, xSums, s0);
                s1 = TLanes.MultiplyAdd(offset, xSums + 1, s1);
                s2 = TLanes.MultiplyAdd(offset, xSums + 2, s2);
                s3 = TLanes.MultiplyAdd(offset, xSums + 3, s3);
                s4 = TLanes.MultiplyAdd(offset, xSums + 4, s4);
                s5 = TLanes.MultiplyAdd(offset, xSums + 5, s5);
                s6 = TLanes.MultiplyAdd(offset, xSums + 6, s6);
                s7 = TLanes.MultiplyAdd(offset, xSums + 7, s7);
            }
        }
        TLanes.Store(y, s0);
        TLanes.Store(y + yColumns, s1);
        TLanes.Store(y + 2 * (nint)yColumns, s2);
        TLanes.Store(y + 3 * (nint)yColumns, s3);
        TLanes.Store(y + 4 * (nint)yColumns, s4);
        TLanes.Store(y + 5 * (nint)yColumns, s5);
        TLanes.Store(y + 6 * (nint)yColumns, s6);
        TLanes.Store(y + 7 * (nint)yColumns, s7);
    }

    /// <summary>4 rows of x.</summary>
    private static void Tile4<TLanes, TBits, TFloats>(byte* codes, float* scales, float* offsets, BlockRange blocks, byte* x, float* xScales, float* xSums, int rows, float* y, int yColumns, byte* next, int nextStep)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        TFloats s0 = default, s1 = default, s2 = default, s3 = default;
        if (blocks.First > 0)
        {
            s0 = TLanes.LoadFloats(y);
            s1 = TLanes.LoadFloats(y + yColumns);
            s2 = TLanes.LoadFloats(y + 2 * (nint)yColumns);
            s3 = TLanes.LoadFloats(y + 3 * (nint)yColumns);
        }
        // Locals, not properties: a call in the loop would store every accumulator.
        int partCount = TGroups.AreHalved ? 2 : 1, pairCount = TGroups.AreHalved ? 8 : 16;
        for (int block = blocks.First; block < blocks.End; block++, x += rows * BlockBytes, xScales += rows)
        {
            Prefetch.Lines(next + (nint)block * nextStep, nextStep);
            for (int part = 0; part < partCount; part++, scales += GroupRows)
            {
                TBits d0 = default, d1 = default, d2 = default, d3 = default;
                byte* at = x + part * 8 * PairBytes;
                for (int pair = 0; pair < pairCount; pair += 4, codes += 4 * PairCodeBytes, at += 4 * PairBytes)
                {
                    TBits w = TLanes.LoadShorts(codes);
                    d0 = TLanes.AddIntegers(d0, TLanes.ShortPairs(w, at));
                    d1 = TLanes.AddIntegers(d1, TLanes.ShortPairs(w, at + BlockBytes));
                    d2 = TLanes.AddIntegers(d2, TLanes.ShortPairs(w, at + 2 * BlockBytes));
                    d3 = TLanes.AddIntegers(d3, TLanes.ShortPairs(w, at + 3 * BlockBytes));
                    w = TLanes.LoadShorts(codes + PairCodeBytes);
                    d0 = TLanes.AddIntegers(d0, TLanes.ShortPairs(w, at + PairBytes));
                    d1 = TLanes.AddIntegers(d1, TLanes.ShortPairs(w, at + BlockBytes + PairBytes));
                    d2 = TLanes.AddIntegers(d2, TLanes.ShortPairs(w, at + 2 * BlockBytes + PairBytes));
                    d3 = TLanes.AddIntegers(d3, TLanes.ShortPairs(w, at + 3 * BlockBytes + PairBytes));
                    w = TLanes.LoadShorts(codes + 2 * PairCodeBytes);
                    d0 = TLanes.AddIntegers(d0, TLanes.ShortPairs(w, at + 2 * PairBytes));
                    d1 = TLanes.AddIntegers(d1, TLanes.ShortPairs(w, at + BlockBytes + 2 * PairBytes));
                    d2 = TLanes.AddIntegers(d2, TLanes.ShortPairs(w, at + 2 * BlockBytes + 2 * PairBytes));
                    d3 = TLanes.AddIntegers(d3, TLanes.ShortPairs(w, at + 3 * BlockBytes + 2 * PairBytes));
                    w = TLanes.LoadShorts(codes + 3 * PairCodeBytes);
                    d0 = TLanes.AddIntegers(d0, TLanes.ShortPairs(w, at + 3 * PairBytes));
                    d1 = TLanes.AddIntegers(d1, TLanes.ShortPairs(w, at + BlockBytes + 3 * PairBytes));
                    d2 = TLanes.AddIntegers(d2, TLanes.ShortPairs(w, at + 2 * BlockBytes + 3 * PairBytes));
                    d3 = TLanes.AddIntegers(d3, TLanes.ShortPairs(w, at + 3 * BlockBytes + 3 * PairBytes));
                }
                TFloats scale = TLanes.LoadFloats(scales);
                s0 = TLanes.MultiplyAdd(TLanes.ToFloats(d0), TLanes.Scale(scale, xScales), s0);
                s1 = TLanes.MultiplyAdd(TLanes.ToFloats(d1), TLanes.Scale(scale, xScales + 1), s1);
                s2 = TLanes.MultiplyAdd(TLanes.ToFloats(d2), TLanes.Scale(scale, xScales + 2), s2);
                s3 = TLanes.MultiplyAdd(TLanes.ToFloats(d3), TLanes.Scale(scale, xScales + 3), s3);
            }
            if (offsets == null) continue;
            for (int part = 0; part < partCount; part++, offsets += GroupRows, xSums += rows)
            {
                TFloats offset = TLanes.LoadFloats(offsets);
                s0 = TLanes.MultiplyAdd(offset, xSums, s0);
                s1 = TLanes.MultiplyAdd(offset, xSums + 1, s1);
                s2 = TLanes.MultiplyAdd(offset, xSums + 2, s2);
                s3 = TLanes.MultiplyAdd(offset, xSums + 3, s3);
            }
        }
        TLanes.Store(y, s0);
        TLanes.Store(y + yColumns, s1);
        TLanes.Store(y + 2 * (nint)yColumns, s2);
        TLanes.Store(y + 3 * (nint)yColumns, s3);
    }

    /// <summary>One row of x: as fast as memory gives the weights, so the next group is fetched while this one is computed.</summary>
    private static void Tile1<TLanes, TBits, TFloats>(byte* codes, float* scales, float* offsets, BlockRange blocks, byte* x, float* xScales, float* xSums, int rows, float* y, byte* next, int nextStep)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        TFloats sum = blocks.First > 0 ? TLanes.LoadFloats(y) : default;
        // Locals, not properties: a call in the loop would store every accumulator.
        int partCount = TGroups.AreHalved ? 2 : 1, pairCount = TGroups.AreHalved ? 8 : 16;
        for (int block = blocks.First; block < blocks.End; block++, x += rows * BlockBytes, xScales += rows)
        {
            Prefetch.Lines(next + (nint)block * nextStep, nextStep);
            for (int part = 0; part < partCount; part++, scales += GroupRows)
            {
                TBits dot = default;
                byte* at = x + part * 8 * PairBytes;
                for (int pair = 0; pair < pairCount; pair += 4, codes += 4 * PairCodeBytes, at += 4 * PairBytes)
                {
                    TBits w = TLanes.LoadShorts(codes);
                    dot = TLanes.AddIntegers(dot, TLanes.ShortPairs(w, at));
                    w = TLanes.LoadShorts(codes + PairCodeBytes);
                    dot = TLanes.AddIntegers(dot, TLanes.ShortPairs(w, at + PairBytes));
                    w = TLanes.LoadShorts(codes + 2 * PairCodeBytes);
                    dot = TLanes.AddIntegers(dot, TLanes.ShortPairs(w, at + 2 * PairBytes));
                    w = TLanes.LoadShorts(codes + 3 * PairCodeBytes);
                    dot = TLanes.AddIntegers(dot, TLanes.ShortPairs(w, at + 3 * PairBytes));
                }
                TFloats scale = TLanes.LoadFloats(scales);
                sum = TLanes.MultiplyAdd(TLanes.ToFloats(dot), TLanes.Scale(scale, xScales), sum);
            }
            if (offsets == null) continue;
            for (int part = 0; part < partCount; part++, offsets += GroupRows, xSums += rows)
            {
                TFloats offset = TLanes.LoadFloats(offsets);
                sum = TLanes.MultiplyAdd(offset, xSums, sum);
            }
        }
        TLanes.Store(y, sum);
    }
}
