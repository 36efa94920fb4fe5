namespace YiSharp.Evaluation;

/// <summary>Parquet files.</summary>
internal static class ParquetTable
{
    public static IEnumerable<TableRow> Read(string path, byte[] bytes) => throw new NotSupportedException($"{path} is a parquet file of {bytes.Length} bytes, which is not read yet.");
}
