using System.Globalization;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary>Scores of an evaluation as text.</summary>
internal static class EvalTable
{
    /// <summary>A running score, such as "12/50, 25.0 % (14–40)".</summary>
    public static string Running(EvaluationProgress progress)
    {
        Interval interval = Proportion.Wilson(progress.Correct, progress.Done);
        return string.Create(CultureInfo.InvariantCulture, $"{progress.Done}/{progress.Count}, {Percent((double)progress.Correct / Math.Max(1, progress.Done))} % ({100 * interval.Low:0}–{100 * interval.High:0})");
    }

    /// <summary>The table, and where every answer lies.</summary>
    public static void Write(EvaluationReport report, string folder, TextWriter output)
    {
        EvaluationProtocol protocol = report.Protocol;
        string limit = protocol.Limit is { } count ? string.Create(CultureInfo.InvariantCulture, $", {count} questions of each benchmark (seed {protocol.Seed})") : "";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Model}; protocol {protocol.Name} {protocol.Version}, {protocol.Shots} exemplars, {protocol.Generation}{limit}"));
        var table = new TextTable("task", ">right", ">%", "95 % interval", ">macro %", ">nothing found", ">cut off", ">failed");
        foreach (TaskScore task in report.Tasks)
        {
            table.Add(task.Name, string.Create(CultureInfo.InvariantCulture, $"{task.Correct}/{task.Count}"), Percent(task.Accuracy), $"{Percent(task.Interval.Low)}–{Percent(task.Interval.High)}",
                task.MacroAccuracy is { } macro ? Percent(macro) : "", Count(task.ExtractionFailures), Count(task.Truncated), Count(task.Failures));
        }
        foreach (string line in table.Lines()) output.WriteLine(line);
        output.WriteLine($"Every answer: {Path.Combine(folder, Sample.FileName)}");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}
