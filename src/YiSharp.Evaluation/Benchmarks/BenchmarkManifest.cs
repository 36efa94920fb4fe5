namespace YiSharp.Evaluation;

/// <summary>The files whose bytes are known: <c>benchmarks/manifest.tsv</c>, which is part of the program.</summary>
/// <param name="Suite">The benchmark's folder, such as <c>truthfulqa</c>.</param>
/// <param name="Subject">The subject.</param>
/// <param name="Split">The split.</param>
/// <param name="Rows">How many questions it holds.</param>
/// <param name="Sha256">Of its bytes, in hexadecimal.</param>
internal sealed record BenchmarkManifest(string Suite, string Subject, string Split, int Rows, string Sha256)
{
    /// <summary>Its name in <c>benchmarks/</c> and among the resources.</summary>
    public const string FileName = "manifest.tsv";

    /// <summary>Every known file.</summary>
    public static IReadOnlyList<BenchmarkManifest> All { get; } = Read();

    private static readonly Dictionary<string, BenchmarkManifest> _bySha256 = All.ToDictionary(file => file.Sha256);

    /// <summary>The file with these bytes; null where they are not known.</summary>
    public static BenchmarkManifest? Known(string sha256) => _bySha256.GetValueOrDefault(sha256);

    private static BenchmarkManifest[] Read()
    {
        using var reader = new StreamReader(typeof(BenchmarkManifest).Assembly.GetManifestResourceStream(FileName)!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split('\t')).Select(cells => new BenchmarkManifest(cells[0], cells[1], cells[2], int.Parse(cells[3]), cells[4]))];
    }
}
