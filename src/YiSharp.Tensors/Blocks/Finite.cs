using System.Numerics;
using System.Runtime.InteropServices;

namespace YiSharp.Tensors.Blocks;

/// <summary>Finds numbers that are infinite or no numbers: those whose exponent bits are all set.</summary>
internal static class Finite
{
    /// <summary>The index of the first, or -1.</summary>
    /// <typeparam name="T">An unsigned number of the format's size.</typeparam>
    /// <param name="bytes">The numbers.</param>
    /// <param name="exponent">The bits of the exponent.</param>
    public static int FindOther<T>(ReadOnlySpan<byte> bytes, T exponent) where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> bits = MemoryMarshal.Cast<byte, T>(bytes);
        var mask = new Vector<T>(exponent);
        int i = 0;
        while (i <= bits.Length - Vector<T>.Count && !Vector.EqualsAny(new Vector<T>(bits[i..]) & mask, mask)) i += Vector<T>.Count;
        for (; i < bits.Length; i++)
        {
            if ((bits[i] & exponent) == exponent) return i;
        }
        return -1;
    }
}
