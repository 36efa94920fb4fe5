namespace YiSharp.Tensors;

/// <summary>Weights as the CPU backend holds them: where they lie in the file or the program.</summary>
internal sealed class CpuWeight : Weight
{
    public CpuWeight(WeightData data) : base(data.Name, data.Rows, data.Columns) => Data = data;

    /// <summary>The weights as stored.</summary>
    public WeightData Data { get; }

    /// <summary>The values of a row, [columns].</summary>
    public void DequantizeRow(int row, Span<float> values) => Data.DequantizeRow(row, values);
}
