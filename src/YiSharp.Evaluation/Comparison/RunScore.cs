namespace YiSharp.Evaluation;

/// <summary>How one model did in one row of a comparison.</summary>
/// <param name="Row">What it is about.</param>
/// <param name="Run">The model's name.</param>
/// <param name="Count">Questions.</param>
/// <param name="Score">Share of right answers, or mean of shares, 0 to 1.</param>
/// <param name="Interval">At 95 %: Wilson's where every answer is right or wrong, else mean ± z · standard error.</param>
/// <param name="StandardError">Clustered by subject where the row has several; null for a single question.</param>
/// <param name="Clusters">Subjects (or tasks) that items share; 1 where they share none.</param>
/// <param name="ExtractionFailures">Answers in which nothing of the form asked for was found.</param>
/// <param name="EndpointFailures">Questions to which no answer came.</param>
/// <param name="Truncated">Answers that the limit of tokens cut off.</param>
public sealed record RunScore(
    ComparisonRow Row, string Run, int Count, double Score, Interval Interval, double? StandardError, int Clusters, int ExtractionFailures, int EndpointFailures, int Truncated)
{
    internal static RunScore Of(ComparisonRow row, string run, Sample[] samples)
    {
        int[][] strata = row.Strata(samples);
        Sample[] own = [.. strata.SelectMany(stratum => stratum).Order().Select(i => samples[i])];
        (double score, Interval interval, double? error) = row.Average == Averaging.Micro ? Micro(own) : Macro([.. strata.Select(s => s.Select(i => samples[i].Score).ToArray())]);
        return new RunScore(row, run, own.Length, score, interval, error, strata.Length, own.Count(s => s.IsExtractionFailure()), own.Count(s => s.Response.Failure is not null),
            own.Count(s => s.Response.FinishReason == Inference.FinishReason.Length));
    }

    private static (double Score, Interval Interval, double? StandardError) Micro(Sample[] samples)
    {
        double[] scores = [.. samples.Select(s => s.Score)];
        MeanEstimate mean = MeanEstimate.Of(scores);
        if (!samples.Any(s => s.IsShare())) return (mean.Mean!.Value, Proportion.Wilson(samples.Count(s => s.Score == 1), samples.Length), mean.StandardError);
        Interval interval = mean.Interval is { } normal ? new Interval(Math.Max(0, normal.Low), Math.Min(1, normal.High)) : new Interval(0, 1);
        return (mean.Mean!.Value, interval, mean.StandardError);
    }

    private static (double Score, Interval Interval, double? StandardError) Macro(double[][] strata)
    {
        StratifiedMean mean = StratifiedMean.OfScores(strata);
        return (mean.Mean, mean.Interval(0, 1), mean.StandardError);
    }
}

/// <summary>What comparisons ask of a sample.</summary>
internal static class ComparedSamples
{
    /// <summary>Whether the model answered, and nothing of the form asked for was found in what it said.</summary>
    public static bool IsExtractionFailure(this Sample sample) => sample.Prediction.Extracted is null && sample.Response.Failure is null && sample.LogLikelihoods is null;

    /// <summary>Whether it is neither right nor wrong.</summary>
    public static bool IsShare(this Sample sample) => sample.Score is > 0 and < 1;
}
