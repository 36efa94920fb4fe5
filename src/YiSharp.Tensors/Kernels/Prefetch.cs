using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// Takes memory to the second-level cache that will be read soon: what looks ahead in hardware stops at the end of a page of 4 KiB. An address that
/// nobody owns does no harm.
/// </summary>
internal static unsafe class Prefetch
{
    private const int LineBytes = 64;

    /// <summary>The cache line of an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(nint address)
    {
        if (Sse.IsSupported) Sse.Prefetch1((void*)address);
    }

    /// <summary>All lines of some bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(byte* from, int count)
    {
        for (int i = 0; i < count; i += LineBytes) Line((nint)(from + i));
    }
}
