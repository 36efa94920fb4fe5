using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using YiSharp.Checkpoints;

namespace YiSharp.Evaluation;

/// <summary>
/// An evaluation as lm-evaluation-harness 0.4 would have written it with <c>--log_samples</c>: its field names, file names, hashes of prompts and targets, and standard errors (sample
/// deviation / √n; of a group, the pooled variance). What only its own task definitions hold (documents, configurations) is given as far as we know it.
/// </summary>
public static class LmEvalExport
{
    private const string LogLikelihoodMetric = "acc", GenerationMetric = "exact_match";
    private const string LogLikelihoodFilter = "none", GenerationFilter = "flexible-extract";

    private static readonly JsonSerializerOptions Lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Lines) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes a model's folder.</summary>
    /// <param name="run">Folder of an evaluation of ours.</param>
    /// <param name="output">Where the model's folder goes; created if absent.</param>
    /// <returns>Path of the results file.</returns>
    /// <exception cref="InvalidDataException">The evaluation is missing or damaged.</exception>
    public static string Write(string run, string output)
    {
        string reportPath = Path.Combine(run, EvaluationReport.FileName);
        EvaluationReport report = EvaluationReport.Read(reportPath);
        Sample[] samples = [.. Sample.Stream(run, report)];
        // The evaluation's own time, so that one run is always exported as the same files.
        string date = File.GetLastWriteTimeUtc(reportPath).ToString("yyyy-MM-dd'T'HH-mm-ss.ffffff", CultureInfo.InvariantCulture);
        ExportedTask[] tasks = [.. samples.GroupBy(s => (s.Task, s.Subject)).Select(group => new ExportedTask(UpstreamTask.ToLmEval(group.Key.Task, group.Key.Subject), group.Key.Task, group.Key.Subject, [.. group]))];

        string folder = Path.Combine(output, FileNameOf(report.Model));
        Directory.CreateDirectory(folder);
        foreach (ExportedTask task in tasks)
            AtomicFile.WriteAllText(Path.Combine(folder, $"samples_{FileNameOf(task.Name)}_{date}.jsonl"), string.Concat(task.Samples.Select(s => ToRow(s).ToJsonString(Lines) + "\n")));
        string path = Path.Combine(folder, $"results_{date}.json");
        AtomicFile.WriteAllText(path, LmEvalResults.Of(run, report, tasks, new DateTimeOffset(File.GetLastWriteTimeUtc(reportPath))).ToJsonString(Indented) + "\n");
        return path;
    }

    /// <summary>A model's name as a folder's, as lm-evaluation-harness does it: what is neither letter, digit, nor one of <c>-_.</c> becomes two lines.</summary>
    public static string FileNameOf(string model)
    {
        string name = string.Concat(model.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c.ToString() : "__"));
        return name.Trim('.').Length == 0 ? "model" : name;
    }

    private static JsonObject ToRow(Sample sample)
    {
        bool isChoice = sample.LogLikelihoods is not null;
        string prompt = sample.Prompt ?? (sample.Messages.Count == 1 ? sample.Messages[0].Content
            : new JsonArray([.. sample.Messages.Select(m => (JsonNode)new JsonObject { ["role"] = m.Role, ["content"] = m.Content })]).ToJsonString(Lines));
        string target = isChoice && HardestItems.RightOptions(sample).Select(i => (int?)i).FirstOrDefault() is { } index ? index.ToString(CultureInfo.InvariantCulture) : sample.Answer;
        JsonObject document = Document(sample), arguments = [];
        JsonNode[] responses;
        if (isChoice)
        {
            double best = sample.LogLikelihoods!.Max();
            for (int i = 0; i < sample.LogLikelihoods!.Count; i++) arguments[$"gen_args_{i}"] = new JsonObject { ["arg_0"] = prompt, ["arg_1"] = sample.Options?[i] ?? (i < 26 ? $" {QuestionText.Letter(i)}" : $" {i + 1}") };
            // Whether an option is what the model would have written is not known; a letter that is likeliest nearly always is, a sentence hardly ever.
            responses = [.. sample.LogLikelihoods.Select(value => new JsonArray(value.ToString("R", CultureInfo.InvariantCulture), value == best && sample.Options is null ? "True" : "False"))];
        }
        else
        {
            arguments["gen_args_0"] = new JsonObject { ["arg_0"] = prompt, ["arg_1"] = new JsonObject { ["until"] = new JsonArray(), ["do_sample"] = false } };
            responses = [new JsonArray(sample.Response.Text)];
        }
        string metric = MetricOf(sample);
        var row = new JsonObject
        {
            ["doc_id"] = sample.Item,
            ["doc"] = document,
            ["target"] = target,
            ["arguments"] = arguments,
            ["resps"] = new JsonArray(isChoice ? [.. responses.Select(r => new JsonArray(r.DeepClone()))] : responses),
            ["filtered_resps"] = isChoice ? new JsonArray([.. responses.Select(r => r.DeepClone())]) : new JsonArray(sample.Prediction.Extracted ?? "[invalid]"),
            ["filter"] = isChoice ? LogLikelihoodFilter : GenerationFilter,
            ["metrics"] = new JsonArray([metric, .. sample.Metrics?.Keys ?? []]),
            ["doc_hash"] = Hash(document.ToJsonString(Indented)),
            ["prompt_hash"] = Hash(prompt),
            ["target_hash"] = Hash(target),
            [metric] = sample.Score,
        };
        foreach ((string name, double value) in sample.Metrics ?? new Dictionary<string, double>()) row[name] = value;
        return row;
    }

    /// <summary>The question as far as a sample knows it. Where options are texts, they and which are right stand as TruthfulQA has them, or, of other tasks, as a list and a place.</summary>
    private static JsonObject Document(Sample sample)
    {
        var document = new JsonObject { ["question"] = SampleBlocks.Question(sample), ["subject"] = sample.Subject, ["answer"] = sample.Answer };
        if (sample.Options is not { } options) return document;
        HashSet<int> right = [.. HardestItems.RightOptions(sample)];
        var choices = new JsonArray([.. options.Select(option => (JsonNode)option.Trim())]);
        if (UpstreamTask.TargetsOf(sample.Task) is { } targets)
        {
            document.Remove("answer");
            document[targets] = new JsonObject { ["choices"] = choices, ["labels"] = new JsonArray([.. options.Select((_, i) => (JsonNode)(right.Contains(i) ? 1 : 0))]) };
        }
        else document["choices"] = choices;
        return document;
    }

    internal static string MetricOf(Sample sample) => sample.LogLikelihoods is null ? GenerationMetric : LogLikelihoodMetric;

    internal static string FilterOf(Sample sample) => sample.LogLikelihoods is null ? GenerationFilter : LogLikelihoodFilter;

    internal static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
