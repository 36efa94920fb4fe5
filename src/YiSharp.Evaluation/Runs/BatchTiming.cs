using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>What a batch of questions took: a line of <c>timings.jsonl</c> in a run's folder. It differs from run to run and stands apart from what does not.</summary>
/// <param name="Run">The run's fingerprint (<see cref="EvaluationReport.Fingerprint"/>): a folder may have held another before.</param>
/// <param name="Task">The task.</param>
/// <param name="Items">Questions; one that is asked again counts again.</param>
/// <param name="Seconds">From asking to the last answer.</param>
/// <param name="CompletionTokens">Tokens that were written; null where options were compared, or nobody counted.</param>
public sealed record BatchTiming(string Run, string Task, int Items, double Seconds, long? CompletionTokens)
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "timings.jsonl";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>A batch that was just answered.</summary>
    internal static BatchTiming Of(string run, Sample[] samples, TimeSpan time)
    {
        int?[] tokens = [.. samples.Where(s => s.Response.Failure is null).Select(s => s.Response.Usage?.CompletionTokens)];
        return new BatchTiming(run, samples[0].Task, samples.Length, time.TotalSeconds, tokens.Length == 0 || tokens.Contains(null) ? null : tokens.Sum(t => (long)t!.Value));
    }

    /// <summary>Adds the line to the file of a folder.</summary>
    public void Append(string folder) => File.AppendAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>What each task of a run took over all its starts, in the order in which they were asked; a line that is none, as an interruption leaves it, does not count.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="run">The run's fingerprint.</param>
    public static IReadOnlyList<BatchTiming> Totals(string folder, string run)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return [];
        var totals = new List<BatchTiming>();
        foreach (BatchTiming batch in File.ReadLines(path).Select(Parse).OfType<BatchTiming>().Where(b => b.Run == run))
        {
            int at = totals.FindIndex(t => t.Task == batch.Task);
            if (at < 0) totals.Add(batch);
            else totals[at] = batch with { Items = totals[at].Items + batch.Items, Seconds = totals[at].Seconds + batch.Seconds, CompletionTokens = totals[at].CompletionTokens + batch.CompletionTokens };
        }
        return totals;
    }

    private static BatchTiming? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<BatchTiming>(line, Json) is { Run: not null, Task: not null, Items: > 0, Seconds: >= 0 } batch && double.IsFinite(batch.Seconds) ? batch : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
