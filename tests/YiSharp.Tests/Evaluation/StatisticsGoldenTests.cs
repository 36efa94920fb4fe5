using System.Text.Json;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

/// <summary>
/// <c>yi stats</c>, name by name and row by row, against statsmodels, scipy, scikit-learn, choix, krippendorff and lm-eval (Goldens/statistics;
/// versions and tolerances are those of the golden's description).
/// </summary>
public sealed class StatisticsGoldenTests
{
    private static readonly JsonElement Goldens = JsonDocument.Parse(File.ReadAllBytes(
        Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "statistics", "statistics.json"))).RootElement.Clone();

    private static List<(JsonElement Input, JsonElement Expected, JsonElement Actual)> Answers(string name, int count)
    {
        JsonElement[] rows = [.. Goldens.GetProperty(name).EnumerateArray()];
        Assert.Equal(count, rows.Length);
        YiResult result = Yi.RunLines([.. rows.Select(row => row.GetProperty("input").GetRawText())], "stats", name, "--jsonl");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        JsonElement[] actual = result.Objects;
        Assert.Equal(count, actual.Length);
        return [.. rows.Zip(actual, (row, answer) => (row.GetProperty("input"), row.GetProperty("expected"), answer))];
    }

    [Theory]
    [InlineData("binomial", 57, 1e-9)]
    [InlineData("mean_se", 10, 1e-12)]
    [InlineData("clustered_se", 11, 1e-9)]
    [InlineData("paired_difference", 8, 1e-9)]
    [InlineData("mcnemar", 15, 1e-9)]
    [InlineData("paired_permutation", 11, 1e-12)]
    [InlineData("p_adjust", 11, 1e-12)]
    [InlineData("non_inferiority", 11, 1e-8)]
    [InlineData("power", 7, 1e-8)]
    [InlineData("cohen_kappa", 7, 1e-12)]
    [InlineData("krippendorff_alpha", 6, 1e-9)]
    [InlineData("bradley_terry", 13, 1e-6)]
    [InlineData("rank_correlation", 8, 1e-12)]
    [InlineData("isotonic", 9, 1e-10)]
    [InlineData("calibration", 6, 1e-12)]
    [InlineData("group", 3, 1e-12)]
    [InlineData("published_unpaired_z", 20, 1e-9)]
    public void Every_row_matches(string name, int count, double tolerance)
    {
        foreach (var (input, expected, actual) in Answers(name, count)) Same(expected, actual, tolerance, $"{name} {input.GetRawText()[..Math.Min(80, input.GetRawText().Length)]}");
    }

    [Fact]
    public void Every_name_of_the_goldens_is_known() =>
        Assert.Equal(Goldens.EnumerateObject().Select(section => section.Name), Yi.Run("stats").Lines.Select(line => line.Split(' ')[0]));

    /// <summary>The expected ends are medians of 15 runs of 20,000 resamples, whose spread <c>mc_sd</c> is; ends of 0/1 data lie on a grid of 1/n.</summary>
    [Fact]
    public void Bootstrap_intervals_lie_within_the_noise_of_the_simulation()
    {
        foreach (var (input, expected, actual) in Answers("bootstrap", 7))
        {
            double[] values = [.. input.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
            double grid = values.All(value => value == Math.Floor(value)) ? 1.0 / values.Length : 1e-9;
            Same(expected.GetProperty("estimate"), actual.GetProperty("estimate"), 1e-9, "estimate");
            Same(expected.GetProperty("acceleration"), actual.GetProperty("acceleration"), 1e-9, "acceleration");
            Assert.Equal((20000, 15), (actual.GetProperty("resamples_per_run").GetInt32(), actual.GetProperty("runs").GetInt32()));
            foreach (string method in new[] { "percentile", "bca" })
            {
                for (int end = 0; end < 2; end++)
                {
                    double noise = expected.GetProperty(method).GetProperty("mc_sd")[end].GetDouble();
                    Same(expected.GetProperty(method).GetProperty("interval")[end], actual.GetProperty(method).GetProperty("interval")[end], Math.Max(5 * noise, grid), $"{method} {end}");
                }
            }
        }
    }

    /// <summary>The squared error is compared first; the knee only where the fit depends on it.</summary>
    [Fact]
    public void Knees_fit_as_well_and_lie_where_the_originals_do()
    {
        foreach (var (input, expected, actual) in Answers("knee", 6))
        {
            double range = input.GetProperty("doses").EnumerateArray().Max(dose => dose.GetDouble()) - input.GetProperty("doses")[0].GetDouble();
            double sse = expected.GetProperty("sse").GetDouble();
            Assert.Equal(sse, actual.GetProperty("sse").GetDouble(), Math.Max(1e-18, 1e-8 * sse));
            Same(expected.GetProperty("knee"), actual.GetProperty("knee"), 1e-4 * range, "knee");
            Same(expected.GetProperty("coefficients"), actual.GetProperty("coefficients"), 1e-6, "coefficients");
            Same(expected.GetProperty("bootstrap_interval"), actual.GetProperty("bootstrap_interval"), 0.1 * range, "interval");
        }
    }

    /// <summary>The same fields and kinds; numbers within a tolerance, absolute below 1 and relative above.</summary>
    private static void Same(JsonElement expected, JsonElement actual, double tolerance, string where)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                Assert.Equal(expected.EnumerateObject().Select(field => field.Name).Order(), actual.EnumerateObject().Select(field => field.Name).Order());
                foreach (JsonProperty field in expected.EnumerateObject()) Same(field.Value, actual.GetProperty(field.Name), tolerance, $"{where}: {field.Name}");
                break;
            case JsonValueKind.Array:
                Assert.Equal(expected.GetArrayLength(), actual.GetArrayLength());
                for (int i = 0; i < expected.GetArrayLength(); i++) Same(expected[i], actual[i], tolerance, $"{where}[{i}]");
                break;
            case JsonValueKind.Number:
                Assert.True(actual.ValueKind == JsonValueKind.Number, $"{where}: {actual} instead of {expected}");
                double difference = Math.Abs(expected.GetDouble() - actual.GetDouble());
                Assert.True(difference <= tolerance * Math.Max(1, Math.Abs(expected.GetDouble())), $"{where}: {actual} instead of {expected}");
                break;
            default:
                Assert.True(expected.GetRawText() == actual.GetRawText(), $"{where}: {actual.GetRawText()} instead of {expected.GetRawText()}");
                break;
        }
    }
}
