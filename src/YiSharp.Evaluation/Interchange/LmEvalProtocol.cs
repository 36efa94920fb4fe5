using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>How lm-evaluation-harness asked, as far as its results say so.</summary>
internal static class LmEvalProtocol
{
    /// <summary>What stands before our version where the results are an export of ours.</summary>
    public const string OwnVersion = "YiSharp ";

    /// <summary>Where an export says which of our protocols it was, in the metadata of a task's configuration.</summary>
    public const string NameInMetadata = "protocol", VersionInMetadata = "version";

    /// <summary>The protocol.</summary>
    /// <param name="results">The results.</param>
    /// <param name="tasks">Its tasks.</param>
    public static EvaluationProtocol Of(JsonElement results, IReadOnlyList<LmEvalAnswers> tasks)
    {
        string version = results.Field("lm_eval_version")?.Words() ?? "0.4";
        JsonElement? metadata = version.StartsWith(OwnVersion, StringComparison.Ordinal) && results.Field("configs") is { ValueKind: JsonValueKind.Object } configs
            ? configs.EnumerateObject().Select(task => task.Value.Field("metadata")).FirstOrDefault(found => found is not null) : null;
        JsonElement? config = results.Field("config");
        LmEvalAnswers[] written = [.. tasks.Where(task => task.IsWritten)], parts = [.. tasks.Where(task => task.Task.Original > task.Samples.Count)];
        string?[] generations = [.. written.Select(task => task.Generation?.Name).Distinct()];
        return new EvaluationProtocol
        {
            Name = metadata?.Field(NameInMetadata)?.Words() ?? $"lm-eval {version}",
            Version = Whole(metadata?.Field(VersionInMetadata)) ?? 1,
            Shots = results.Field("n-shot") is { ValueKind: JsonValueKind.Object } shots ? shots.EnumerateObject().Select(task => Whole(task.Value) ?? 0).DefaultIfEmpty().Max() : 0,
            Generation = generations is [{ } one] ? one : written.Length == 0 ? new EvaluationProtocol().Generation : EvaluationProtocol.NotKnown,
            MaxNewTokens = tasks.Max(task => task.Generation?.MaxNewTokens) ?? 0,
            BatchSize = Whole(config?.Field("batch_size")) ?? 0,
            Limit = Whole(config?.Field("limit")) ?? (parts.Length > 0 ? parts.Max(task => task.Samples.Count) : null), // a share of the questions may be asked for, too
            Seed = metadata is null ? null : Whole(config?.Field("random_seed")),
        };
    }

    private static int? Whole(JsonElement? value) => value is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int whole) && whole >= 0 ? whole : null;
}
