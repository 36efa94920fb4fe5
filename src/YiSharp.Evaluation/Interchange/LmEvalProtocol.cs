using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>How lm-evaluation-harness asked, as far as its results say so.</summary>
internal static class LmEvalProtocol
{
    /// <summary>The protocol.</summary>
    /// <param name="results">The results.</param>
    /// <param name="tasks">Its tasks.</param>
    public static EvaluationProtocol Of(JsonElement results, IReadOnlyList<LmEvalAnswers> tasks)
    {
        JsonElement? config = results.Field("config");
        LmEvalAnswers[] written = [.. tasks.Where(task => task.IsWritten)], parts = [.. tasks.Where(task => task.Task.Original > task.Samples.Count)];
        string?[] generations = [.. written.Select(task => task.Generation?.Name).Distinct()];
        return new EvaluationProtocol
        {
            Name = $"lm-eval {results.Field("lm_eval_version")?.Words() ?? "0.4"}",
            Shots = tasks.Max(task => results.Field("n-shot")?.Field(task.Task.Name)?.Count()) ?? 0,
            Generation = generations is [{ } one] ? one : written.Length == 0 ? new EvaluationProtocol().Generation : EvaluationProtocol.NotKnown,
            MaxNewTokens = tasks.Max(task => task.Generation?.MaxNewTokens) ?? 0,
            BatchSize = config?.Field("batch_size")?.Count() ?? 0,
            Limit = config?.Field("limit")?.Count() ?? (parts.Length > 0 ? parts.Max(task => task.Samples.Count) : null), // a share of the questions may be asked for, too
        };
    }
}
