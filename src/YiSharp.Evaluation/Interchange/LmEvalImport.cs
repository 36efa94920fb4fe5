using System.Globalization;
using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>
/// Results of lm-evaluation-harness (0.4, written with <c>--log_samples</c>): <c>results_DATE.json</c> and a <c>samples_TASK_DATE.jsonl</c> for each task.
/// A generating task has its samples once for each filter; one filter is taken.
/// </summary>
internal static class LmEvalImport
{
    private const string ResultsPrefix = "results_", SamplesPrefix = "samples_";
    private const string Invalid = "[invalid]"; // what a filter gives where its pattern matches nothing

    // Which filter is taken where none is asked for: the first that a task has, else its first.
    private static readonly string[] Preferred = ["none", "flexible-extract"];
    private static readonly string[] Metrics = ["acc", "exact_match"];

    /// <summary>Whether a folder is one model's results.</summary>
    public static bool IsAt(string folder) => Directory.EnumerateFiles(folder, ResultsPrefix + "*.json").Any();

    /// <summary>Reads the newest results of a folder.</summary>
    /// <param name="folder">One model's folder.</param>
    /// <param name="filter">The filter to take of each task that has it; null for the usual one.</param>
    /// <exception cref="InvalidDataException">Samples are missing or damaged.</exception>
    public static ImportedRun Read(string folder, string? filter = null)
    {
        string path = Directory.EnumerateFiles(folder, ResultsPrefix + "*.json").Order(StringComparer.Ordinal).Last();
        JsonElement results = ForeignJson.ReadObject(path);
        string date = Path.GetFileNameWithoutExtension(path)[ResultsPrefix.Length..];
        string[] files = [.. Directory.EnumerateFiles(folder, $"{SamplesPrefix}*_{date}.jsonl").Order(StringComparer.Ordinal)];
        if (files.Length == 0) throw new InvalidDataException($"{folder} has no {SamplesPrefix}*_{date}.jsonl beside {Path.GetFileName(path)}; single answers are needed, which lm-evaluation-harness writes with --log_samples.");

        var remarks = new List<string>();
        (string Name, List<Sample> Samples)[] tasks = [.. files.Select(file => (NameOf(file, date), ReadTask(file, NameOf(file, date), filter, remarks)))];
        // Two tasks of theirs that are one of ours (GSM8K with and without reasoning) keep their own names.
        HashSet<(string, string?)> twice = [.. tasks.GroupBy(t => UpstreamTask.OfLmEval(t.Name)).Where(g => g.Count() > 1).Select(g => g.Key)];
        Sample[] samples = [.. tasks.SelectMany(t => twice.Contains(UpstreamTask.OfLmEval(t.Name)) ? t.Samples.Select(s => s with { Task = t.Name, Subject = null }) : t.Samples)];
        string model = results.Field("model_name")?.Words() ?? results.Field("config")?.Field("model")?.Words() ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        int[] shots = results.Field("n-shot") is { ValueKind: JsonValueKind.Object } all ? [.. all.EnumerateObject().Select(p => p.Value.ValueKind == JsonValueKind.Number && p.Value.TryGetInt32(out int n) ? n : 0)] : [];
        return ImportedRun.Of(model, $"lm-eval {results.Field("lm_eval_version")?.Words() ?? "0.4"}", shots.DefaultIfEmpty().Max(), samples) with { Remarks = remarks };
    }

    private static string NameOf(string file, string date) => Path.GetFileNameWithoutExtension(file)[SamplesPrefix.Length..^(date.Length + 1)];

    private static List<Sample> ReadTask(string file, string name, string? filter, List<string> remarks)
    {
        (string Task, string? Subject) task = UpstreamTask.OfLmEval(name);
        List<(string Filter, Sample Sample)> all = JsonLines.Read(file, "\"doc_id\", \"arguments\", \"filtered_resps\" and metrics", row => (FilterOf(row), Parse(row, task)));
        string[] filters = [.. all.Select(row => row.Filter).Distinct(StringComparer.Ordinal)];
        string taken = filter is not null && filters.Contains(filter) ? filter : Preferred.FirstOrDefault(filters.Contains) ?? filters[0];
        if (filters.Length > 1) remarks.Add($"{name} was read by the filters {string.Join(" and ", filters)}; {taken} is taken (--filter takes another).");
        return [.. all.Where(row => row.Filter == taken).Select(row => row.Sample)];
    }

    private static string FilterOf(JsonElement row) => JsonLines.OptionalText(row, "filter") ?? "none";

    private static Sample Parse(JsonElement row, (string Task, string? Subject) task)
    {
        if (row.Field("doc_id") is not { ValueKind: JsonValueKind.Number } id || !id.TryGetInt32(out int item) || item < 0) throw new InvalidDataException("has no \"doc_id\"; expected a whole number from 0 on");
        (JsonElement Prompt, string? Continuation)[] arguments = [.. Arguments(row)];
        if (arguments.Length == 0) throw new InvalidDataException("has no \"arguments\" with a prompt");
        (string? text, ChatMessage[] messages) = arguments[0].Prompt.Prompt();
        double score = Score(row);
        JsonElement[] responses = [.. row.Field("filtered_resps").Items()];
        bool isChoice = responses.Length > 0 && responses.All(IsLogLikelihood);
        string target = row.Field("target")?.Words() ?? "";
        double[]? options = isChoice ? [.. responses.Select(LogLikelihood)] : null;
        string[] continuations = [.. arguments.Select(a => a.Continuation).OfType<string>()];
        bool areTexts = isChoice && continuations.Length == options!.Length && !QuestionText.AreLetters(continuations);
        string[] places = areTexts ? RightPlaces(row, task.Task, options!.Length) ?? [target] : [];
        string? extracted = areTexts ? Place(Array.IndexOf(options!, options!.Max())) : isChoice ? Option(arguments, Array.IndexOf(options!, options!.Max())) : responses.Length == 0 || responses[0].Words() is Invalid or "" ? null : responses[0].Words();
        string output = isChoice ? "" : row.Field("resps").Items().FirstOrDefault().Words() ?? "";
        return new Sample(
            task.Task, item, messages, areTexts ? string.Join(',', places) : isChoice && int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out int right) ? Option(arguments, right) ?? target : target,
            new Response(output, FinishReason.Stop), new Prediction(extracted, isChoice ? "likeliest" : extracted is null ? null : FilterOf(row), areTexts ? places.Contains(extracted) : score == 1))
        {
            Subject = task.Subject,
            Prompt = text,
            LogLikelihoods = options?.All(double.IsFinite) == true ? options : null,
            Options = areTexts && options!.All(double.IsFinite) ? continuations : null,
            Score = score,
            Metrics = FurtherMetrics(row),
        };
    }

    /// <summary>Places of TruthfulQA's right options; null where the document does not say.</summary>
    private static string[]? RightPlaces(JsonElement row, string task, int count)
    {
        JsonElement[] labels = UpstreamTask.TargetsOf(task) is { } name ? [.. row.Field("doc")?.Field(name)?.Field("labels").Items() ?? []] : [];
        return labels.Length == count && labels.Any(IsRight) ? [.. Enumerable.Range(0, count).Where(i => IsRight(labels[i])).Select(Place)] : null;
    }

    private static bool IsRight(JsonElement label) => label.ValueKind == JsonValueKind.Number && label.TryGetInt32(out int value) && value == 1;

    private static string Place(int index) => index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The requests of an item: a dictionary of <c>gen_args_0</c>, … with <c>arg_0</c> and <c>arg_1</c>, or, before 0.4.3, a list of lists.</summary>
    private static IEnumerable<(JsonElement Prompt, string? Continuation)> Arguments(JsonElement row)
    {
        if (row.Field("arguments") is not { } arguments) yield break;
        IEnumerable<JsonElement> requests = arguments.ValueKind == JsonValueKind.Object ? arguments.EnumerateObject().Select(p => p.Value) : ((JsonElement?)arguments).Items();
        foreach (JsonElement request in requests)
        {
            JsonElement? prompt = request.Field("arg_0") ?? ((JsonElement?)request).Items().Cast<JsonElement?>().FirstOrDefault();
            JsonElement? continuation = request.Field("arg_1") ?? ((JsonElement?)request).Items().Skip(1).Cast<JsonElement?>().FirstOrDefault();
            if (prompt is { } found) yield return (found, continuation is { ValueKind: JsonValueKind.String } option ? option.Words() : null);
        }
    }

    private static string? Option((JsonElement Prompt, string? Continuation)[] arguments, int index) => index < arguments.Length ? arguments[index].Continuation?.Trim() : null;

    /// <summary>Names of the metrics that a row has a number for, the score's first.</summary>
    private static IEnumerable<string> MetricsOf(JsonElement row) =>
        Metrics.Concat(row.Field("metrics").Items().Select(m => m.Words()).OfType<string>()).Distinct(StringComparer.Ordinal).Where(name => Value(row, name) is not null);

    private static double? Value(JsonElement row, string metric) => row.Field(metric) switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
        { ValueKind: JsonValueKind.True } => 1,
        { ValueKind: JsonValueKind.False } => 0,
        _ => null,
    };

    /// <summary>What a row has besides its score, as far as it lies between 0 and 1.</summary>
    private static SortedDictionary<string, double>? FurtherMetrics(JsonElement row)
    {
        (string Name, double Value)[] others = [.. MetricsOf(row).Skip(1).Select(name => (name, Value(row, name)!.Value)).Where(m => m.Item2 is >= 0 and <= 1)];
        return others.Length == 0 ? null : new SortedDictionary<string, double>(others.ToDictionary(m => m.Name, m => m.Value), StringComparer.Ordinal);
    }

    private static double Score(JsonElement row)
    {
        double? score = MetricsOf(row).FirstOrDefault() is { } name ? Value(row, name) : null;
        return score is >= 0 and <= 1 ? score.Value : throw new InvalidDataException(score is null ? "has no score (\"acc\", \"exact_match\" or what \"metrics\" names)" : $"has the score {score}; expected 0 to 1");
    }

    private static bool IsLogLikelihood(JsonElement response) => response.ValueKind == JsonValueKind.Array && response.GetArrayLength() == 2 && double.TryParse(response[0].Words(), NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static double LogLikelihood(JsonElement response) => double.Parse(response[0].Words()!, NumberStyles.Float, CultureInfo.InvariantCulture);
}
