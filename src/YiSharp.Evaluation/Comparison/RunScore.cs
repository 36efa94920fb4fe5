namespace YiSharp.Evaluation;

/// <summary>How one model did in one row of a comparison.</summary>
/// <param name="Row">What it is about.</param>
/// <param name="Run">The model's name.</param>
/// <param name="Count">Questions.</param>
/// <param name="Score">Share of right answers, or mean of shares, 0 to 1.</param>
/// <param name="Interval">At 95 %: Wilson's where every answer is right or wrong, else mean ± t · standard error.</param>
/// <param name="StandardError">Of the score; null for a single question.</param>
/// <param name="StandardErrorKind">Which estimate that is.</param>
/// <param name="Clusters">Subjects that items share, a task without subjects being one.</param>
/// <param name="ExtractionFailures">Answers in which nothing of the form asked for was found.</param>
/// <param name="EndpointFailures">Questions to which no answer came.</param>
/// <param name="Truncated">Answers that the limit of tokens cut off.</param>
public sealed record RunScore(
    ComparisonRow Row, string Run, int Count, double Score, Interval Interval, double? StandardError, ErrorKind? StandardErrorKind, int Clusters, int ExtractionFailures, int EndpointFailures, int Truncated)
{
    internal static RunScore Of(ComparisonRow row, string run, SampleOutcome[] outcomes)
    {
        int[][] strata = row.Strata(outcomes);
        SampleOutcome[] own = [.. strata.SelectMany(stratum => stratum).Order().Select(i => outcomes[i])];
        var count = new ScoreCount(row.Name);
        // Of all tasks together, items share a subject of their task, or nothing.
        foreach (SampleOutcome outcome in own) count.Add(row.Task is null && outcome.Subject is not null ? outcome with { Subject = outcome.Cluster } : outcome);
        TaskScore micro = count.ToScore();
        var score = new RunScore(row, run, micro.Count, micro.Accuracy, micro.Interval, micro.StandardError, micro.StandardErrorKind, own.Select(s => (s.Task, s.Subject)).Distinct().Count(), micro.ExtractionFailures, micro.Failures, micro.Truncated);
        if (row.Average == Averaging.Micro) return score;
        StratifiedMean macro = StratifiedMean.OfScores([.. strata.Select(s => s.Select(i => outcomes[i].Score).ToArray())]);
        return score with { Score = macro.Mean, Interval = macro.Interval(0, 1), StandardError = macro.StandardError, StandardErrorKind = ErrorKind.Stratified };
    }
}
