using System.Runtime.InteropServices;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// The factors s and m, of 6 bits each, of the 8 groups of a Q4_K or Q5_K block in 12 bytes (ggml-quants.c, get_scale_min_k4).
/// <code>
/// byte g      g &lt; 4: bits 0-5 s of group g; bits 6-7 bits 4-5 of s of group g + 4
/// byte g + 4  g &lt; 4: bits 0-5 m of group g; bits 6-7 bits 4-5 of m of group g + 4
/// byte g + 8  g &lt; 4: low nibble bits 0-3 of s, high nibble bits 0-3 of m of group g + 4
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct GroupFactors
{
    private const uint SixBits = 0x3f3f3f3f, FourBits = 0x0f0f0f0f, TwoBits = 0x03030303;

    public uint First;
    public uint Second;
    public uint Third;

    /// <summary>s of all groups, 0 to 63, group g in byte g.</summary>
    public readonly ulong S => (First & SixBits) | ((ulong)((Third & FourBits) | ((First >> 6 & TwoBits) << 4)) << 32);

    /// <summary>m of all groups, 0 to 63, group g in byte g.</summary>
    public readonly ulong M => (Second & SixBits) | ((ulong)((Third >> 4 & FourBits) | ((Second >> 6 & TwoBits) << 4)) << 32);

    /// <summary>Scale, offset, s of all groups, m of all groups, [20] bytes.</summary>
    public readonly void Unpack(ushort scale, ushort offset, Span<byte> scales)
    {
        MemoryMarshal.Write(scales, scale);
        MemoryMarshal.Write(scales[2..], offset);
        MemoryMarshal.Write(scales[4..], S);
        MemoryMarshal.Write(scales[12..], M);
    }
}
