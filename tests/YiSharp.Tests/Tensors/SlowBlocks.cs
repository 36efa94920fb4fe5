using System.Buffers.Binary;

namespace YiSharp.Tests.Tensors;

/// <summary>The formats' blocks weight by weight, as ggml's layout says: what the product's vectors are held against.</summary>
internal static class SlowBlocks
{
    private static readonly sbyte[] s_levels = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
    private static readonly sbyte[] s_e2m1 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>Weight <paramref name="i"/> of a block.</summary>
    public static float Decode(string format, ReadOnlySpan<byte> b, int i)
    {
        int half = i / 128, quarter = i % 128 / 32, sixteenth = i / 16, within = i % 32;
        switch (format)
        {
            case "Q4_0": return Half(b) * (Nibble(b[2..], i) - 8);
            case "Q4_1": return Half(b) * Nibble(b[4..], i) + Half(b[2..]);
            case "Q5_0": return Half(b) * ((Nibble(b[6..], i) | (Bit(b[2..], i) << 4)) - 16);
            case "Q5_1": return Half(b) * (Nibble(b[8..], i) | (Bit(b[4..], i) << 4)) + Half(b[2..]);
            case "Q8_0": return Half(b) * (sbyte)b[2 + i];
            case "Q2_K": return Half(b[80..]) * (b[sixteenth] & 15) * ((b[16 + 32 * half + within] >> (2 * quarter)) & 3) - Half(b[82..]) * (b[sixteenth] >> 4);
            case "Q3_K":
                int low = (b[32 + 32 * half + within] >> (2 * quarter)) & 3, third = (b[within] >> (i / 32)) & 1;
                int lowScale = (b[96 + sixteenth % 8] >> (sixteenth < 8 ? 0 : 4)) & 15, highScale = (b[104 + sixteenth % 4] >> (2 * (sixteenth / 4))) & 3;
                return Half(b[108..]) * ((lowScale | (highScale << 4)) - 32) * ((low | (third << 2)) - 4);
            case "Q4_K":
                (int s, int m) = Factors(b[4..], i / 32);
                return Half(b) * s * KNibble(b[16..], i) - Half(b[2..]) * m;
            case "Q5_K":
                (s, m) = Factors(b[4..], i / 32);
                return Half(b) * s * (KNibble(b[48..], i) | (((b[16 + within] >> (i / 32)) & 1) << 4)) - Half(b[2..]) * m;
            case "Q6_K":
                int nibble = (b[64 * half + i % 64] >> (i % 128 < 64 ? 0 : 4)) & 15, upper = (b[128 + 32 * half + within] >> (2 * quarter)) & 3;
                return Half(b[208..]) * (sbyte)b[192 + sixteenth] * ((nibble | (upper << 4)) - 32);
            case "IQ4_NL": return Half(b) * s_levels[Nibble(b[2..], i)];
            case "IQ4_XS":
                int group = i / 32, bits = (b[4 + group / 2] >> (4 * (group % 2))) & 15, high = (BinaryPrimitives.ReadUInt16LittleEndian(b[2..]) >> (2 * group)) & 3;
                return Half(b) * ((bits | (high << 4)) - 32) * s_levels[Nibble(b[(8 + 16 * group)..], within)];
            case "TQ1_0":
                (int at, int digit) = i < 160 ? (i % 32, i / 32) : i < 240 ? (32 + i % 16, (i - 160) / 16) : (48 + i % 4, (i - 240) / 4);
                int power = 1;
                for (int n = 0; n < digit; n++) power *= 3;
                return Half(b[52..]) * (((byte)(b[at] * power) * 3 >> 8) - 1);
            case "TQ2_0": return Half(b[64..]) * (((b[32 * half + within] >> (2 * quarter)) & 3) - 1);
            case "MXFP4": return (float)(Math.Pow(2, b[0] - 128) * s_e2m1[Nibble(b[1..], i)]);
            default: throw new ArgumentOutOfRangeException(nameof(format), format, "Not a format.");
        }
    }

    /// <summary>32 finite values as a block.</summary>
    public static byte[] Encode(string format, ReadOnlySpan<float> values)
    {
        if (format == "Q8_0") return EncodeQ8(values);
        int bits = format[1] - '0', middle = 1 << (bits - 1), most = 2 * middle - 1;
        bool hasOffset = format[^1] == '1';
        float extreme = 0, least = values[0], greatest = values[0];
        foreach (float value in values)
        {
            if (MathF.Abs(value) > MathF.Abs(extreme)) extreme = value;
            if (value < least) least = value;
            if (value > greatest) greatest = value;
        }
        float scale = hasOffset ? (greatest - least) / most : extreme / -middle;
        float inverse = scale == 0 ? 0 : 1 / scale, shift = hasOffset ? 0.5f : middle + 0.5f;

        int head = hasOffset ? 4 : 2, codes = bits == 5 ? head + 4 : head;
        var block = new byte[codes + 16];
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        if (hasOffset) BinaryPrimitives.WriteHalfLittleEndian(block.AsSpan(2), (Half)least);
        for (int i = 0; i < 32; i++)
        {
            int code = Math.Clamp((int)((hasOffset ? values[i] - least : values[i]) * inverse + shift), 0, most);
            block[codes + i % 16] |= (byte)((code & 15) << (i < 16 ? 0 : 4));
            if (bits == 5) block[head + i / 8] |= (byte)(code >> 4 << (i % 8));
        }
        return block;
    }

    private static byte[] EncodeQ8(ReadOnlySpan<float> values)
    {
        float greatest = 0;
        foreach (float value in values) greatest = MathF.Max(greatest, MathF.Abs(value));
        float scale = greatest / 127, inverse = scale == 0 ? 0 : 1 / scale;
        var block = new byte[34];
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (int i = 0; i < 32; i++) block[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        return block;
    }

    private static float Half(ReadOnlySpan<byte> b) => (float)BinaryPrimitives.ReadHalfLittleEndian(b);

    private static int Nibble(ReadOnlySpan<byte> b, int i) => (b[i % 16] >> (i < 16 ? 0 : 4)) & 15;

    private static int KNibble(ReadOnlySpan<byte> b, int i) => (b[i / 64 * 32 + i % 32] >> (i % 64 < 32 ? 0 : 4)) & 15;

    private static int Bit(ReadOnlySpan<byte> b, int i) => (b[i / 8] >> (i % 8)) & 1;

    private static (int S, int M) Factors(ReadOnlySpan<byte> b, int group) => group < 4
        ? (b[group] & 63, b[group + 4] & 63)
        : ((b[group + 4] & 15) | (b[group - 4] >> 6 << 4), (b[group + 4] >> 4) | (b[group] >> 6 << 4));
}
