using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary>The names of <c>yi stats</c> about means and differences of scores.</summary>
internal static class MeanStatistics
{
    public static Action<Utf8JsonWriter> MeanError(JsonFields fields)
    {
        var mean = MeanEstimate.Of(fields.Numbers("values"), fields.Level());
        return writer =>
        {
            writer.WriteNumber("n", mean.Count);
            writer.WriteReal("mean", mean.Mean);
            writer.WriteReal("sd", mean.StandardDeviation);
            writer.WriteReal("se", mean.StandardError);
            writer.WriteInterval("interval", mean.Interval);
        };
    }

    public static Action<Utf8JsonWriter> ClusteredError(JsonFields fields)
    {
        var estimate = ClusteredEstimate.Of(fields.Numbers("values"), fields.Labels("clusters"));
        return writer => Write(writer, estimate);
    }

    /// <summary><c>clustered</c> is there where clusters were given, and two pairs at least.</summary>
    public static Action<Utf8JsonWriter> PairedDifference(JsonFields fields)
    {
        (double[] a, double[] b) = (fields.Numbers("a"), fields.Numbers("b"));
        var paired = Evaluation.PairedDifference.Of(a, b);
        ClusteredEstimate? clustered = fields.Has("clusters") ? ClusteredEstimate.Of([.. a.Zip(b, (x, y) => x - y)], fields.Labels("clusters")) : null;
        return writer =>
        {
            writer.WriteNumber("n", paired.Count);
            writer.WriteReal("mean_difference", paired.Difference);
            writer.WriteReal("se_paired", paired.StandardError);
            writer.WriteReal("se_unpaired", paired.UnpairedStandardError);
            writer.WriteReal("z", paired.Z);
            writer.WriteReal("p_normal_two_sided", paired.P);
            writer.WriteReal("correlation", paired.Correlation);
            if (clustered is null || paired.Count < 2) return;
            writer.WriteStartObject("clustered");
            Write(writer, clustered);
            writer.WriteEndObject();
        };
    }

    public static Action<Utf8JsonWriter> PairedPermutation(JsonFields fields)
    {
        var test = SignFlipTest.Of(fields.Numbers("differences"));
        return writer =>
        {
            writer.WriteNumber("n", test.Count);
            writer.WriteReal("mean_difference", test.MeanDifference);
            writer.WriteReal("arrangements", test.Arrangements);
            writer.WriteReal("p_two_sided", test.TwoSidedP);
            writer.WriteReal("p_greater", test.GreaterP);
        };
    }

    public static Action<Utf8JsonWriter> Bootstrap(JsonFields fields)
    {
        var statistic = (fields.String("statistic") ?? "mean") switch
        {
            "mean" => BootstrapStatistic.Mean,
            "median" => BootstrapStatistic.Median,
            var other => throw new NotSupportedException($"Field \"statistic\" is \"{other}\"; \"mean\" and \"median\" are known."),
        };
        var bootstrap = Evaluation.Bootstrap.Of(fields.Numbers("values"), statistic, fields.Level());
        return writer =>
        {
            writer.WriteReal("estimate", bootstrap.Estimate);
            writer.WriteNumber("resamples_per_run", bootstrap.ResampleCount);
            writer.WriteNumber("runs", bootstrap.RunCount);
            writer.WriteReal("acceleration", bootstrap.Acceleration);
            Write(writer, "percentile", bootstrap.Percentile);
            Write(writer, "bca", bootstrap.Bca);
        };
    }

    /// <summary>Without <c>ses</c> there are averages and no standard errors, and <c>reason</c> says so.</summary>
    public static Action<Utf8JsonWriter> Group(JsonFields fields)
    {
        double[] means = fields.Numbers("means");
        bool hasErrors = fields.Has("ses");
        var group = GroupEstimate.Of(means, fields.Integers("sizes"), hasErrors ? fields.NumbersOrNull("ses") : new double?[means.Length]);
        return writer =>
        {
            writer.WriteReal("micro", group.Micro);
            writer.WriteReal("macro", group.Macro);
            writer.WriteReal("stderr_pooled_lm_eval", group.PooledError);
            writer.WriteReal("stderr_micro", group.MicroError);
            writer.WriteReal("stderr_macro", group.MacroError);
            if (!hasErrors) writer.WriteString("reason", "There are no standard errors: field \"ses\", those of the tasks, is not given.");
        };
    }

    private static void Write(Utf8JsonWriter writer, ClusteredEstimate estimate)
    {
        writer.WriteNumber("n", estimate.Count);
        writer.WriteNumber("clusters", estimate.ClusterCount);
        writer.WriteReal("mean", estimate.Mean);
        writer.WriteReal("se_clt", estimate.StandardError);
        writer.WriteReal("se_clustered_miller", estimate.MillerError);
        writer.WriteReal("se_clustered_cr0", estimate.Cr0Error);
        writer.WriteReal("se_clustered_cr1", estimate.Cr1Error);
    }

    /// <summary>An undefined interval is two nulls, as its spread is.</summary>
    private static void Write(Utf8JsonWriter writer, string name, BootstrapInterval interval)
    {
        writer.WriteStartObject(name);
        writer.WriteReals("interval", [interval.Interval?.Low ?? double.NaN, interval.Interval?.High ?? double.NaN]);
        writer.WriteReals("mc_sd", [interval.LowSpread, interval.HighSpread]);
        writer.WriteEndObject();
    }
}
