using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using YiSharp.Tensors.Blocks;

namespace YiSharp.Tensors;

/// <summary>How weights are stored: a row of the table at the end of this file.</summary>
public sealed class WeightFormat
{
    /// <summary>Turns bytes of whole blocks into values, or values into bytes.</summary>
    private delegate void Decode(ReadOnlySpan<byte> bytes, Span<float> values);

    private delegate void Encode(ReadOnlySpan<float> values, Span<byte> bytes);

    private readonly Decode _decode;
    private readonly Encode _encode;

    private WeightFormat(string name, int blockLength, int blockBytes, Decode decode, Encode encode)
    {
        Name = name;
        BlockLength = blockLength;
        BlockBytes = blockBytes;
        _decode = decode;
        _encode = encode;
    }

    /// <summary>The name that GGUF and safetensors use, such as <c>Q4_0</c> or <c>BF16</c>.</summary>
    public string Name { get; }

    /// <summary>Weights in a block; 1 for floating-point formats.</summary>
    public int BlockLength { get; }

    /// <summary>Bytes of a block.</summary>
    public int BlockBytes { get; }

    /// <summary>Whether weights are rounded to integer codes in blocks, so that activations may be rounded to 8 bits too.</summary>
    public bool IsQuantized => BlockLength > 1;

    /// <summary>Bits a weight takes, scales included.</summary>
    public double BitsPerWeight => 8.0 * BlockBytes / BlockLength;

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
    public void Quantize(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        RequireSize(bytes.Length, values.Length);
        _encode(values, bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private void RequireSize(int byteCount, int valueCount)
    {
        if (RowBytes(valueCount) != byteCount) throw new TensorException($"{valueCount} weights in {Name} take {RowBytes(valueCount)} bytes; {byteCount} were given.");
    }

    private static WeightFormat Of<TBlock>(string name) where TBlock : unmanaged, IWeightBlock<TBlock> => new(
        name,
        TBlock.Length,
        Unsafe.SizeOf<TBlock>(),
        static (bytes, values) =>
        {
            ReadOnlySpan<TBlock> blocks = MemoryMarshal.Cast<byte, TBlock>(bytes);
            for (int i = 0; i < blocks.Length; i++) TBlock.Dequantize(in blocks[i], values.Slice(i * TBlock.Length, TBlock.Length));
        },
        static (values, bytes) =>
        {
            Span<TBlock> blocks = MemoryMarshal.Cast<byte, TBlock>(bytes);
            for (int i = 0; i < blocks.Length; i++) blocks[i] = TBlock.Quantize(values.Slice(i * TBlock.Length, TBlock.Length));
        });

    /// <summary>IEEE single precision.</summary>
    public static WeightFormat F32 { get; } = new("F32", 1, 4,
        static (bytes, values) => MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values),
        static (values, bytes) => values.CopyTo(MemoryMarshal.Cast<byte, float>(bytes)));

    /// <summary>IEEE half precision.</summary>
    public static WeightFormat F16 { get; } = new("F16", 1, 2,
        static (bytes, values) => Float16.ToSingle(MemoryMarshal.Cast<byte, ushort>(bytes), values),
        static (values, bytes) => Float16.FromSingle(values, MemoryMarshal.Cast<byte, ushort>(bytes)));

    /// <summary>The upper half of single precision.</summary>
    public static WeightFormat BF16 { get; } = new("BF16", 1, 2,
        static (bytes, values) => BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(bytes), values),
        static (values, bytes) => BFloat16.FromSingle(values, MemoryMarshal.Cast<byte, ushort>(bytes)));

    /// <summary>4-bit codes around 8 with a scale per 32.</summary>
    public static WeightFormat Q4_0 { get; } = Of<Q4_0>("Q4_0");

    /// <summary>4-bit codes with a scale and an offset per 32.</summary>
    public static WeightFormat Q4_1 { get; } = Of<Q4_1>("Q4_1");

    /// <summary>Signed 8-bit codes with a scale per 32.</summary>
    public static WeightFormat Q8_0 { get; } = Of<Q8_0>("Q8_0");

    /// <summary>
    /// In memory only: unsigned 8-bit codes with a scale and an offset in single precision per 32, 40 bytes:
    /// scale, offset, then the codes in order.
    /// </summary>
    public static WeightFormat Affine8 { get; } = Of<Affine8>("Affine8");
}
