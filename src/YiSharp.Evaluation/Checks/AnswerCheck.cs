using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace YiSharp.Evaluation;

/// <summary>
/// How an answer of an ability is judged. Each check first asks whether the words have the form asked for (if not, nothing is extracted), then whether
/// what they say is right.
/// </summary>
public abstract class AnswerCheck
{
    /// <summary>The checks there are, for messages.</summary>
    public const string Names = "exact, json, json_fields, contains, last_number, bullets:N";

    private const string BulletsPrefix = "bullets:";

    /// <summary>Judges a model's words.</summary>
    public abstract Prediction Judge(string output);

    /// <summary>Whether there is a check of a name.</summary>
    internal static bool IsName(string name) => name is "exact" or "json" or "json_fields" or "contains" or "last_number" || Bullets(name) is not null;

    /// <summary>The check of a name, for one answer.</summary>
    /// <param name="name">Such as <c>exact</c> or <c>bullets:3</c>.</param>
    /// <param name="answer">What a right answer holds.</param>
    /// <param name="check">The check.</param>
    /// <param name="reason">What is wrong with name or answer, as a clause.</param>
    public static bool TryParse(string name, string answer, [NotNullWhen(true)] out AnswerCheck? check, [NotNullWhen(false)] out string? reason)
    {
        (AnswerCheck? Check, string? Wanted) found = name switch
        {
            "exact" => (ExactCheck.TryCreate(answer), "a text without space around it"),
            "contains" => (ContainsCheck.TryCreate(answer), "a text that is not empty"),
            "last_number" => (LastNumberCheck.TryCreate(answer), "a whole number in plain digits"),
            "json" => (JsonCheck.TryCreate(answer), "a JSON object, each name in it once"),
            "json_fields" => (JsonFieldsCheck.TryCreate(answer), "a JSON object with at least one field, each name in it once"),
            _ => (Bullets(name) is { } count ? new BulletsCheck(count) : null, null),
        };
        check = found.Check;
        reason = check is not null ? null : found.Wanted is null ? $"has the check \"{Shorten(name)}\"; expected one of {Names}" : $"has the answer \"{Shorten(answer)}\", which the check {name} cannot look for; it looks for {found.Wanted}";
        return check is not null;
    }

    private static int? Bullets(string name) =>
        name.StartsWith(BulletsPrefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(BulletsPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : null;

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
