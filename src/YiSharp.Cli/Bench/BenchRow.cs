using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>What a work can be bound by.</summary>
/// <param name="Name">As JSON has it.</param>
/// <param name="Unit">In which it is measured.</param>
/// <param name="Of">Its value among a machine's limits, in 10⁹ a second.</param>
internal sealed record BenchLimit(string Name, string Unit, Func<MachineLimits, double> Of)
{
    /// <summary>Bytes read from memory.</summary>
    public static BenchLimit Read { get; } = new("read", "GB/s", limits => limits.ReadGigabytesPerSecond);

    /// <summary>Operations on bytes.</summary>
    public static BenchLimit Int8 { get; } = new("int8", "GOP/s", limits => limits.Int8GigaoperationsPerSecond);

    /// <summary>Operations in single precision.</summary>
    public static BenchLimit F32 { get; } = new("f32", "GFLOP/s", limits => limits.F32GigaoperationsPerSecond);

    /// <summary>The limit of a name, or null.</summary>
    public static BenchLimit? Find(string? name) => Array.Find([Read, Int8, F32], limit => limit.Name == name);

    /// <summary>What a work is bound by.</summary>
    /// <param name="kind">Answers read every weight for each token; prompts compute.</param>
    /// <param name="isInt8">Whether products are those of bytes.</param>
    public static BenchLimit For(WorkKind kind, bool isInt8) => kind == WorkKind.Decode ? Read : isInt8 ? Int8 : F32;
}

/// <summary>What was measured of a work.</summary>
/// <param name="Work">The work.</param>
/// <param name="Median">Tokens a second, the median of the runs.</param>
/// <param name="Min">The slowest run's.</param>
/// <param name="Max">The fastest run's.</param>
/// <param name="Limit">What binds it.</param>
/// <param name="Reached">What the median makes of that, 10⁹ bytes or operations a second.</param>
/// <param name="Fraction">Its share of the limit.</param>
internal sealed record BenchRow(BenchWork Work, double Median, double Min, double Max, BenchLimit Limit, double Reached, double Fraction)
{
    /// <summary>What the limit was, 10⁹ a second: of memory, at the time of the runs.</summary>
    public double LimitSpeed => Reached / Fraction;

    /// <summary>The row of some runs.</summary>
    /// <param name="work">What was run.</param>
    /// <param name="seconds">How long each took.</param>
    /// <param name="cost">Bytes and operations of a token.</param>
    /// <param name="limit">What binds it.</param>
    /// <param name="limits">What the machine reaches.</param>
    /// <param name="readSpeeds">What memory gave before each run and after the last, where that was measured: a share is then the median of the runs' own.</param>
    public static BenchRow Of(BenchWork work, IReadOnlyList<double> seconds, ModelCost cost, BenchLimit limit, MachineLimits limits, IReadOnlyList<double>? readSpeeds = null)
    {
        double[] speeds = [.. seconds.Select(s => work.Tokens / s).Order()];
        double median = MedianOf(speeds);
        double each = limit == BenchLimit.Read ? cost.BytesPerToken(work) : cost.OperationsPerToken(work);
        double reached = median * each / 1e9;
        double fraction = readSpeeds is null || limit != BenchLimit.Read
            ? reached / limit.Of(limits)
            : MedianOf([.. seconds.Select((s, i) => work.Tokens / s * each / 1e9 / ((readSpeeds[i] + readSpeeds[i + 1]) / 2)).Order()]);
        return new BenchRow(work, median, speeds[0], speeds[^1], limit, reached, fraction);
    }

    /// <summary>The median of ascending numbers.</summary>
    public static double MedianOf(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
