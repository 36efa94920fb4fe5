using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using YiSharp.Tensors.Kernels.MachineCode;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// Loops that do nothing but what a machine is to be measured at: bytes read, integer products, multiply-adds, each with as many sums in
/// registers as hide an instruction's latency. Their results mean nothing and are returned so that nothing is left out.
/// </summary>
internal static unsafe class PeakLoops
{
    /// <summary>Bytes of each quarter that <see cref="Read"/> takes at once; a quarter's length is a multiple of it.</summary>
    private const int ReadStep = 128;

    /// <summary>Turns of a loop in one call of <see cref="Int8"/> or <see cref="F32"/>: some microseconds where there are vectors.</summary>
    public const int Turns = 4096;

    /// <summary>Multiply-adds that are under way at once, in a loop of single precision.</summary>
    private const int Sums = 12;

    /// <summary>Vectors that integer products take turns with: they stay in the first-level cache.</summary>
    private const int Vectors = 8;

    /// <summary>Operations of one call of <see cref="Int8"/>: a product and an addition for each byte.</summary>
    public static long Int8Operations { get; } = 2L * Turns * (AssembledPeak.IsSupported ? AssembledPeak.Sums * Vector512<byte>.Count : Avx512BW.IsSupported ? 8 * Vector512<byte>.Count : Avx2.IsSupported ? 6 * Vector256<byte>.Count : 4 * Vector128<byte>.Count);

    /// <summary>Operations of one call of <see cref="F32"/>: a product and an addition for each lane.</summary>
    public static long F32Operations { get; } = 2L * Turns * Sums * (Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count);

    /// <summary>
    /// Reads bytes, four quarters side by side: what looks ahead in memory stops at the end of a page, and then the other streams go on. In turns
    /// with a single stream, four read about a fifth more (median of six rounds, two threads, AMD EPYC of the fourth generation).
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Read(byte* from, long lengthBytes)
    {
        long quarter = lengthBytes / 4;
        byte* end = from + quarter;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> a = default, b = default, c = default, d = default;
            for (; from < end; from += ReadStep)
            {
                a ^= Vector512.Load((ulong*)from) ^ Vector512.Load((ulong*)(from + 64));
                b ^= Vector512.Load((ulong*)(from + quarter)) ^ Vector512.Load((ulong*)(from + quarter + 64));
                c ^= Vector512.Load((ulong*)(from + 2 * quarter)) ^ Vector512.Load((ulong*)(from + 2 * quarter + 64));
                d ^= Vector512.Load((ulong*)(from + 3 * quarter)) ^ Vector512.Load((ulong*)(from + 3 * quarter + 64));
            }
            return Vector512.Sum(a ^ b ^ c ^ d);
        }
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> a = default, b = default, c = default, d = default;
            for (; from < end; from += 64)
            {
                a ^= Vector256.Load((ulong*)from) ^ Vector256.Load((ulong*)(from + 32));
                b ^= Vector256.Load((ulong*)(from + quarter)) ^ Vector256.Load((ulong*)(from + quarter + 32));
                c ^= Vector256.Load((ulong*)(from + 2 * quarter)) ^ Vector256.Load((ulong*)(from + 2 * quarter + 32));
                d ^= Vector256.Load((ulong*)(from + 3 * quarter)) ^ Vector256.Load((ulong*)(from + 3 * quarter + 32));
            }
            return Vector256.Sum(a ^ b ^ c ^ d);
        }
        ulong first = 0, second = 0, third = 0, fourth = 0;
        for (; from < end; from += sizeof(ulong))
        {
            first ^= *(ulong*)from;
            second ^= *(ulong*)(from + quarter);
            third ^= *(ulong*)(from + 2 * quarter);
            fourth ^= *(ulong*)(from + 3 * quarter);
        }
        return first ^ second ^ third ^ fourth;
    }

    /// <summary>Products of unsigned and signed bytes, added in fours to sums of 32 bits, or in pairs and then to sums of 16.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Int8()
    {
        if (AssembledPeak.IsSupported) return AssembledPeak.Int8(Turns);
        byte* bytes = stackalloc byte[(Vectors + 1) * 64];
        var aligned = (sbyte*)(((nuint)bytes + 63) & ~(nuint)63);
        for (int i = 0; i < Vectors * 64; i++) aligned[i] = (sbyte)(i % 5 - 2);
        return Avx512BW.IsSupported ? Int8Avx512(aligned) : Avx2.IsSupported ? Int8Avx2(aligned) : Int8Plain(aligned);
    }

    /// <summary>Multiply-adds.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float F32() => Vector512.IsHardwareAccelerated ? F32Of512() : F32Of256();

    // The factors differ, or equal products would be computed once.
    private static int Int8Avx512(sbyte* bytes)
    {
        Vector512<byte> f0 = Vector512.Create((byte)1), f1 = Vector512.Create((byte)2), f2 = Vector512.Create((byte)3), f3 = Vector512.Create((byte)4);
        Vector512<byte> f4 = Vector512.Create((byte)5), f5 = Vector512.Create((byte)6), f6 = Vector512.Create((byte)7), f7 = Vector512.Create((byte)8);
        Vector512<short> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (int turn = 0; turn < Turns; turn++)
        {
            Vector512<sbyte> x = Vector512.LoadAligned(bytes + turn % Vectors * 64);
            s0 += Avx512BW.MultiplyAddAdjacent(f0, x);
            s1 += Avx512BW.MultiplyAddAdjacent(f1, x);
            s2 += Avx512BW.MultiplyAddAdjacent(f2, x);
            s3 += Avx512BW.MultiplyAddAdjacent(f3, x);
            s4 += Avx512BW.MultiplyAddAdjacent(f4, x);
            s5 += Avx512BW.MultiplyAddAdjacent(f5, x);
            s6 += Avx512BW.MultiplyAddAdjacent(f6, x);
            s7 += Avx512BW.MultiplyAddAdjacent(f7, x);
        }
        return Vector512.Sum(s0 ^ s1 ^ s2 ^ s3 ^ s4 ^ s5 ^ s6 ^ s7);
    }

    private static int Int8Avx2(sbyte* bytes)
    {
        Vector256<byte> f0 = Vector256.Create((byte)1), f1 = Vector256.Create((byte)2), f2 = Vector256.Create((byte)3);
        Vector256<byte> f3 = Vector256.Create((byte)4), f4 = Vector256.Create((byte)5), f5 = Vector256.Create((byte)6);
        Vector256<short> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
        for (int turn = 0; turn < Turns; turn++)
        {
            Vector256<sbyte> x = Vector256.LoadAligned(bytes + turn % Vectors * 64);
            s0 += Avx2.MultiplyAddAdjacent(f0, x);
            s1 += Avx2.MultiplyAddAdjacent(f1, x);
            s2 += Avx2.MultiplyAddAdjacent(f2, x);
            s3 += Avx2.MultiplyAddAdjacent(f3, x);
            s4 += Avx2.MultiplyAddAdjacent(f4, x);
            s5 += Avx2.MultiplyAddAdjacent(f5, x);
        }
        return Vector256.Sum(s0 ^ s1 ^ s2 ^ s3 ^ s4 ^ s5);
    }

    /// <summary>The same with products in 16 bits, where there is no instruction for pairs of bytes.</summary>
    private static int Int8Plain(sbyte* bytes)
    {
        Vector128<short> f0 = Vector128.Create((short)1), f1 = Vector128.Create((short)2), f2 = Vector128.Create((short)3), f3 = Vector128.Create((short)4);
        Vector128<short> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int turn = 0; turn < Turns; turn++)
        {
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.LoadAligned(bytes + turn % Vectors * 64));
            s0 += f0 * low + f0 * high;
            s1 += f1 * low + f1 * high;
            s2 += f2 * low + f2 * high;
            s3 += f3 * low + f3 * high;
        }
        return Vector128.Sum(s0 ^ s1 ^ s2 ^ s3);
    }

    private static float F32Of512()
    {
        Vector512<float> factor = Vector512.Create(0.5f), addend = Vector512.Create(0.25f);
        Vector512<float> s0 = addend, s1 = addend, s2 = addend, s3 = addend, s4 = addend, s5 = addend, s6 = addend, s7 = addend, s8 = addend, s9 = addend, s10 = addend, s11 = addend;
        for (int turn = 0; turn < Turns; turn++)
        {
            s0 = Vector512.MultiplyAddEstimate(s0, factor, addend);
            s1 = Vector512.MultiplyAddEstimate(s1, factor, addend);
            s2 = Vector512.MultiplyAddEstimate(s2, factor, addend);
            s3 = Vector512.MultiplyAddEstimate(s3, factor, addend);
            s4 = Vector512.MultiplyAddEstimate(s4, factor, addend);
            s5 = Vector512.MultiplyAddEstimate(s5, factor, addend);
            s6 = Vector512.MultiplyAddEstimate(s6, factor, addend);
            s7 = Vector512.MultiplyAddEstimate(s7, factor, addend);
            s8 = Vector512.MultiplyAddEstimate(s8, factor, addend);
            s9 = Vector512.MultiplyAddEstimate(s9, factor, addend);
            s10 = Vector512.MultiplyAddEstimate(s10, factor, addend);
            s11 = Vector512.MultiplyAddEstimate(s11, factor, addend);
        }
        return Vector512.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    private static float F32Of256()
    {
        Vector256<float> factor = Vector256.Create(0.5f), addend = Vector256.Create(0.25f);
        Vector256<float> s0 = addend, s1 = addend, s2 = addend, s3 = addend, s4 = addend, s5 = addend, s6 = addend, s7 = addend, s8 = addend, s9 = addend, s10 = addend, s11 = addend;
        for (int turn = 0; turn < Turns; turn++)
        {
            s0 = Vector256.MultiplyAddEstimate(s0, factor, addend);
            s1 = Vector256.MultiplyAddEstimate(s1, factor, addend);
            s2 = Vector256.MultiplyAddEstimate(s2, factor, addend);
            s3 = Vector256.MultiplyAddEstimate(s3, factor, addend);
            s4 = Vector256.MultiplyAddEstimate(s4, factor, addend);
            s5 = Vector256.MultiplyAddEstimate(s5, factor, addend);
            s6 = Vector256.MultiplyAddEstimate(s6, factor, addend);
            s7 = Vector256.MultiplyAddEstimate(s7, factor, addend);
            s8 = Vector256.MultiplyAddEstimate(s8, factor, addend);
            s9 = Vector256.MultiplyAddEstimate(s9, factor, addend);
            s10 = Vector256.MultiplyAddEstimate(s10, factor, addend);
            s11 = Vector256.MultiplyAddEstimate(s11, factor, addend);
        }
        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }
}
