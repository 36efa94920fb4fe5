using System.Globalization;
using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>A row of lm-evaluation-harness as a sample of ours.</summary>
internal static class LmEvalSample
{
    /// <summary>The sample.</summary>
    /// <param name="row">The row.</param>
    /// <param name="task">Our names for its task.</param>
    /// <exception cref="InvalidDataException">The row has no score; the message is a clause.</exception>
    public static Sample Of(LmEvalRow row, (string Task, string? Subject) task)
    {
        (string? text, ChatMessage[] messages) = row.Requests[0].Prompt.Prompt();
        Sample sample = row.LogLikelihoods is { } options ? Chosen(row, task.Task, messages, options) : Written(row, task.Task, messages);
        return sample with { Subject = task.Subject, Prompt = text, Metrics = FurtherMetrics(row) };
    }

    private static Sample Written(LmEvalRow row, string task, ChatMessage[] messages)
    {
        double score = row.Score;
        var prediction = new Prediction(row.Filtered, row.Filtered is null ? null : row.Filter, score == 1);
        return new Sample(task, row.Item, messages, row.Target, new Response(row.Output, FinishReason.Stop), prediction) { Score = score };
    }

    /// <summary>Options that are letters are called by them, others by their places.</summary>
    private static Sample Chosen(LmEvalRow row, string task, ChatMessage[] messages, IReadOnlyList<double> logLikelihoods)
    {
        double score = row.Score;
        IReadOnlyList<string> options = row.Options;
        bool areTexts = options.Count == logLikelihoods.Count && !QuestionText.AreLetters(options), areFinite = logLikelihoods.All(double.IsFinite);
        int likeliest = logLikelihoods.ToList().IndexOf(logLikelihoods.Max());
        string[] places = RightPlaces(row, task) ?? [row.Target];
        string? chosen = areTexts ? Place(likeliest) : Letter(options, likeliest);
        string answer = areTexts ? string.Join(',', places) : LetterOf(row.Target, options);
        var prediction = new Prediction(chosen, "likeliest", areTexts ? places.Contains(chosen) : score == 1);
        return new Sample(task, row.Item, messages, answer, new Response("", FinishReason.Stop), prediction)
        {
            LogLikelihoods = areFinite ? logLikelihoods : null,
            Options = areTexts && areFinite ? options : null,
            Score = score,
        };
    }

    /// <summary>Places of TruthfulQA's right options; null where the document does not say.</summary>
    private static string[]? RightPlaces(LmEvalRow row, string task)
    {
        JsonElement[] labels = UpstreamTask.TargetsOf(task) is { } name ? [.. row.Document?.Field(name)?.Field("labels").Items() ?? []] : [];
        return labels.Length == row.LogLikelihoods?.Count && labels.Any(IsRight) ? [.. Enumerable.Range(0, labels.Length).Where(i => IsRight(labels[i])).Select(Place)] : null;
    }

    private static bool IsRight(JsonElement label) => label.ValueKind == JsonValueKind.Number && label.TryGetInt32(out int value) && value == 1;

    private static string Place(int index) => index.ToString(CultureInfo.InvariantCulture);

    /// <summary>A target is an option's place, or its letter already.</summary>
    private static string LetterOf(string target, IReadOnlyList<string> options) =>
        int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out int right) ? Letter(options, right) ?? target : target;

    private static string? Letter(IReadOnlyList<string> options, int index) => index < options.Count ? options[index].Trim() : null;

    /// <summary>What a row has besides its score, as far as it lies between 0 and 1.</summary>
    private static SortedDictionary<string, double>? FurtherMetrics(LmEvalRow row)
    {
        (string Name, double Value)[] others = [.. row.Metrics.Skip(1).Select(name => (name, row.ValueOf(name)!.Value)).Where(m => m.Value is >= 0 and <= 1)];
        return others.Length == 0 ? null : new SortedDictionary<string, double>(others.ToDictionary(m => m.Name, m => m.Value), StringComparer.Ordinal);
    }
}
