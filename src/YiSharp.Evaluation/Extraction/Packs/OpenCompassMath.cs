using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>OpenCompass's <c>math_postprocess</c> and <c>math_postprocess_v2</c>.</summary>
internal static class OpenCompassMath
{
    private static readonly (string Before, string After)[] Substitutions =
    [
        ("an ", ""), ("a ", ""), (".$", "$"), ("\\$", ""), ("\\ ", ""), (" ", ""), ("mbox", "text"), (",\\text{and}", ","), ("\\text{and}", ","), ("\\text{m}", "\\text{}"), ("\\le", "<"),
    ];

    private static readonly string[] Removed =
    [
        "square", "ways", "integers", "dollars", "mph", "inches", "ft", "hours", "km", "units", "\\ldots", "sue", "points", "feet", "minutes", "digits", "cents", "degrees", "cm", "gm",
        "pounds", "meters", "meals", "edges", "students", "childrentickets", "multiples", "\\text{s}", "\\text{.}", "\\text{\ns}", "\\text{}^2", "\\text{}^3", "\\text{\n}", "\\text{}",
        "\\mathrm{th}", "^\\circ", "^{\\circ}", "\\;", ",\\!", "{,}", "\"", "\\dots", "\n", "\r", "\f",
    ];

    private static readonly (Regex Pattern, string Replacement)[] Unwrapped =
    [
        (PythonPattern.Compile(@"(\\text\{)\((.*?)\)(\})"), "$2"), (PythonPattern.Compile(@"(\\text\{)(.*?)(\})"), "$2"), (PythonPattern.Compile(@"(\\textbf\{)(.*?)(\})"), "$2"),
        (PythonPattern.Compile(@"(\\overline\{)(.*?)(\})"), "$2"), (PythonPattern.Compile(@"(\\boxed\{)(.*)(\})"), "$2"),
    ];

    private static readonly Regex[] LastFound =
        [PythonPattern.Compile("finalansweris(.*)"), PythonPattern.Compile("answer?is:?(.*)"), PythonPattern.Compile(@"oxed\{(.*?)\}"), PythonPattern.Compile(@"\$(.*?)\$")];

    private static readonly Regex ShortFraction = PythonPattern.Compile("(frac)([^{])(.)");
    private static readonly Regex ShortRoot = PythonPattern.Compile("(sqrt)([^{])");
    private static readonly Regex DoubleBraces = PythonPattern.Compile(@"^\{(.*)\}$");

    /// <summary><c>math_postprocess</c>: the first sentence that names a final answer, else the first sentence.</summary>
    public static Extraction Read(string output) => Sentence(output, "final answer");

    /// <summary><c>math_postprocess_v2</c>: the last box, else as <see cref="Read"/> with "answer is" too.</summary>
    public static Extraction ReadBoxed(string output)
    {
        if (LastBox(output) is not { } box) return Sentence(output, "final answer", "answer is");
        string inside = output[box.From..box.To];
        return new Extraction(DoubleBraces.Match(inside) is { Success: true, Groups: [_, { Length: > 0 } within] } ? within.Value : inside, "boxed", box);
    }

    private static Extraction Sentence(string output, params string[] marks)
    {
        string[] sentences = output.Split('.');
        string? named = Array.Find(sentences, sentence => marks.Any(PythonText.Lower(sentence).Contains));
        string answer = Normalize(named ?? sentences[0]);
        return new Extraction(answer, answer.Length == 0 ? null : named is null ? "first_sentence" : "sentence", null);
    }

    /// <summary>What the last <c>\boxed{…}</c> holds, braces balanced; null where that is nothing, and where a last <c>\boxed</c> or a lone <c>\fbox</c> has not this form.</summary>
    private static (int From, int To)? LastBox(string text)
    {
        const string left = "\\boxed{";
        int box = text.LastIndexOf("\\boxed", StringComparison.Ordinal);
        if (box < 0) return null;
        int open = 0;
        for (int i = box; i < text.Length; i++)
        {
            if (text[i] == '{') open++;
            if (text[i] != '}' || --open != 0) continue;
            bool holds = text.AsSpan(box).StartsWith(left, StringComparison.Ordinal) && i > box + left.Length && text.AsSpan(box + left.Length, i - box - left.Length) is not "{}";
            return holds ? (box + left.Length, i) : null;
        }
        return null;
    }

    private static string Normalize(string answer)
    {
        foreach ((string before, string after) in Substitutions) answer = answer.Replace(before, after, StringComparison.Ordinal);
        foreach (string removed in Removed) answer = answer.Replace(removed, "", StringComparison.Ordinal);
        foreach ((Regex pattern, string replacement) in Unwrapped) answer = pattern.Replace(answer, replacement);
        foreach (Regex pattern in LastFound)
        {
            if (pattern.Matches(answer).LastOrDefault() is { } match) answer = match.Groups[1].Value;
        }
        answer = PythonText.Strip(answer);
        if (answer.Contains("rac", StringComparison.Ordinal) && !answer.Contains("\\frac", StringComparison.Ordinal)) answer = answer.Replace("rac", "\\frac", StringComparison.Ordinal);
        answer = ShortFraction.Replace(answer, "frac{$2}{$3}");
        answer = ShortRoot.Replace(answer, "sqrt{$2}").Replace("$", "", StringComparison.Ordinal);
        string digits = answer.Replace(",", "", StringComparison.Ordinal);
        return PythonText.IsDigits(digits) ? digits : answer;
    }
}
