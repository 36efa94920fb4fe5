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
        (check, reason) = (null, null);
        switch (name)
        {
            case "exact": check = new ExactCheck(answer); break;
            case "contains" when answer.Length > 0: check = new ContainsCheck(answer); break;
            case "last_number": check = new LastNumberCheck(answer); break;
            case "json": check = JsonCheck.TryCreate(answer); break;
            case "json_fields": check = JsonFieldsCheck.TryCreate(answer); break;
            default:
                if (Bullets(name) is { } count) check = new BulletsCheck(count);
                else if (name != "contains") reason = $"has the check \"{Shorten(name)}\"; expected one of {Names}";
                break;
        }
        if (check is null) reason ??= $"has the answer \"{Shorten(answer)}\", which the check {name} cannot look for";
        return check is not null;
    }

    private static int? Bullets(string name) =>
        name.StartsWith(BulletsPrefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(BulletsPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : null;

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
