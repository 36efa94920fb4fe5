using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>Weights as the CPU backend holds them: where they lie in the file or the program, or packed for the kernels, not both.</summary>
internal sealed class CpuWeight : Weight
{
    /// <summary>Weights that stay where they are, for products in single precision.</summary>
    public CpuWeight(WeightData data) : base(data.Name, data.Rows, data.Columns) => Data = data;

    /// <summary>Packed weights, for activations in 8 or 16 bits.</summary>
    public CpuWeight(string name, PackedWeight packed) : base(name, packed.Rows, packed.Columns) => Packed = packed;

    /// <summary>The weights as stored, or null where they are packed.</summary>
    public WeightData? Data { get; }

    /// <summary>The packed weights, or null.</summary>
    public PackedWeight? Packed { get; }

    /// <inheritdoc/>
    public override long LengthBytes => Packed?.LengthBytes ?? (long)Rows * Data!.RowBytes;

    /// <summary>The values of a row, [columns].</summary>
    public void DequantizeRow(int row, Span<float> values)
    {
        if (Packed is null) Data!.DequantizeRow(row, values);
        else Packed.DequantizeRow(row, values);
    }
}
