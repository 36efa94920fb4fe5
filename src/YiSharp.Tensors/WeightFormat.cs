using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using YiSharp.Tensors.Blocks;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>How weights are stored: a row of the table at the end of this file.</summary>
public sealed class WeightFormat
{
    /// <summary>Turns bytes of whole blocks into values, or values into bytes.</summary>
    private delegate void Decode(ReadOnlySpan<byte> bytes, Span<float> values);

    private delegate void Encode(ReadOnlySpan<float> values, Span<byte> bytes);

    /// <summary>The index of the first weight that is not finite, or of its block's first; -1 where there is none.</summary>
    private delegate int Find(ReadOnlySpan<byte> bytes);

    /// <summary>Takes whole blocks apart.</summary>
    private delegate void Unpacker(ReadOnlySpan<byte> bytes, Span<byte> codes, Span<byte> scales);

    private readonly Decode _decode;
    private readonly Encode? _encode;
    private readonly Find _findNonFinite;
    private readonly Unpacker? _unpack;

    private WeightFormat(string name, int blockLength, int blockBytes, Decode decode, Encode? encode, Find findNonFinite, AffineForm? affine = null, Unpacker? unpack = null)
    {
        Affine = affine;
        _unpack = unpack;
        Name = name;
        BlockLength = blockLength;
        BlockBytes = blockBytes;
        _decode = decode;
        _encode = encode;
        _findNonFinite = findNonFinite;
    }

    /// <summary>The name that GGUF and safetensors use, such as <c>Q4_0</c> or <c>BF16</c>.</summary>
    public string Name { get; }

    /// <summary>Weights in a block; 1 for floating-point formats.</summary>
    public int BlockLength { get; }

    /// <summary>Bytes of a block.</summary>
    public int BlockBytes { get; }

    /// <summary>Whether weights are rounded to integer codes in blocks, so that activations may be rounded to 8 bits too.</summary>
    public bool IsQuantized => BlockLength > 1;

    /// <summary>Whether weights can be rounded to the format here; others are only read.</summary>
    public bool CanQuantize => _encode is not null;

    /// <summary>Bits a weight takes, scales included.</summary>
    public double BitsPerWeight => 8.0 * BlockBytes / BlockLength;

    /// <summary>What the integer kernels make of it; null where products are in single precision.</summary>
    internal AffineForm? Affine { get; }

    /// <summary>Codes and scales of whole blocks, as <see cref="IAffineBlock{TSelf}.Unpack"/> gives them; of formats that have <see cref="Affine"/>.</summary>
    internal void Unpack(ReadOnlySpan<byte> bytes, Span<byte> codes, Span<byte> scales) => _unpack!(bytes, codes, scales);

    /// <summary>Bytes of a row of <paramref name="columns"/> weights.</summary>
    /// <exception cref="TensorException">The row does not consist of whole blocks.</exception>
    public long RowBytes(int columns) => columns % BlockLength == 0
        ? (long)columns / BlockLength * BlockBytes
        : throw new TensorException($"A row of {columns} weights does not consist of whole {Name} blocks of {BlockLength}.");

    /// <summary>Values of whole blocks: <paramref name="bytes"/> of [values / BlockLength] blocks → [values].</summary>
    public void Dequantize(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        RequireSize(bytes.Length, values.Length);
        _decode(bytes, values);
    }

    /// <summary>Rounds values to whole blocks, the inverse of <see cref="Dequantize"/>.</summary>
    /// <exception cref="NotSupportedException">The format is only read: <see cref="CanQuantize"/>.</exception>
    public void Quantize(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        RequireSize(bytes.Length, values.Length);
        if (_encode is null) throw new NotSupportedException($"Weights cannot be rounded to {Name} here, it is only read; take {string.Join(", ", All.Where(format => format.CanQuantize))}.");
        _encode(values, bytes);
    }

    /// <summary>The index of the first weight that is infinite or not a number, or of the first of a block whose scales are; -1 where all are finite.</summary>
    /// <param name="bytes">Whole blocks.</param>
    public int FindNonFinite(ReadOnlySpan<byte> bytes) => _findNonFinite(bytes);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private void RequireSize(int byteCount, int valueCount)
    {
        if (RowBytes(valueCount) != byteCount) throw new TensorException($"{valueCount} weights in {Name} take {RowBytes(valueCount)} bytes; {byteCount} were given.");
    }

    private static WeightFormat ReadOnly<TBlock>(string name) where TBlock : unmanaged, IWeightBlock<TBlock> => Of<TBlock>(name, null);

    private static WeightFormat Packed<TBlock>(string name) where TBlock : unmanaged, IQuantizableBlock<TBlock>, IAffineBlock<TBlock> => PackedOf<TBlock>(name, Encoder<TBlock>());

    private static WeightFormat ReadOnlyPacked<TBlock>(string name) where TBlock : unmanaged, IAffineBlock<TBlock> => PackedOf<TBlock>(name, null);

    private static Encode Encoder<TBlock>() where TBlock : unmanaged, IQuantizableBlock<TBlock> => static (values, bytes) =>
    {
        Span<TBlock> blocks = MemoryMarshal.Cast<byte, TBlock>(bytes);
        for (int i = 0; i < blocks.Length; i++) blocks[i] = TBlock.Quantize(values.Slice(i * TBlock.Length, TBlock.Length));
    };

    private static WeightFormat PackedOf<TBlock>(string name, Encode? encode) where TBlock : unmanaged, IAffineBlock<TBlock> => Of<TBlock>(name, encode, TBlock.Form, static (bytes, codes, scales) =>
    {
        ReadOnlySpan<TBlock> blocks = MemoryMarshal.Cast<byte, TBlock>(bytes);
        int scaleBytes = TBlock.Form.ScaleBytes;
        for (int i = 0; i < blocks.Length; i++) TBlock.Unpack(in blocks[i], codes.Slice(i * TBlock.Length, TBlock.Length), scales.Slice(i * scaleBytes, scaleBytes));
    });

    private static WeightFormat Of<TBlock>(string name, Encode? encode, AffineForm? affine = null, Unpacker? unpack = null) where TBlock : unmanaged, IWeightBlock<TBlock> => new(
        name,
        TBlock.Length,
        Unsafe.SizeOf<TBlock>(),
        static (bytes, values) =>
        {
            ReadOnlySpan<TBlock> blocks = MemoryMarshal.Cast<byte, TBlock>(bytes);
            for (int i = 0; i < blocks.Length; i++) TBlock.Dequantize(in blocks[i], values.Slice(i * TBlock.Length, TBlock.Length));
        },
        encode,
        static bytes =>
        {
            ReadOnlySpan<TBlock> blocks = MemoryMarshal.Cast<byte, TBlock>(bytes);
            for (int i = 0; i < blocks.Length; i++)
            {
                if (!TBlock.IsFinite(in blocks[i])) return i * TBlock.Length;
            }
            return -1;
        },
        affine,
        unpack);

    /// <summary>IEEE single precision.</summary>
    public static WeightFormat F32 { get; } = new("F32", 1, 4,
        static (bytes, values) => MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values),
        static (values, bytes) => values.CopyTo(MemoryMarshal.Cast<byte, float>(bytes)),
        static bytes => Finite.FindOther(bytes, 0x7f800000u));

    /// <summary>IEEE half precision.</summary>
    public static WeightFormat F16 { get; } = new("F16", 1, 2,
        static (bytes, values) => Float16.ToSingle(MemoryMarshal.Cast<byte, ushort>(bytes), values),
        static (values, bytes) => Float16.FromSingle(values, MemoryMarshal.Cast<byte, ushort>(bytes)),
        static bytes => Finite.FindOther(bytes, (ushort)0x7c00));

    /// <summary>The upper half of single precision.</summary>
    public static WeightFormat BF16 { get; } = new("BF16", 1, 2,
        static (bytes, values) => BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(bytes), values),
        static (values, bytes) => BFloat16.FromSingle(values, MemoryMarshal.Cast<byte, ushort>(bytes)),
        static bytes => Finite.FindOther(bytes, (ushort)0x7f80));

    /// <summary>4-bit codes around 8 with a scale per 32.</summary>
    public static WeightFormat Q4_0 { get; } = Packed<Q4_0>("Q4_0");

    /// <summary>4-bit codes with a scale and an offset per 32.</summary>
    public static WeightFormat Q4_1 { get; } = Packed<Q4_1>("Q4_1");

    /// <summary>5-bit codes around 16 with a scale per 32.</summary>
    public static WeightFormat Q5_0 { get; } = Packed<Q5_0>("Q5_0");

    /// <summary>5-bit codes with a scale and an offset per 32.</summary>
    public static WeightFormat Q5_1 { get; } = Packed<Q5_1>("Q5_1");

    /// <summary>Signed 8-bit codes with a scale per 32.</summary>
    public static WeightFormat Q8_0 { get; } = Packed<Q8_0>("Q8_0");

    /// <summary>2-bit codes with 4-bit factors of scale and offset per 16.</summary>
    public static WeightFormat Q2_K { get; } = ReadOnlyPacked<Q2_K>("Q2_K");

    /// <summary>3-bit codes with a 6-bit factor of the scale per 16.</summary>
    public static WeightFormat Q3_K { get; } = ReadOnlyPacked<Q3_K>("Q3_K");

    /// <summary>4-bit codes with 6-bit factors of scale and offset per 32.</summary>
    public static WeightFormat Q4_K { get; } = ReadOnlyPacked<Q4_K>("Q4_K");

    /// <summary>5-bit codes with 6-bit factors of scale and offset per 32.</summary>
    public static WeightFormat Q5_K { get; } = ReadOnlyPacked<Q5_K>("Q5_K");

    /// <summary>6-bit codes with an 8-bit factor of the scale per 16.</summary>
    public static WeightFormat Q6_K { get; } = ReadOnlyPacked<Q6_K>("Q6_K");

    /// <summary>4-bit codes of uneven levels with a scale per 32.</summary>
    public static WeightFormat IQ4_NL { get; } = ReadOnlyPacked<IQ4_NL>("IQ4_NL");

    /// <summary>4-bit codes of uneven levels with a 6-bit factor of the scale per 32.</summary>
    public static WeightFormat IQ4_XS { get; } = ReadOnlyPacked<IQ4_XS>("IQ4_XS");

    /// <summary>Ternary codes, five to a byte, with a scale per 256.</summary>
    public static WeightFormat TQ1_0 { get; } = ReadOnly<TQ1_0>("TQ1_0");

    /// <summary>Ternary codes of 2 bits with a scale per 256.</summary>
    public static WeightFormat TQ2_0 { get; } = ReadOnly<TQ2_0>("TQ2_0");

    /// <summary>4-bit floating-point codes with a power of two per 32.</summary>
    public static WeightFormat MXFP4 { get; } = ReadOnlyPacked<MXFP4>("MXFP4");

    /// <summary>
    /// In memory only: unsigned 8-bit codes with a scale and an offset in single precision per 32, 40 bytes:
    /// scale, offset, then the codes in order.
    /// </summary>
    public static WeightFormat Affine8 { get; } = Of<Affine8>("Affine8", Encoder<Affine8>());

    /// <summary>Every format that files hold.</summary>
    public static IReadOnlyList<WeightFormat> All { get; } = [F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, TQ1_0, TQ2_0, MXFP4];
}
