using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Memory that will be read soon, and how much of it to fetch with each step of a product: a block is read at memory speed while the one before it is computed.</summary>
internal readonly unsafe record struct Ahead(nint Address, nint Step)
{
    /// <summary>What is to be fetched after <paramref name="steps"/> steps.</summary>
    public Ahead After(int steps) => this with { Address = Address + steps * Step };
}

/// <summary>The left factor of a product: element (row, k) lies at [row · RowStep + k · Step].</summary>
internal interface ILeftFactor
{
    static abstract int RowStep { get; }

    static abstract int Step { get; }

    /// <summary>Whether the product is added to what is there, times a factor for each row.</summary>
    static abstract bool IsAdded { get; }
}

/// <summary>Queries as they are packed, [headDim, 8].</summary>
internal readonly struct PackedQueries : ILeftFactor
{
    public static int RowStep => 1;

    public static int Step => AttentionTile.PanelRows;

    public static bool IsAdded => false;
}

/// <summary>Weights of a block's tokens, [8, 64].</summary>
internal readonly struct BlockWeights : ILeftFactor
{
    public static int RowStep => KvLayout.BlockTokens;

    public static int Step => 1;

    public static bool IsAdded => true;
}

/// <summary>
/// Both products of attention: scores A · B, and values C ← factor · C + A · B with a factor for each row. Up to 8 rows of A, whose places are
/// known to the compiler. Every element is summed in the order of k, in whatever company.
/// </summary>
internal static unsafe class AttentionProducts
{
    /// <summary>Rows [0, rows) of a panel.</summary>
    /// <param name="a">At most 8 rows; those up to the next of 1, 4 or 8 are read too.</param>
    /// <param name="rows">Rows of the result that are wanted; those up to the next of 1, 4 or 8 are written too.</param>
    /// <param name="b">[depth, width].</param>
    /// <param name="width">32 or 16.</param>
    /// <param name="depth">Number of products summed.</param>
    /// <param name="c">[8, width], <paramref name="cStep"/> between rows.</param>
    /// <param name="cStep">Floats between rows of C.</param>
    /// <param name="factors">Of C's rows, [8]; not read where the product is not added.</param>
    /// <param name="ahead">To be fetched meanwhile.</param>
    public static void Rows<TLanes, TVector, TLeft>(float* a, int rows, float* b, int width, int depth, float* c, nint cStep, float* factors, Ahead ahead)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TLeft : struct, ILeftFactor
    {
        if (width == 2 * TLanes.Count) TwoVectors<TLanes, TVector, TLeft>(a, rows, b, width, depth, c, cStep, factors, ahead);
        else for (int j = 0; j < width; j += 2 * Lanes8.Count) TwoVectors<Lanes8, Vector256<float>, TLeft>(a, rows, b + j, width, depth, c + j, cStep, factors, ahead);
    }

    private static void TwoVectors<TLanes, TVector, TLeft>(float* a, int rows, float* b, nint bStep, int depth, float* c, nint cStep, float* factors, Ahead ahead)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TLeft : struct, ILeftFactor
    {
        if (rows == 1) Tile1<TLanes, TVector, TLeft>(a, b, bStep, depth, c, factors, ahead);
        else if (rows <= 4) Tile4<TLanes, TVector, TLeft>(a, b, bStep, depth, c, cStep, factors, ahead);
        else if (TLanes.Count == 16) Tile8<TLanes, TVector, TLeft>(a, b, bStep, depth, c, cStep, factors, ahead);
        else
        {
            // 16 registers hold 4 rows.
            Tile4<TLanes, TVector, TLeft>(a, b, bStep, depth, c, cStep, factors, ahead);
            Tile4<TLanes, TVector, TLeft>(a + 4 * TLeft.RowStep, b, bStep, depth, c + 4 * cStep, cStep, factors + 4, ahead);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Start<TLanes, TVector, TLeft>(float* c, float* factors, int row)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TLeft : struct, ILeftFactor => !TLeft.IsAdded ? default : TLanes.Multiply(TLanes.Load(c), TLanes.Broadcast(factors[row]));

    /// <summary>8 rows and 2 vectors: sixteen sums.</summary>
    private static void Tile8<TLanes, TVector, TLeft>(float* a, float* b, nint bStep, int depth, float* c, nint cStep, float* factors, Ahead ahead)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TLeft : struct, ILeftFactor
    {
        int n = TLanes.Count;
        TVector c00 = Start<TLanes, TVector, TLeft>(c, factors, 0), c01 = Start<TLanes, TVector, TLeft>(c + n, factors, 0);
        TVector c10 = Start<TLanes, TVector, TLeft>(c + cStep, factors, 1), c11 = Start<TLanes, TVector, TLeft>(c + cStep + n, factors, 1);
        TVector c20 = Start<TLanes, TVector, TLeft>(c + 2 * cStep, factors, 2), c21 = Start<TLanes, TVector, TLeft>(c + 2 * cStep + n, factors, 2);
        TVector c30 = Start<TLanes, TVector, TLeft>(c + 3 * cStep, factors, 3), c31 = Start<TLanes, TVector, TLeft>(c + 3 * cStep + n, factors, 3);
        TVector c40 = Start<TLanes, TVector, TLeft>(c + 4 * cStep, factors, 4), c41 = Start<TLanes, TVector, TLeft>(c + 4 * cStep + n, factors, 4);
        TVector c50 = Start<TLanes, TVector, TLeft>(c + 5 * cStep, factors, 5), c51 = Start<TLanes, TVector, TLeft>(c + 5 * cStep + n, factors, 5);
        TVector c60 = Start<TLanes, TVector, TLeft>(c + 6 * cStep, factors, 6), c61 = Start<TLanes, TVector, TLeft>(c + 6 * cStep + n, factors, 6);
        TVector c70 = Start<TLanes, TVector, TLeft>(c + 7 * cStep, factors, 7), c71 = Start<TLanes, TVector, TLeft>(c + 7 * cStep + n, factors, 7);
        for (int k = 0; k < depth; k++, a += TLeft.Step, b += bStep, ahead = ahead.After(1))
        {
            Prefetch.Line(ahead.Address);
            TVector b0 = TLanes.Load(b), b1 = TLanes.Load(b + n);
            TVector x = TLanes.Broadcast(a[0]);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            x = TLanes.Broadcast(a[TLeft.RowStep]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            x = TLanes.Broadcast(a[2 * TLeft.RowStep]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            x = TLanes.Broadcast(a[3 * TLeft.RowStep]);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
            x = TLanes.Broadcast(a[4 * TLeft.RowStep]);
            c40 = TLanes.MultiplyAdd(x, b0, c40);
            c41 = TLanes.MultiplyAdd(x, b1, c41);
            x = TLanes.Broadcast(a[5 * TLeft.RowStep]);
            c50 = TLanes.MultiplyAdd(x, b0, c50);
            c51 = TLanes.MultiplyAdd(x, b1, c51);
            x = TLanes.Broadcast(a[6 * TLeft.RowStep]);
            c60 = TLanes.MultiplyAdd(x, b0, c60);
            c61 = TLanes.MultiplyAdd(x, b1, c61);
            x = TLanes.Broadcast(a[7 * TLeft.RowStep]);
            c70 = TLanes.MultiplyAdd(x, b0, c70);
            c71 = TLanes.MultiplyAdd(x, b1, c71);
        }
        Put<TLanes, TVector>(c, c00, c01);
        Put<TLanes, TVector>(c + cStep, c10, c11);
        Put<TLanes, TVector>(c + 2 * cStep, c20, c21);
        Put<TLanes, TVector>(c + 3 * cStep, c30, c31);
        Put<TLanes, TVector>(c + 4 * cStep, c40, c41);
        Put<TLanes, TVector>(c + 5 * cStep, c50, c51);
        Put<TLanes, TVector>(c + 6 * cStep, c60, c61);
        Put<TLanes, TVector>(c + 7 * cStep, c70, c71);
    }

    private static void Tile4<TLanes, TVector, TLeft>(float* a, float* b, nint bStep, int depth, float* c, nint cStep, float* factors, Ahead ahead)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TLeft : struct, ILeftFactor
    {
        int n = TLanes.Count;
        TVector c00 = Start<TLanes, TVector, TLeft>(c, factors, 0), c01 = Start<TLanes, TVector, TLeft>(c + n, factors, 0);
        TVector c10 = Start<TLanes, TVector, TLeft>(c + cStep, factors, 1), c11 = Start<TLanes, TVector, TLeft>(c + cStep + n, factors, 1);
        TVector c20 = Start<TLanes, TVector, TLeft>(c + 2 * cStep, factors, 2), c21 = Start<TLanes, TVector, TLeft>(c + 2 * cStep + n, factors, 2);
        TVector c30 = Start<TLanes, TVector, TLeft>(c + 3 * cStep, factors, 3), c31 = Start<TLanes, TVector, TLeft>(c + 3 * cStep + n, factors, 3);
        for (int k = 0; k < depth; k++, a += TLeft.Step, b += bStep, ahead = ahead.After(1))
        {
            Prefetch.Line(ahead.Address);
            TVector b0 = TLanes.Load(b), b1 = TLanes.Load(b + n);
            TVector x = TLanes.Broadcast(a[0]);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            x = TLanes.Broadcast(a[TLeft.RowStep]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            x = TLanes.Broadcast(a[2 * TLeft.RowStep]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            x = TLanes.Broadcast(a[3 * TLeft.RowStep]);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
        }
        Put<TLanes, TVector>(c, c00, c01);
        Put<TLanes, TVector>(c + cStep, c10, c11);
        Put<TLanes, TVector>(c + 2 * cStep, c20, c21);
        Put<TLanes, TVector>(c + 3 * cStep, c30, c31);
    }

    private static void Tile1<TLanes, TVector, TLeft>(float* a, float* b, nint bStep, int depth, float* c, float* factors, Ahead ahead)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TLeft : struct, ILeftFactor
    {
        int n = TLanes.Count;
        TVector c0 = Start<TLanes, TVector, TLeft>(c, factors, 0), c1 = Start<TLanes, TVector, TLeft>(c + n, factors, 0);
        for (int k = 0; k < depth; k++, a += TLeft.Step, b += bStep, ahead = ahead.After(1))
        {
            Prefetch.Line(ahead.Address);
            TVector x = TLanes.Broadcast(a[0]);
            c0 = TLanes.MultiplyAdd(x, TLanes.Load(b), c0);
            c1 = TLanes.MultiplyAdd(x, TLanes.Load(b + n), c1);
        }
        Put<TLanes, TVector>(c, c0, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes, TVector>(float* c, TVector low, TVector high)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TLanes.Store(c, low);
        TLanes.Store(c + TLanes.Count, high);
    }
}
