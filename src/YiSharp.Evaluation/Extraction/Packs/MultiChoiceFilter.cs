using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// <c>multi_choice_regex</c> and BBH's <c>MultiChoiceRegexFilter</c>: a letter in round brackets; else an option's text (case and punctuation aside), else a letter after a colon.
/// </summary>
/// <param name="select">Which match: 0 is the first, -1 the last.</param>
/// <param name="optionsFromInput">BBH's form: options are read out of the question, each up to its first bracket, its case and punctuation aside too; otherwise they are the question's choices.</param>
internal sealed class MultiChoiceFilter(int select, bool optionsFromInput) : LmEvalFilter
{
    private static readonly Regex Letter = PythonPattern.Compile(@"(\([A-Z]\))");
    private static readonly Regex OptionInInput = PythonPattern.Compile(@"\([A-Z]\)([^\n^(]*)");

    public override Passage Apply(ExtractionQuestion question, Passage text)
    {
        if (Find(Letter, text, select, "letter_in_brackets") is { } letter) return letter;

        string[] options = [.. Options(question).Select(option => Reduce(PythonText.Strip(option)))];
        if (options.Length > 26) throw new ArgumentException($"The question has {options.Length} options; at most 26, one a letter, were expected.");
        if (FindOption(options, Reduce(text.Text)) is { Length: > 0 } option) return new Passage(InBrackets(Array.LastIndexOf(options, option)), null, "option_text");
        Regex afterColon = PythonPattern.Compile($@":[\s]*({string.Join('|', options.Select((_, index) => (char)('A' + index)))})");
        if (Find(afterColon, text, select, "letter_after_colon") is { Text.Length: > 0 } after) return new Passage(InBrackets(after.Text[0] - 'A'), null, after.Rule);
        return Invalid;
    }

    /// <summary>The option chosen among those that stand in the text, scanned from the left; of several that start at one place the first.</summary>
    private string? FindOption(string[] options, string text)
    {
        string? chosen = null;
        for (int at = 0; at < text.Length; at++)
        {
            if (Array.Find(options, option => text.AsSpan(at).StartsWith(option, StringComparison.Ordinal)) is not { } option) continue;
            chosen = PythonText.Strip(option);
            if (select == 0) break;
            at += Math.Max(option.Length, 1) - 1;
        }
        return chosen;
    }

    private IEnumerable<string> Options(ExtractionQuestion question) =>
        optionsFromInput ? OptionInInput.Matches(question.Input ?? "").Select(match => match.Groups[1].Value) : question.Choices;

    private static string InBrackets(int index) => $"({(char)('A' + index)})";

    private static string Reduce(string text) => PythonText.RemovePunctuation(PythonText.Lower(text));
}
