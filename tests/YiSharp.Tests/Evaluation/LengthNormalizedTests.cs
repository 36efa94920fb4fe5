using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

public sealed class LengthNormalizedTests : IDisposable
{
    private static readonly string Opposites = Path.Combine(Repository.Root, "tasks", "opposites", "opposites.yaml");
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-norm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // "cold" has 4 code points and bytes, "Äpfel" 5 and 6, "很冷的" 3 and 9.
    [Theory]
    [InlineData("cold|Äpfel|很冷的", "-4|-5.5|-9", 0, 1, 0)] // a code point: -1, -1.1, -3; a byte: -1, -0.917, -1
    [InlineData("cold|Äpfel|很冷的", "-4|-5.5|-9", 1, 0, 1)]
    [InlineData("cold|Äpfel|很冷的", "-8|-8|-6", 2, 0, 1)] // -2, -1.6, -2; -2, -1.333, -0.667
    [InlineData("cold|cold", "-4|-4", 0, 1, 1)] // of equal ones the first
    [InlineData("cold|cold", "-4|-4", 1, 0, 0)]
    [InlineData("|ab", "-1|-1.5", 1, 1, 1)] // nothing counts as one
    public void A_choice_is_the_likeliest_a_length(string choices, string logLikelihoods, int right, double norm, double bytes)
    {
        SortedDictionary<string, double> values = LengthNormalized.Of(choices.Split('|'), [right], [.. logLikelihoods.Split('|').Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture))]);
        Assert.Equal([("acc_bytes", bytes), ("acc_norm", norm)], values.Select(v => (v.Key, v.Value)));
    }

    [Theory]
    [InlineData("ceval-valid_computer_network.json")]
    [InlineData("cmmlu_anatomy.json")]
    public void Values_are_the_original_softwares(string file)
    {
        string path = Path.Combine(Repository.Root, "..", "shared", "goldens", "evaluation", file);
        Assert.SkipUnless(File.Exists(path), "The questions' licence forbids a copy in the repository, and ../shared is not there.");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        int items = 0, norms = 0;
        foreach (JsonElement item in json.RootElement.GetProperty("items").EnumerateArray())
        {
            double[] values = [.. item.GetProperty("loglikelihoods").EnumerateArray().Select(v => v.GetDouble())];
            double norm = LengthNormalized.Of(["A", "B", "C", "D"], [item.GetProperty("target").GetInt32()], values)["acc_norm"];
            Assert.Equal(item.GetProperty("scores").GetProperty("acc_norm").GetDouble(), norm);
            items++;
            norms += (int)norm;
        }
        Assert.Equal(json.RootElement.GetProperty("results").GetProperty("acc_norm,none").GetDouble(), (double)norms / items, 1e-9);
    }

    /// <summary>Gives log-likelihoods of its own, and none for some questions.</summary>
    private sealed class Scorer : IResponder, IOptionScorer
    {
        public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation) => throw new InvalidOperationException("nothing is to be written");

        public void Score(IReadOnlyList<Prompt> prompts, Action<int, double[]?, string?> onScored, CancellationToken cancellation)
        {
            for (int i = 0; i < prompts.Count; i++)
            {
                if (prompts[i].Text!.Contains("hot", StringComparison.Ordinal)) onScored(i, null, "It is too hot.");
                else onScored(i, prompts[i].Text!.Contains("remember", StringComparison.Ordinal) ? [-16, -9, -4] : [-6, -5, -7], null);
            }
        }
    }

    [Fact]
    public void Samples_and_report_name_them_beside_the_accuracy_and_no_answer_is_wrong_by_all()
    {
        EvaluationReport report = new Evaluator(new EvaluatedModel("m", "w"), () => new Scorer(), new EvaluationProtocol()).Run(_folder, [TaskFile.Read(Opposites)]);
        IReadOnlyList<Sample> samples = Sample.ReadAll(Path.Combine(_folder, Sample.FileName));
        Assert.Equal([null, 0.0, 1.0, 0.0], samples.Select(s => s.Metrics?["acc_norm"]));
        Assert.Equal([null, 0.0, 1.0, 0.0], samples.Select(s => s.Metrics?["acc_bytes"]));
        Assert.Equal([false, true, true, false], samples.Select(s => s.Prediction.Correct));
        MetricScore Of(string name) => new(name, 0.25, Proportion.Wilson(1, 4)) { StandardError = 0.25 }; // of 0, 0, 1, 0: √(3/4 / 3 / 4)
        Assert.Equal([Of("acc_bytes"), Of("acc_norm")], report["opposites"].Metrics!);
        Assert.Equal(report["opposites"].Metrics!, EvaluationReport.Read(Path.Combine(_folder, EvaluationReport.FileName))["opposites"].Metrics!);
    }
}
