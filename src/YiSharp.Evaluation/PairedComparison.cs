using System.Globalization;

namespace YiSharp.Evaluation;

/// <summary>Two models on the same questions of one task, paired by item.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Baseline">The model compared with.</param>
/// <param name="Candidate">The model in question.</param>
/// <param name="Count">Questions that both answered.</param>
/// <param name="OnlyBaseline">Questions that only the baseline got right.</param>
/// <param name="OnlyCandidate">Questions that only the candidate got right.</param>
/// <param name="Difference">Accuracy of the candidate less that of the baseline, −1 to 1.</param>
/// <param name="Interval">Tango's interval of the difference at 95 %.</param>
/// <param name="P">Exact McNemar.</param>
/// <param name="AdjustedP">The same, adjusted by Holm for all tasks compared together.</param>
public sealed record PairedComparison(
    string Task, string Baseline, string Candidate, int Count, int OnlyBaseline, int OnlyCandidate, double Difference, Interval Interval, double P, double AdjustedP)
{
    /// <summary>Largest adjusted p-value at which a difference is called one.</summary>
    public const double Significance = 0.05;

    /// <summary>Whether the data cannot say which model is better.</summary>
    public bool CannotTellApart => AdjustedP > Significance;

    /// <summary>Compares two models in every task that the baseline's samples name, in their order.</summary>
    /// <param name="baseline">Name of the model compared with.</param>
    /// <param name="baselineSamples">Its samples.</param>
    /// <param name="candidate">Name of the model in question.</param>
    /// <param name="candidateSamples">Its samples, of the same questions.</param>
    /// <exception cref="InvalidDataException">The two were not asked the same questions.</exception>
    public static IReadOnlyList<PairedComparison> Compare(
        string baseline, IReadOnlyList<Sample> baselineSamples, string candidate, IReadOnlyList<Sample> candidateSamples)
    {
        Dictionary<(string, string?, int), Sample> others = Index(candidate, candidateSamples);
        Dictionary<(string, string?, int), Sample> own = Index(baseline, baselineSamples);
        if (own.Keys.Concat(others.Keys).FirstOrDefault(key => !own.ContainsKey(key) || !others.ContainsKey(key)) is (string task, var subject, int item) unpaired)
        {
            throw new InvalidDataException($"Item {item} of {Named(task, subject)} was answered by {(own.ContainsKey(unpaired) ? baseline : candidate)} alone; " +
                "a paired comparison needs both models to be asked the same questions, so evaluate both with the same tasks.");
        }
        foreach (Sample sample in baselineSamples)
        {
            Sample other = others[sample.Key];
            if (sample.Answer != other.Answer || !sample.Messages.SequenceEqual(other.Messages))
                throw new InvalidDataException($"Item {sample.Item} of {Named(sample.Task, sample.Subject)} is not the same question for {baseline} and {candidate}; evaluate both with the same data.");
        }

        PairedComparison[] comparisons = [.. baselineSamples.GroupBy(s => s.Task, StringComparer.Ordinal).Select(samples => CompareTask(baseline, candidate, samples.Key, [.. samples], others))];
        double[] adjusted = Holm.Adjust([.. comparisons.Select(c => c.P)]);
        return [.. comparisons.Select((c, i) => c with { AdjustedP = adjusted[i] })];
    }

    /// <summary>The finding in one sentence, such as "chat is better than base on labels by 87.5 points (95 % interval 74.2 to 95.0; p &lt; 0.0001)."</summary>
    public string Describe()
    {
        string numbers = $"(95 % interval {Points(Interval.Low)} to {Points(Interval.High)}; {FormatP(AdjustedP)})";
        if (CannotTellApart) return $"{Candidate} and {Baseline} cannot be told apart on {Task}: {Points(Difference)} points {numbers}.";
        return $"{Candidate} is {(Difference > 0 ? "better" : "worse")} than {Baseline} on {Task}: {Points(Difference)} points {numbers}.";
    }

    /// <summary>"p = 0.012", or "p &lt; 0.0001".</summary>
    public static string FormatP(double p) => p < 0.0001 ? "p < 0.0001" : string.Create(CultureInfo.InvariantCulture, $"p = {(p < 0.095 ? p.ToString("0.0##", CultureInfo.InvariantCulture) : p.ToString("0.##", CultureInfo.InvariantCulture))}");

    /// <summary>A share as signed points of 100, such as "+12.5".</summary>
    public static string Points(double share) => (100 * share).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    private static string Named(string task, string? subject) => subject is null ? task : $"{task}, {subject}";

    private static PairedComparison CompareTask(string baseline, string candidate, string task, Sample[] samples, Dictionary<(string, string?, int), Sample> others)
    {
        int onlyBaseline = samples.Count(s => s.Prediction.Correct && !others[s.Key].Prediction.Correct);
        int onlyCandidate = samples.Count(s => !s.Prediction.Correct && others[s.Key].Prediction.Correct);
        double p = McNemar.ExactP(onlyCandidate, onlyBaseline);
        return new PairedComparison(task, baseline, candidate, samples.Length, onlyBaseline, onlyCandidate, (double)(onlyCandidate - onlyBaseline) / samples.Length,
            PairedProportions.Tango(onlyCandidate, onlyBaseline, samples.Length), p, p);
    }

    private static Dictionary<(string, string?, int), Sample> Index(string model, IReadOnlyList<Sample> samples)
    {
        var index = new Dictionary<(string, string?, int), Sample>(samples.Count);
        foreach (Sample sample in samples)
        {
            if (!index.TryAdd(sample.Key, sample))
                throw new InvalidDataException($"The samples of {model} hold item {sample.Item} of {Named(sample.Task, sample.Subject)} twice; evaluate the model again.");
        }
        return index;
    }
}
