using System.Runtime.InteropServices;

namespace YiSharp.Tensors;

/// <summary>A trained weight on the CPU: four row-major matrices.</summary>
internal sealed unsafe class CpuParameter : Parameter
{
    private readonly TensorMemory[] _parts = new TensorMemory[4];

    public CpuParameter(WeightData data) : base(data.Name, data.Rows, data.Columns)
    {
        long bytes = (long)data.Rows * data.Columns * sizeof(float);
        if (bytes > int.MaxValue)
        {
            throw new NotSupportedException($"{data.Name} [{data.Rows}, {data.Columns}] takes {bytes} bytes in single precision; a trained weight may take 2 GiB.");
        }
        for (int i = 0; i < _parts.Length; i++) _parts[i] = TensorMemory.Allocate(bytes);
        for (int row = 0; row < data.Rows; row++) data.DequantizeRow(row, Span(ParameterPart.Values).Slice(row * data.Columns, data.Columns));
        Current = new CpuWeight(new WeightData(data.Name, WeightFormat.F32, data.Rows, data.Columns, _parts[0]));
    }

    /// <inheritdoc/>
    public override Weight Current { get; }

    /// <summary>A part, [rows · columns].</summary>
    public Span<float> Span(ParameterPart part) => MemoryMarshal.Cast<byte, float>(_parts[(int)part].Slice(0, (int)_parts[(int)part].LengthBytes));

    /// <summary>The first element of a part.</summary>
    public float* Pointer(ParameterPart part) => (float*)_parts[(int)part].Pointer;

    /// <inheritdoc/>
    public override void Read(ParameterPart part, Span<float> destination) => Span(part).CopyTo(destination);

    /// <inheritdoc/>
    public override void Write(ParameterPart part, ReadOnlySpan<float> source)
    {
        if (source.Length != Rows * Columns) throw new TensorException($"{this} takes {Rows * Columns} values; {source.Length} were given.");
        source.CopyTo(Span(part));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (TensorMemory part in _parts) part.Dispose();
    }
}
