using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>The statistics, held against statsmodels and scipy (Goldens/statistics, tolerances of its README).</summary>
public sealed class StatisticsTests
{
    private static readonly JsonElement Goldens = Load();

    private static JsonElement Load()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(
            Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "statistics", "statistics.json")));
        return document.RootElement.Clone();
    }

    private static List<(JsonElement Input, JsonElement Expected)> Cases(string section, int count)
    {
        var cases = Goldens.GetProperty(section).EnumerateArray().Select(c => (c.GetProperty("input"), c.GetProperty("expected"))).ToList();
        Assert.Equal(count, cases.Count);
        return cases;
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetDouble())];

    private static void Near(JsonElement expected, double? actual, double tolerance, bool relative = false)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.Null(actual);
            return;
        }
        double value = expected.ValueKind == JsonValueKind.String
            ? expected.GetString() == "Infinity" ? double.PositiveInfinity : double.NegativeInfinity
            : expected.GetDouble();
        Assert.NotNull(actual);
        if (double.IsInfinity(value)) Assert.Equal(value, actual.Value);
        else Assert.True(Math.Abs(actual.Value - value) <= tolerance * (relative ? Math.Max(1e-300, Math.Abs(value)) : 1), $"{actual} instead of {value}");
    }

    private static void Near(JsonElement expected, Interval? actual, double tolerance, bool relative = false)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.Null(actual);
            return;
        }
        Near(expected[0], actual?.Low, tolerance, relative);
        Near(expected[1], actual?.High, tolerance, relative);
    }

    [Fact]
    public void Wilson_interval_matches_statsmodels()
    {
        foreach (var (input, expected) in Cases("binomial", 57))
        {
            Near(expected.GetProperty("wilson"),
                Proportion.Wilson(input.GetProperty("successes").GetInt32(), input.GetProperty("n").GetInt32(), input.GetProperty("level").GetDouble()), 1e-9);
        }
    }

    [Fact]
    public void Mean_and_standard_error_match_scipy()
    {
        foreach (var (input, expected) in Cases("mean_se", 10))
        {
            MeanEstimate estimate = MeanEstimate.Of(Numbers(input.GetProperty("values")), input.GetProperty("level").GetDouble());
            Assert.Equal(expected.GetProperty("n").GetInt32(), estimate.Count);
            Near(expected.GetProperty("mean"), estimate.Mean, 1e-12, relative: true);
            Near(expected.GetProperty("sd"), estimate.StandardDeviation, 1e-12, relative: true);
            Near(expected.GetProperty("se"), estimate.StandardError, 1e-12, relative: true);
            Near(expected.GetProperty("interval"), estimate.Interval, 1e-12, relative: true);
        }
    }

    [Fact]
    public void Paired_difference_matches_the_golden()
    {
        foreach (var (input, expected) in Cases("paired_difference", 8))
        {
            PairedDifference paired = PairedDifference.Of(Numbers(input.GetProperty("a")), Numbers(input.GetProperty("b")));
            Assert.Equal(expected.GetProperty("n").GetInt32(), paired.Count);
            Near(expected.GetProperty("mean_difference"), paired.Difference, 1e-9);
            Near(expected.GetProperty("se_paired"), paired.StandardError, 1e-9);
            Near(expected.GetProperty("se_unpaired"), paired.UnpairedStandardError, 1e-9);
            Near(expected.GetProperty("z"), paired.Z, 1e-9);
            Near(expected.GetProperty("p_normal_two_sided"), paired.P, 1e-9);
            Near(expected.GetProperty("correlation"), paired.Correlation, 1e-9);
        }
    }

    [Fact]
    public void Exact_McNemar_matches_scipy_also_in_the_far_tail()
    {
        foreach (var (input, expected) in Cases("mcnemar", 15))
            Near(expected.GetProperty("p_exact"), McNemar.ExactP(input.GetProperty("b").GetInt32(), input.GetProperty("c").GetInt32()), 1e-9, relative: true);
    }

    [Fact]
    public void Holm_matches_the_hand_computed_values()
    {
        foreach (var (input, expected) in Cases("p_adjust", 11))
        {
            double[] wanted = Numbers(expected.GetProperty("holm")), actual = Holm.Adjust(Numbers(input.GetProperty("p")));
            Assert.Equal(wanted.Length, actual.Length);
            for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], actual[i], 1e-12);
        }
    }

    [Fact]
    public void Tango_interval_matches_the_golden()
    {
        foreach (var (input, expected) in Cases("non_inferiority", 11))
        {
            Interval interval = PairedProportions.Tango(input.GetProperty("b").GetInt32(), input.GetProperty("c").GetInt32(), input.GetProperty("n").GetInt32(),
                1 - 2 * input.GetProperty("alpha").GetDouble());
            Near(expected.GetProperty("tango_interval"), interval, 1e-8);
        }
    }

    [Fact]
    public void Tango_interval_turns_with_the_models_and_holds_the_difference()
    {
        for (int count = 0; count <= 12; count++)
        {
            for (int b = 0; b <= count; b++)
            {
                for (int c = 0; b + c <= count; c++)
                {
                    Interval one = PairedProportions.Tango(b, c, count), other = PairedProportions.Tango(c, b, count);
                    Assert.Equal(one.Low, -other.High, 1e-9);
                    Assert.Equal(one.High, -other.Low, 1e-9);
                    Assert.InRange(count == 0 ? 0 : (double)(b - c) / count, one.Low, one.High);
                    Assert.True(one.High > one.Low, $"{b}, {c} of {count}: [{one.Low}, {one.High}]");
                }
            }
        }
    }

    [Fact]
    public void Impossible_counts_and_levels_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.Wilson(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.Wilson(-1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.Wilson(1, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.Wilson(1, 2, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => McNemar.ExactP(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedProportions.Tango(2, 2, 3));
        Assert.Throws<ArgumentException>(() => PairedDifference.Of([1], [1, 0]));
        Assert.Throws<ArgumentException>(() => Holm.Adjust([0.5, double.NaN]));
    }
}
