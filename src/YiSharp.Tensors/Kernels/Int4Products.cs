using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Products of a group's 4-bit codes with a tile of activations; the layouts are <see cref="AffineInt4"/>'s and <see cref="ActivationTile"/>'s.</summary>
/// <remarks>
/// An output adds, block after block, (codes · x) · (scale · x's scale) and offset · x's sum, each with one rounding: the same
/// steps in every body, so all give the same bits. Rows of x share the unpacking of a block; with 8 of them it costs a fifteenth.
/// </remarks>
/// <typeparam name="TGroups">Whether a block has one scale or two.</typeparam>
internal static unsafe class Int4Products<TGroups> where TGroups : struct, IGroups
{
    private const int BlockLength = PackedWeight.BlockLength;
    private const int GroupRows = PackedWeight.GroupRows;
    private const int BlockCodeBytes = GroupRows * BlockLength / 2;

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
        byte* xCodes = x.Codes + before * BlockLength;
        float* xScales = x.Scales + before, xSums = x.Sums + before * sumCount;
        for (int lane = 0; lane < GroupRows; lane += TLanes.Count)
        {
            byte* codes = weights.Codes + blocks.First * (nint)BlockCodeBytes + lane * sizeof(int);
            float* scales = weights.Scales + blocks.First * step + lane, offsets = weights.Offsets + blocks.First * step + lane, to = y + lane;
            // Once for a group: by whichever rows come first.
            int row = 0, nextStep = lane == 0 ? weights.NextStep : 0;
            // The accumulators of 8 rows fit beside a block's codes in 32 registers, those of 4 nearly in 16.
            if (TLanes.Count == 16 && x.Rows == 8)
            {
                Tile8<TLanes, TBits, TFloats>(codes, scales, offsets, blocks, xCodes, xScales, xSums, 8, to, yColumns, weights.Next, nextStep);
                row = 8;
            }
            for (; row <= x.Rows - 4; row += 4) Tile4<TLanes, TBits, TFloats>(codes, scales, offsets, blocks, xCodes + row * BlockLength, xScales + row, xSums + row, x.Rows, to + row * (nint)yColumns, yColumns, weights.Next, row == 0 ? nextStep : 0);
            for (; row < x.Rows; row++) Tile1<TLanes, TBits, TFloats>(codes, scales, offsets, blocks, xCodes + row * BlockLength, xScales + row, xSums + row, x.Rows, to + row * (nint)yColumns, weights.Next, row == 0 ? nextStep : 0);
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
        int step = TGroups.AreHalved ? 2 * GroupRows : GroupRows, sumCount = TGroups.AreHalved ? 2 : 1;
        for (int block = blocks.First; block < blocks.End; block++, codes += BlockCodeBytes, scales += step, offsets += step, x += rows * BlockLength, xScales += rows, xSums += rows * sumCount)
        {
            Prefetch.Lines(next + (nint)block * nextStep, nextStep);
            TBits w0 = TLanes.Load(codes), w1 = TLanes.Load(codes + 64), w2 = TLanes.Load(codes + 128), w3 = TLanes.Load(codes + 192);
            TBits w4 = TLanes.High(w0), w5 = TLanes.High(w1), w6 = TLanes.High(w2), w7 = TLanes.High(w3);
            w0 = TLanes.Low(w0);
            w1 = TLanes.Low(w1);
            w2 = TLanes.Low(w2);
            w3 = TLanes.Low(w3);
            TFloats scale = TLanes.LoadFloats(scales), offset = TLanes.LoadFloats(offsets);
            TFloats upperScale = TGroups.AreHalved ? TLanes.LoadFloats(scales + GroupRows) : default, upperOffset = TGroups.AreHalved ? TLanes.LoadFloats(offsets + GroupRows) : default;
            s0 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x, scale, offset, upperScale, upperOffset, xScales, xSums, rows, s0);
            s1 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + BlockLength, scale, offset, upperScale, upperOffset, xScales + 1, xSums + 1, rows, s1);
            s2 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + 2 * BlockLength, scale, offset, upperScale, upperOffset, xScales + 2, xSums + 2, rows, s2);
            s3 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + 3 * BlockLength, scale, offset, upperScale, upperOffset, xScales + 3, xSums + 3, rows, s3);
            s4 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + 4 * BlockLength, scale, offset, upperScale, upperOffset, xScales + 4, xSums + 4, rows, s4);
            s5 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + 5 * BlockLength, scale, offset, upperScale, upperOffset, xScales + 5, xSums + 5, rows, s5);
            s6 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + 6 * BlockLength, scale, offset, upperScale, upperOffset, xScales + 6, xSums + 6, rows, s6);
            s7 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + 7 * BlockLength, scale, offset, upperScale, upperOffset, xScales + 7, xSums + 7, rows, s7);
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
        int step = TGroups.AreHalved ? 2 * GroupRows : GroupRows, sumCount = TGroups.AreHalved ? 2 : 1;
        for (int block = blocks.First; block < blocks.End; block++, codes += BlockCodeBytes, scales += step, offsets += step, x += rows * BlockLength, xScales += rows, xSums += rows * sumCount)
        {
            Prefetch.Lines(next + (nint)block * nextStep, nextStep);
            TBits w0 = TLanes.Load(codes), w1 = TLanes.Load(codes + 64), w2 = TLanes.Load(codes + 128), w3 = TLanes.Load(codes + 192);
            TBits w4 = TLanes.High(w0), w5 = TLanes.High(w1), w6 = TLanes.High(w2), w7 = TLanes.High(w3);
            w0 = TLanes.Low(w0);
            w1 = TLanes.Low(w1);
            w2 = TLanes.Low(w2);
            w3 = TLanes.Low(w3);
            TFloats scale = TLanes.LoadFloats(scales), offset = TLanes.LoadFloats(offsets);
            TFloats upperScale = TGroups.AreHalved ? TLanes.LoadFloats(scales + GroupRows) : default, upperOffset = TGroups.AreHalved ? TLanes.LoadFloats(offsets + GroupRows) : default;
            s0 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x, scale, offset, upperScale, upperOffset, xScales, xSums, rows, s0);
            s1 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + BlockLength, scale, offset, upperScale, upperOffset, xScales + 1, xSums + 1, rows, s1);
            s2 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + 2 * BlockLength, scale, offset, upperScale, upperOffset, xScales + 2, xSums + 2, rows, s2);
            s3 = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x + 3 * BlockLength, scale, offset, upperScale, upperOffset, xScales + 3, xSums + 3, rows, s3);
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
        int step = TGroups.AreHalved ? 2 * GroupRows : GroupRows, sumCount = TGroups.AreHalved ? 2 : 1;
        for (int block = blocks.First; block < blocks.End; block++, codes += BlockCodeBytes, scales += step, offsets += step, x += rows * BlockLength, xScales += rows, xSums += rows * sumCount)
        {
            Prefetch.Lines(next + (nint)block * nextStep, nextStep);
            TBits w0 = TLanes.Load(codes), w1 = TLanes.Load(codes + 64), w2 = TLanes.Load(codes + 128), w3 = TLanes.Load(codes + 192);
            TBits w4 = TLanes.High(w0), w5 = TLanes.High(w1), w6 = TLanes.High(w2), w7 = TLanes.High(w3);
            w0 = TLanes.Low(w0);
            w1 = TLanes.Low(w1);
            w2 = TLanes.Low(w2);
            w3 = TLanes.Low(w3);
            TFloats scale = TLanes.LoadFloats(scales), offset = TLanes.LoadFloats(offsets);
            TFloats upperScale = TGroups.AreHalved ? TLanes.LoadFloats(scales + GroupRows) : default, upperOffset = TGroups.AreHalved ? TLanes.LoadFloats(offsets + GroupRows) : default;
            sum = Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, x, scale, offset, upperScale, upperOffset, xScales, xSums, rows, sum);
        }
        TLanes.Store(y, sum);
    }

    /// <summary>sum + the products of a block's codes with one row of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TFloats Add<TLanes, TBits, TFloats>(
        TBits w0, TBits w1, TBits w2, TBits w3, TBits w4, TBits w5, TBits w6, TBits w7, byte* x, TFloats scale, TFloats offset, TFloats upperScale, TFloats upperOffset, float* xScale, float* xSum, int rows, TFloats sum)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        TBits low = TLanes.AddShorts(
            TLanes.AddShorts(TLanes.BytePairs(w0, x), TLanes.BytePairs(w1, x + 4)), TLanes.AddShorts(TLanes.BytePairs(w2, x + 8), TLanes.BytePairs(w3, x + 12)));
        TBits high = TLanes.AddShorts(
            TLanes.AddShorts(TLanes.BytePairs(w4, x + 16), TLanes.BytePairs(w5, x + 20)), TLanes.AddShorts(TLanes.BytePairs(w6, x + 24), TLanes.BytePairs(w7, x + 28)));
        if (!TGroups.AreHalved)
        {
            sum = TLanes.MultiplyAdd(TLanes.ToFloats(TLanes.Widen(TLanes.AddShorts(low, high))), TLanes.Scale(scale, xScale), sum);
            return TLanes.MultiplyAdd(offset, xSum, sum);
        }
        sum = TLanes.MultiplyAdd(TLanes.ToFloats(TLanes.Widen(low)), TLanes.Scale(scale, xScale), sum);
        sum = TLanes.MultiplyAdd(TLanes.ToFloats(TLanes.Widen(high)), TLanes.Scale(upperScale, xScale), sum);
        sum = TLanes.MultiplyAdd(offset, xSum, sum);
        return TLanes.MultiplyAdd(upperOffset, xSum + rows, sum);
    }
}
