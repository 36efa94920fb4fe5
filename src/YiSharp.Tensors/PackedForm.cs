using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>
/// The form in which the kernels of <see cref="CpuBackend"/> read quantized weights, for those who keep it beyond a run: how long it is, and how it is made.
/// Its bytes follow from <see cref="Version"/>, format, rows, columns and the weights alone.
/// </summary>
public static class PackedForm
{
    /// <summary>Changes with the order of the bytes: what was made under another version means nothing.</summary>
    public const int Version = PackedWeight.LayoutVersion;

    /// <summary>A packed form begins at a multiple of this many bytes.</summary>
    public const int Alignment = PackedWeight.Alignment;

    /// <summary>Whether weights in a format have a packed form; others are read as they are stored.</summary>
    public static bool IsMadeOf(WeightFormat format) => format.Affine is not null;

    /// <summary>Bytes of the packed form of weights [rows, columns]; null where weights in this format are read as they are stored.</summary>
    public static long? LengthBytes(WeightFormat format, int rows, int columns) => PackedWeight.LengthOf(format, rows, columns);

    /// <summary>Bytes of the packed form of these weights; null where they are read as they are stored.</summary>
    public static long? LengthBytes(WeightData data) => LengthBytes(data.Format, data.Rows, data.Columns);

    /// <summary>Writes the packed form of weights to the beginning of <paramref name="memory"/>.</summary>
    /// <exception cref="ArgumentException">Weights in this format have none.</exception>
    public static void Write(WeightData data, TensorMemory memory, Parallelism parallelism)
    {
        PackedWeight packed = PackedWeight.Over(data.Format, data.Rows, data.Columns, memory) ?? throw new ArgumentException($"{data.Name} is stored in {data.Format}, which has no packed form.");
        packed.Fill(data, parallelism);
    }
}
