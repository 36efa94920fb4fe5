using System.Globalization;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary>The score of an evaluation that goes on.</summary>
internal static class RunningScore
{
    /// <summary>A running score, such as "12/50, 25.0 % (14–40)".</summary>
    public static string Text(EvaluationProgress progress)
    {
        Interval interval = Proportion.Wilson(progress.Correct, progress.Done);
        return string.Create(CultureInfo.InvariantCulture, $"{progress.Done}/{progress.Count}, {Percent((double)progress.Correct / Math.Max(1, progress.Done))} % ({100 * interval.Low:0}–{100 * interval.High:0})");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
