using System.Runtime.InteropServices;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 256 weights in 54 bytes (ggml-common.h, block_tq1_0), ternary: weight = scale · (digit − 1). A byte b holds digits of a fraction b / 256
/// in base 3, the first one first: digit n = ⌊3 · (3ⁿ · b mod 256) / 256⌋.
/// <code>
/// byte 0-31   digit n &lt; 5 of byte i: weight 32 · n + i
/// byte 32-47  digit n &lt; 5 of byte 32 + i: weight 160 + 16 · n + i
/// byte 48-51  digit n &lt; 4 of byte 48 + i: weight 240 + 4 · n + i
/// byte 52-53  scale, IEEE half
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct TQ1_0 : IWeightBlock<TQ1_0>
{
    public Codes32 First;
    public Codes16 Second;
    public uint Third;
    public ushort Scale;

    public static int Length => 256;

    public static void Dequantize(in TQ1_0 block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        Digits(block.First, 5, scale, values);
        Digits(block.Second, 5, scale, values[160..]);
        Digits(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in block.Third)), 4, scale, values[240..]);
    }

    public static bool IsFinite(in TQ1_0 block) => Float16.IsFinite(block.Scale);

    private static void Digits(ReadOnlySpan<byte> bytes, int count, float scale, Span<float> values)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            int rest = bytes[i];
            for (int n = 0; n < count; n++, rest = (byte)(3 * rest)) values[n * bytes.Length + i] = ((3 * rest >> 8) - 1) * scale;
        }
    }
}
