using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>An item of OpenCompass as a sample of ours.</summary>
internal static class OpenCompassItem
{
    /// <summary>The rule of items whose options were scored.</summary>
    public const string Perplexity = "perplexity";

    private const string ReadByPrograms = "OpenCompass";

    /// <summary>The sample; null where nothing says whether the answer is right.</summary>
    /// <param name="item">The item among the predictions.</param>
    /// <param name="detail">Its judgement; null where there is none.</param>
    /// <param name="task">Our names for its set.</param>
    /// <param name="index">Its place there.</param>
    public static Sample? Parse(JsonElement item, JsonElement? detail, (string Task, string? Subject) task, int index)
    {
        string prediction = item.Field("prediction")?.Words() ?? "";
        string gold = (item.Field("gold") ?? detail?.Field("references") ?? detail?.Field("answers") ?? detail?.Field("answer"))?.Words() ?? "";
        IEnumerable<string> names = item.ValueKind == JsonValueKind.Object ? item.EnumerateObject().Select(p => p.Name) : [];
        string[] options = [.. names.Where(name => name.StartsWith("label: ", StringComparison.Ordinal))];
        bool isPerplexity = options.Length > 0;
        string? extracted = isPerplexity ? prediction : (detail?.Field("predictions") ?? detail?.Field("pred"))?.Words();
        bool? right = Truth(detail?.Field("correct") ?? detail?.Field("is_correct"));
        if (right is null && isPerplexity && gold.Length > 0) right = prediction == gold;
        if (right is null && extracted is not null && detail?.Field("references")?.Words() is { } reference) right = extracted == reference;
        if (right is null) return null;

        (string? text, ChatMessage[] messages) = (item.Field("origin_prompt") ?? (isPerplexity ? item.Field(options[0])?.Field("prompt") : null) ?? default).Prompt();
        bool isNothing = string.IsNullOrWhiteSpace(extracted) && !right.Value;
        return new Sample(task.Task, index, messages, gold, new Response(isPerplexity ? "" : prediction, FinishReason.Stop),
            new Prediction(isNothing ? null : extracted, isPerplexity ? Perplexity : extracted is null ? null : ReadByPrograms, right.Value))
        {
            Subject = task.Subject,
            Prompt = text,
        };
    }

    private static bool? Truth(JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.Value.FiniteNumber() is 0 or 1 => value.Value.FiniteNumber() == 1,
        JsonValueKind.Array when value.Value.GetArrayLength() == 1 => Truth(value.Value[0]),
        _ => null,
    };
}
