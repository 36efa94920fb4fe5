using System.Text.Json;
using System.Text.Json.Nodes;

namespace YiSharp.Evaluation;

/// <summary>
/// What an evaluation says and results of lm-evaluation-harness have no place for: the field <c>yisharp</c> in the metadata of each task's configuration. It is <c>evaluation.json</c>
/// less its scores, with the hashes of what the task asked and the version of the rules that read its answers.
/// </summary>
internal static class OwnHeader
{
    private const string Model = "model", DataSha256 = "data_sha256", RubricSha256 = "rubric_sha256", RulesVersion = "rules_version";

    /// <summary>The field of a task.</summary>
    /// <param name="report">The evaluation.</param>
    /// <param name="task">The task.</param>
    public static JsonObject Of(EvaluationReport report, string task)
    {
        JsonObject fields = report.ToHeader();
        fields.Remove(Model);
        TaskScore score = report[task];
        if (score.DataSha256 is { } data) fields[DataSha256] = data;
        if (score.RubricSha256 is { } rubric) fields[RubricSha256] = rubric;
        if (score.RulesVersion is { } rules) fields[RulesVersion] = rules;
        return fields;
    }

    /// <summary>The evaluation without its scores; null where the results are no export of ours.</summary>
    /// <exception cref="InvalidDataException">The field is of no evaluation.</exception>
    public static EvaluationReport? Read(LmEvalFolder results, string model)
    {
        if (results.Tasks.Select(Of).FirstOrDefault(found => found is not null) is not { } own) return null;
        try
        {
            JsonObject fields = own.ValueKind == JsonValueKind.Object ? JsonObject.Create(own)! : throw new InvalidDataException($"is {JsonLines.Kind(own)}");
            fields[Model] = model;
            return EvaluationReport.OfHeader(fields);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{results.ResultsPath}: \"{OwnFields.Name}\" in the \"metadata\" of a task {e.Message}; get the file again, or take that field out.", e);
        }
    }

    /// <summary>A score with what was asked and who read the answers.</summary>
    public static TaskScore Described(TaskScore score, LmEvalTask task)
    {
        JsonElement? own = Of(task);
        return score with { DataSha256 = own?.Field(DataSha256)?.Words(), RubricSha256 = own?.Field(RubricSha256)?.Words(), RulesVersion = own?.Field(RulesVersion)?.Count() };
    }

    private static JsonElement? Of(LmEvalTask task) => task.Configuration?.Field("metadata")?.Field(OwnFields.Name);
}
