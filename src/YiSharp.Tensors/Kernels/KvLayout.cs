using System.Runtime.Intrinsics;
using YiSharp.Tensors.Blocks;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// How a block of <see cref="BlockTokens"/> tokens lies in memory in one layer: for each key/value head its keys, so that a vector holds one
/// feature of many tokens, then its values. Both stand in panels as the products read them: keys as [64 / 32][headDim, 32], values as
/// [<see cref="Width"/> / 32][64, 32], the last panel 16 wide if the width asks for it. With <see cref="KvCacheFormat.Q8"/> codes are followed by
/// their scales, [64 / 32][groups, 32] for keys and [groups][64] for values.
/// </summary>
/// <param name="Format">How a number is kept; not <see cref="KvCacheFormat.Auto"/>.</param>
/// <param name="Shape">Heads.</param>
internal readonly unsafe record struct KvLayout(KvCacheFormat Format, AttentionShape Shape)
{
    /// <summary>Tokens of a block: enough to hide what is done once a block, few enough that its keys in single precision fit the first-level cache.</summary>
    public const int BlockTokens = 64;

    /// <summary>Columns of a panel: two vectors of 16.</summary>
    public const int PanelWidth = 32;

    /// <summary>Features of a head that share a scale: those of a panel of values.</summary>
    private const int GroupFeatures = PanelWidth;

    /// <summary>Stored values of a head are padded with zeros to whole vectors.</summary>
    private const int VectorFloats = PanelWidth / 2;

    private const float GreatestCode = 127;

    /// <summary>The largest half.</summary>
    private const float GreatestHalf = 65504;

    /// <summary>Stored width of a head's values.</summary>
    public int Width => (Shape.HeadDim + VectorFloats - 1) / VectorFloats * VectorFloats;

    /// <summary>Scales of a head's token.</summary>
    private int Groups => (Shape.HeadDim + GroupFeatures - 1) / GroupFeatures;

    /// <summary>Bytes of a layer's part of a block.</summary>
    public long LayerBytes => (long)Shape.KvHeadCount * HeadBytes;

    /// <summary>Bytes of a head's part of a layer's.</summary>
    public long HeadBytes => PartBytes(Shape.HeadDim) + PartBytes(Width);

    /// <summary>The least number of blocks that hold <paramref name="tokenCount"/> tokens.</summary>
    public static int BlocksOf(int tokenCount) => (int)(((long)tokenCount + BlockTokens - 1) / BlockTokens);

    /// <summary>Floats of scratch that <see cref="Keys"/> needs.</summary>
    public int KeyFloats => Shape.HeadDim * BlockTokens;

    /// <summary>Floats of scratch that <see cref="Values"/> needs.</summary>
    public int ValueFloats => BlockTokens * Width;

    /// <summary>A head's keys in single precision: in place, or in <paramref name="scratch"/>.</summary>
    public float* Keys<TLanes, TVector>(nint block, int head, float* scratch)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var part = (byte*)(block + head * (nint)HeadBytes);
        switch (Format)
        {
            case KvCacheFormat.F16:
                Halves<TLanes, TVector>((ushort*)part, scratch, KeyFloats);
                return scratch;
            case KvCacheFormat.Q8:
                CodedKeys<TLanes, TVector>((sbyte*)part, (float*)(part + KeyFloats), scratch);
                return scratch;
            default:
                return (float*)part;
        }
    }

    /// <summary>A head's values of the first <paramref name="tokens"/> tokens in single precision, the rest arbitrary: in place, or in <paramref name="scratch"/>.</summary>
    public float* Values<TLanes, TVector>(nint block, int head, int tokens, float* scratch)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var part = (byte*)(block + head * (nint)HeadBytes + (nint)PartBytes(Shape.HeadDim));
        switch (Format)
        {
            case KvCacheFormat.F16:
                for (int d = 0; d < Width; d += PanelWidth) Halves<TLanes, TVector>((ushort*)part + BlockTokens * d, scratch + BlockTokens * d, tokens * Math.Min(PanelWidth, Width - d));
                return scratch;
            case KvCacheFormat.Q8:
                CodedValues<TLanes, TVector>((sbyte*)part, (float*)(part + ValueFloats), tokens, scratch);
                return scratch;
            default:
                return (float*)part;
        }
    }

    /// <summary>Writes a token's keys and values, each [kvHeadCount · headDim], to its place in a block.</summary>
    /// <param name="block">The layer's part of the block.</param>
    /// <param name="token">Which token of the block.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    public void Append(nint block, int token, float* k, float* v)
    {
        float* few = stackalloc float[GroupFeatures];
        new Span<float>(few, GroupFeatures).Clear();
        int headDim = Shape.HeadDim, panel = token / PanelWidth, column = token % PanelWidth;
        for (int head = 0; head < Shape.KvHeadCount; head++, k += headDim, v += headDim)
        {
            var keys = (byte*)(block + head * (nint)HeadBytes);
            byte* values = keys + PartBytes(headDim);
            for (int group = 0; group < Groups; group++)
            {
                int d = group * GroupFeatures, count = Math.Min(GroupFeatures, headDim - d), width = Math.Min(PanelWidth, Width - d);
                Buffer.MemoryCopy(k + d, few, sizeof(float) * GroupFeatures, sizeof(float) * count);
                Write(few, count, keys, (panel * headDim + d) * PanelWidth + column, PanelWidth, (float*)(keys + KeyFloats) + (panel * Groups + group) * PanelWidth + column);
                new Span<float>(few, GroupFeatures).Clear();
                Buffer.MemoryCopy(v + d, few, sizeof(float) * GroupFeatures, sizeof(float) * count);
                Write(few, width, values, BlockTokens * d + token * width, 1, (float*)(values + ValueFloats) + d / GroupFeatures * BlockTokens + token);
            }
        }
    }

    /// <summary>Bytes of a head's keys or values, <paramref name="columns"/> a token.</summary>
    private long PartBytes(int columns) => Format switch
    {
        KvCacheFormat.F16 => (long)BlockTokens * columns * sizeof(ushort),
        KvCacheFormat.Q8 => (long)BlockTokens * (columns + Groups * sizeof(float)),
        _ => (long)BlockTokens * columns * sizeof(float),
    };

    /// <summary>Writes a group's numbers to places <paramref name="step"/> apart from <paramref name="at"/> on.</summary>
    private void Write(float* x, int count, byte* part, int at, int step, float* scale)
    {
        switch (Format)
        {
            case KvCacheFormat.F16:
                ushort* halves = stackalloc ushort[GroupFeatures];
                Vector256<float> most = Vector256.Create(GreatestHalf);
                for (int i = 0; i < count; i += 8) Vector256.ClampNative(Vector256.Load(x + i), -most, most).Store(x + i);
                Float16.FromSingle(new ReadOnlySpan<float>(x, GroupFeatures), new Span<ushort>(halves, GroupFeatures));
                if (step == 1) Buffer.MemoryCopy(halves, (ushort*)part + at, sizeof(ushort) * count, sizeof(ushort) * count);
                else for (int i = 0; i < count; i++) ((ushort*)part)[at + i * step] = halves[i];
                break;
            case KvCacheFormat.Q8:
                *scale = Codes(x, count, (sbyte*)part + at, step);
                break;
            default:
                for (int i = 0; i < count; i++) ((float*)part)[at + i * step] = x[i];
                break;
        }
    }

    /// <summary>codes[i] = round(x[i] / scale), and the scale: a group's largest magnitude gets the greatest code.</summary>
    private static float Codes(float* x, int count, sbyte* codes, int step)
    {
        float greatest = 0;
        for (int i = 0; i < count; i++) greatest = MathF.Max(greatest, MathF.Abs(x[i]));
        float scale = greatest / GreatestCode, inverse = scale > 0 ? GreatestCode / greatest : 0;
        for (int i = 0; i < count; i++) codes[i * step] = (sbyte)MathF.Round(x[i] * inverse);
        return scale;
    }

    private static void Halves<TLanes, TVector>(ushort* halves, float* to, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int i = 0; i < count; i += TLanes.Count) TLanes.Store(to + i, TLanes.LoadFloat16(halves + i));
    }

    private void CodedKeys<TLanes, TVector>(sbyte* codes, float* scales, float* to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int panel = 0; panel < BlockTokens / PanelWidth; panel++, scales += Groups * PanelWidth)
        {
            for (int d = 0; d < Shape.HeadDim; d++)
            {
                float* scale = scales + d / GroupFeatures * PanelWidth;
                for (int column = 0; column < PanelWidth; column += TLanes.Count, codes += TLanes.Count, to += TLanes.Count)
                {
                    TLanes.Store(to, TLanes.Multiply(TLanes.LoadCodes(codes), TLanes.Load(scale + column)));
                }
            }
        }
    }

    private void CodedValues<TLanes, TVector>(sbyte* codes, float* scales, int tokens, float* to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int d = 0; d < Width; d += PanelWidth, scales += BlockTokens)
        {
            int width = Math.Min(PanelWidth, Width - d);
            for (int token = 0; token < tokens; token++)
            {
                TVector scale = TLanes.Broadcast(scales[token]);
                for (int i = BlockTokens * d + token * width; i < BlockTokens * d + (token + 1) * width; i += TLanes.Count)
                {
                    TLanes.Store(to + i, TLanes.Multiply(TLanes.LoadCodes(codes + i), scale));
                }
            }
        }
    }
}
