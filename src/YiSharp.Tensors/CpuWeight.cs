using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>Weights as the CPU backend holds them: where they lie in the file or the program, or packed for the kernels.</summary>
internal sealed class CpuWeight : Weight
{
    public CpuWeight(WeightData data, PackedWeight? packed = null) : base(data.Name, data.Rows, data.Columns) => (Data, Packed) = (data, packed);

    /// <summary>The weights as stored; not read any more when there is a packed form.</summary>
    public WeightData Data { get; }

    /// <summary>The weights for 8-bit activations, or null where products are in single precision.</summary>
    public PackedWeight? Packed { get; }

    /// <summary>The values of a row, [columns].</summary>
    public void DequantizeRow(int row, Span<float> values)
    {
        if (Packed is null) Data.DequantizeRow(row, values);
        else Packed.DequantizeRow(row, values);
    }
}
