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
        AtomicFile.WriteAllText(path, ToResults(report, tasks, new DateTimeOffset(File.GetLastWriteTimeUtc(reportPath)).ToUnixTimeMilliseconds() / 1000.0).ToJsonString(Indented) + "\n");
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

    private static JsonObject ToResults(EvaluationReport report, ExportedTask[] tasks, double date)
    {
        ExportedTask[][] groups = [.. tasks.Where(t => t.Subject is not null).GroupBy(t => t.Group, StringComparer.Ordinal).Select(g => g.ToArray())];
        var results = new JsonObject([.. tasks.Select(t => KeyValuePair.Create(t.Name, (JsonNode?)t.ToResult()))]);
        var groupResults = new JsonObject([.. groups.Select(g => KeyValuePair.Create(g[0].Group, (JsonNode?)ExportedTask.ToGroupResult(g)))]);
        JsonObject OfTasks(Func<ExportedTask, JsonNode?> value) => new([.. tasks.Select(t => KeyValuePair.Create(t.Name, value(t)))]);
        return new JsonObject
        {
            ["results"] = results,
            ["groups"] = groupResults,
            ["group_subtasks"] = new JsonObject([.. groups.Select(g => KeyValuePair.Create(g[0].Group, (JsonNode?)new JsonArray([.. g.Select(t => (JsonNode)t.Name)])))]),
            ["configs"] = OfTasks(t => new JsonObject
            {
                ["task"] = t.Name, ["num_fewshot"] = report.Protocol.Shots, ["output_type"] = t.IsChoice ? "multiple_choice" : "generate_until",
                ["metric_list"] = new JsonArray(new JsonObject { ["metric"] = t.Metric, ["aggregation"] = "mean", ["higher_is_better"] = true }),
                ["metadata"] = new JsonObject { ["version"] = report.Protocol.Version, ["protocol"] = report.Protocol.Name },
            }),
            ["versions"] = OfTasks(_ => report.Protocol.Version),
            ["n-shot"] = OfTasks(_ => report.Protocol.Shots),
            ["higher_is_better"] = OfTasks(t => new JsonObject { [t.Metric] = true }),
            ["n-samples"] = OfTasks(t => new JsonObject { ["original"] = t.Samples.Count, ["effective"] = t.Samples.Count }),
            ["config"] = new JsonObject { ["model"] = report.Model, ["model_args"] = null, ["batch_size"] = null, ["limit"] = null, ["gen_kwargs"] = null },
            ["git_hash"] = null,
            ["date"] = date,
            ["lm_eval_version"] = $"YiSharp {typeof(LmEvalExport).Assembly.GetName().Version!.ToString(3)}",
            ["task_hashes"] = OfTasks(t => Hash(string.Concat(t.Samples.Select(s => Hash(SampleBlocks.Question(s)) + Hash(s.Answer))))),
            ["model_source"] = "YiSharp",
            ["model_name"] = report.Model,
            ["model_name_sanitized"] = FileNameOf(report.Model),
            ["system_instruction"] = null,
            ["system_instruction_sha"] = null,
            ["fewshot_as_multiturn"] = false,
            ["chat_template"] = null,
            ["chat_template_sha"] = null,
            ["total_evaluation_time_seconds"] = null,
        };
    }

    internal static string MetricOf(Sample sample) => sample.LogLikelihoods is null ? GenerationMetric : LogLikelihoodMetric;

    internal static string FilterOf(Sample sample) => sample.LogLikelihoods is null ? GenerationFilter : LogLikelihoodFilter;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
