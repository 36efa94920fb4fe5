using System.Globalization;
using System.Text.Json.Nodes;

namespace YiSharp.Evaluation;

/// <summary>The <c>results_DATE.json</c> of lm-evaluation-harness 0.4.13: all of its keys, null where its task definitions or its machine alone would know.</summary>
internal static class LmEvalResults
{
    private const string Choice = "multiple_choice", Generation = "generate_until";

    /// <summary>The file's content.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="report">Its scores.</param>
    /// <param name="tasks">Its answers, a task for each subject.</param>
    /// <param name="date">When it ended.</param>
    public static JsonObject Of(string run, EvaluationReport report, ExportedTask[] tasks, DateTimeOffset date)
    {
        ExportedTask[][] groups = [.. tasks.Where(t => t.Subject is not null).GroupBy(t => t.Group, StringComparer.Ordinal).Select(g => g.ToArray()).OrderBy(g => g[0].Group, StringComparer.Ordinal)];
        JsonObject OfTasks(Func<ExportedTask, JsonNode?> value) => new([.. tasks.Select(t => KeyValuePair.Create(t.Name, value(t)))]);
        KeyValuePair<string, JsonNode?>[] OfGroups(Func<ExportedTask[], JsonNode?> value) => [.. groups.Select(g => KeyValuePair.Create(g[0].Group, value(g)))];
        JsonObject OfAll(Func<ExportedTask, JsonNode?> task, Func<ExportedTask[], JsonNode?> group) => new([.. OfGroups(group), .. tasks.Select(t => KeyValuePair.Create(t.Name, task(t)))]);

        // A group's line stands before its tasks', as the table of lm-evaluation-harness shows them.
        IEnumerable<KeyValuePair<string, JsonNode?>> Lines(ExportedTask[] group) => [KeyValuePair.Create(group[0].Group, (JsonNode?)ExportedTask.ToGroupResult(group)), .. group.Select(Line)];
        KeyValuePair<string, JsonNode?> Line(ExportedTask task) => KeyValuePair.Create(task.Name, (JsonNode?)task.ToResult());
        var content = new JsonObject { ["results"] = new JsonObject([.. groups.SelectMany(Lines), .. tasks.Where(t => t.Subject is null).Select(Line)]) };
        if (groups.Length > 0) content["groups"] = new JsonObject(OfGroups(ExportedTask.ToGroupResult));
        content["group_subtasks"] = new JsonObject(OfGroups(g => new JsonArray([.. g.Select(t => (JsonNode)t.Name)])));
        content["configs"] = OfTasks(t => Configuration(report, t));
        content["versions"] = OfAll(_ => report.Protocol.Version, _ => report.Protocol.Version);
        content["n-shot"] = OfTasks(_ => report.Protocol.Shots);
        content["higher_is_better"] = OfAll(HigherIsBetter, g => HigherIsBetter(g[0]));
        content["n-samples"] = OfTasks(t => new JsonObject { ["original"] = t.Samples.Count, ["effective"] = t.Samples.Count });
        content["config"] = Run(report);
        content["git_hash"] = null;
        content["date"] = date.ToUnixTimeMilliseconds() / 1000.0;
        foreach (string machine in (string[])["pretty_env_info", "transformers_version"]) content[machine] = null;
        content["lm_eval_version"] = $"YiSharp {typeof(LmEvalExport).Assembly.GetName().Version!.ToString(3)}";
        foreach (string model in (string[])["upper_git_hash", "tokenizer_pad_token", "tokenizer_eos_token", "tokenizer_bos_token", "eot_token_id", "max_length"]) content[model] = null;
        content["task_hashes"] = OfTasks(t => LmEvalExport.Hash(string.Concat(t.Samples.Select(s => LmEvalExport.Hash(SampleBlocks.Question(s)) + LmEvalExport.Hash(s.Answer)))));
        content["model_source"] = "YiSharp";
        content["model_name"] = report.Model;
        content["model_name_sanitized"] = LmEvalExport.FileNameOf(report.Model);
        foreach (string unknown in (string[])["system_instruction", "system_instruction_sha"]) content[unknown] = null;
        content["fewshot_as_multiturn"] = false;
        content["chat_template"] = null;
        content["chat_template_sha"] = report.TemplateSha256;
        IReadOnlyList<BatchTiming> times = BatchTiming.Totals(run, report.Fingerprint);
        content["total_evaluation_time_seconds"] = times.Count > 0 ? times.Sum(t => t.Seconds).ToString(CultureInfo.InvariantCulture) : null;
        return content;
    }

    private static JsonObject HigherIsBetter(ExportedTask task) => new([.. task.Metrics.Select(metric => KeyValuePair.Create(metric, (JsonNode?)true))]);

    private static JsonObject Configuration(EvaluationReport report, ExportedTask task)
    {
        EvaluationProtocol protocol = report.Protocol;
        var configuration = new JsonObject { ["task"] = task.Name };
        if (task.Subject is not null) configuration["task_alias"] = task.Subject;
        foreach (string unknown in (string[])["dataset_path", "test_split", "doc_to_text", "doc_to_target"]) configuration[unknown] = null;
        configuration["description"] = "";
        configuration["target_delimiter"] = " ";
        configuration["fewshot_delimiter"] = "\n\n";
        configuration["num_fewshot"] = protocol.Shots;
        static JsonNode Mean(string metric) => new JsonObject { ["metric"] = metric, ["aggregation"] = "mean", ["higher_is_better"] = true };
        configuration["metric_list"] = new JsonArray([.. task.Metrics.Select(Mean)]);
        configuration["output_type"] = task.IsChoice ? Choice : Generation;
        if (!task.IsChoice)
        {
            configuration["generation_kwargs"] = GenerationArguments.Of(report[task.Group], protocol).ToJson();
            configuration["filter_list"] = new JsonArray(new JsonObject { ["name"] = task.Filter, ["filter"] = new JsonArray() });
        }
        configuration["repeats"] = 1;
        configuration["should_decontaminate"] = false;
        configuration["metadata"] = new JsonObject { ["version"] = protocol.Version, ["protocol"] = protocol.Name, [OwnFields.Name] = OwnHeader.Of(report, task.Group) };
        return configuration;
    }

    private static JsonObject Run(EvaluationReport report) => new()
    {
        ["model"] = report.Model,
        ["model_args"] = null,
        ["model_num_parameters"] = null,
        ["model_dtype"] = null,
        ["model_revision"] = null,
        ["model_sha"] = report.ModelFingerprint,
        ["batch_size"] = report.Protocol.BatchSize,
        ["batch_sizes"] = new JsonArray(),
        ["device"] = null,
        ["use_cache"] = null,
        ["limit"] = report.Protocol.Limit,
        ["bootstrap_iters"] = 0, // no error here is of a bootstrap
        ["gen_kwargs"] = null,
        ["random_seed"] = report.Protocol.Seed,
        ["numpy_seed"] = null,
        ["torch_seed"] = null,
        ["fewshot_seed"] = null,
    };
}
