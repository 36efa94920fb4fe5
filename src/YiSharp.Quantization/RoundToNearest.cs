using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Quantization;

/// <summary>Quantization by rounding each weight to the nearest code of its block, looking at no data: the yardstick for all other methods.</summary>
public static class RoundToNearest
{
    private const string MethodName = "round-to-nearest";
    private const string ReportName = "quantization.json";

    /// <summary>
    /// Writes <paramref name="source"/> with fewer bits. A path that ends in .gguf gives that file; any other a folder with NAME.gguf,
    /// quantization.json and the card, in place of what is there, whole or not at all.
    /// </summary>
    /// <exception cref="ArgumentException">Options that cannot be.</exception>
    /// <exception cref="InvalidDataException">A weight is not finite.</exception>
    public static QuantizationReport Quantize(Checkpoint source, string path, QuantizationOptions options)
    {
        options.Validate();
        source.RequireElsewhere(path);
        if (path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) return WriteFile(source, path, options);

        using var folder = new AtomicDirectory(path);
        string name = options.Name ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Path)));
        QuantizationReport report = WriteFile(source, Path.Combine(folder.PartialPath, $"{name}.{(options.Bits == 8 ? WeightFormat.Q8_0 : WeightFormat.Q4_0)}.gguf"), options);
        report.Save(Path.Combine(folder.PartialPath, ReportName));
        if (options.ModelCard is string card) AtomicFile.WriteAllText(Path.Combine(folder.PartialPath, "README.md"), card);
        folder.Commit();
        return report;
    }

    private static QuantizationReport WriteFile(Checkpoint source, string path, QuantizationOptions options)
    {
        IReadOnlyList<WeightSource> weights = options.Weights ?? [.. WeightSource.Of(source)];
        GgufWriter.Write(path, source, new GgufOptions { Name = options.Name, Weights = weights, Format = tensor => Choose(tensor, options.Bits).Format });
        return Measure(path, weights, options);
    }

    /// <summary>The format of a matrix, and why it is not the one asked for.</summary>
    private static (WeightFormat Format, string? Note) Choose(LlamaTensor tensor, int bits)
    {
        bool isTable = tensor.Name is LlamaTensors.EmbedTokens or LlamaTensors.LmHead;
        WeightFormat wanted = bits == 8 || isTable ? WeightFormat.Q8_0 : WeightFormat.Q4_0;
        return tensor.IsVector ? (WeightFormat.F32, null)
            : tensor.Columns % wanted.BlockLength == 0 ? (wanted, null)
            : (WeightFormat.F16, $"rows of {tensor.Columns} weights do not consist of whole {wanted} blocks of {wanted.BlockLength}");
    }

    /// <summary>Reads the written file back and holds it against the weights that went in.</summary>
    private static QuantizationReport Measure(string path, IReadOnlyList<WeightSource> weights, QuantizationOptions options)
    {
        using Checkpoint written = Checkpoint.Open(path);
        var sources = weights.ToDictionary(w => w.Name, StringComparer.Ordinal);
        var tensors = new List<TensorReport>();
        (double error, double power) = (0, 0);
        foreach (LlamaTensor tensor in LlamaTensors.Of(written.Config))
        {
            WeightData stored = written.Weights[tensor.Name];
            (double tensorError, double tensorPower) = SquaredError(sources[tensor.Name], stored);
            error += tensorError;
            power += tensorPower;
            tensors.Add(new TensorReport(
                tensor.Name,
                tensor.IsVector ? [tensor.Columns] : [tensor.Rows, tensor.Columns],
                stored.Format.Name,
                (long)stored.Rows * stored.RowBytes,
                stored.Format.BitsPerWeight,
                Ratio(tensorError, tensorPower),
                Choose(tensor, options.Bits).Note));
            options.Progress?.Invoke(tensors.Count, sources.Count);
        }
        return new QuantizationReport
        {
            Method = MethodName,
            Bits = options.Bits,
            File = Path.GetFileName(path),
            FileBytes = new FileInfo(path).Length,
            Parameters = written.ParameterCount,
            WeightBytes = written.WeightBytes,
            BitsPerWeight = 8.0 * written.WeightBytes / written.ParameterCount,
            NormalizedSquaredError = Ratio(error, power),
            Tensors = tensors,
        };
    }

    /// <summary>Σ(w − q)² and Σw² over a matrix.</summary>
    private static (double Error, double Power) SquaredError(WeightSource source, WeightData stored)
    {
        var expected = new float[source.Columns];
        var found = new float[source.Columns];
        (double error, double power) = (0, 0);
        for (int row = 0; row < source.Rows; row++)
        {
            source.Fill(row, expected);
            stored.DequantizeRow(row, found);
            for (int i = 0; i < expected.Length; i++)
            {
                double difference = (double)expected[i] - found[i];
                error += difference * difference;
                power += (double)expected[i] * expected[i];
            }
        }
        return (error, power);
    }

    private static double Ratio(double error, double power) => power == 0 ? 0 : error / power;
}
