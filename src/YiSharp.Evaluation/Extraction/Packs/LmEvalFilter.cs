using System.Text;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>One step of an lm-evaluation-harness filter (lm_eval/filters/extraction.py and tasks/bbh/cot_zeroshot/utils.py, 0.4.13).</summary>
internal abstract class LmEvalFilter
{
    /// <summary>What the harness puts where nothing was found.</summary>
    protected static readonly Passage Invalid = new("[invalid]", null, null);

    public abstract Passage Apply(ExtractionQuestion question, Passage text);

    /// <summary>
    /// Python's <c>findall(…)[select]</c>: of the chosen match its group where there is one, its first group that is not empty where there are several; stripped. Null without a match.
    /// </summary>
    /// <param name="regex">What is looked for.</param>
    /// <param name="text">Where.</param>
    /// <param name="select">Which match: 0 is the first, -1 the last.</param>
    /// <param name="rule">The rule of what is found.</param>
    protected static Passage? Find(Regex regex, Passage text, int select, string rule)
    {
        Match? chosen = null;
        foreach (Match match in regex.Matches(text.Text))
        {
            chosen = match;
            if (select == 0) break;
        }
        if (chosen is null) return null;
        Group group = chosen.Groups.Count switch
        {
            1 => chosen,
            2 => chosen.Groups[1],
            _ => ((IEnumerable<Group>)chosen.Groups).Skip(1).FirstOrDefault(g => g.Length > 0) ?? chosen.Groups[1],
        };
        if (group.Length == 0 && chosen.Groups.Count > 2) return Invalid;
        return (group.Success ? text.Slice(group.Index, group.Index + group.Length, rule) : new Passage("", null, rule)).Strip();
    }
}

/// <summary><c>take_first</c>: of several generations the first; there is one here.</summary>
internal sealed class TakeFirst : LmEvalFilter
{
    public override Passage Apply(ExtractionQuestion question, Passage text) => text;
}

/// <summary><c>remove_whitespace</c>: none at both ends.</summary>
internal sealed class RemoveWhitespace : LmEvalFilter
{
    public override Passage Apply(ExtractionQuestion question, Passage text) => text.Strip();
}

/// <summary><c>regex</c>.</summary>
internal sealed class RegexFilter(string pattern, int groupSelect = 0) : LmEvalFilter
{
    private readonly Regex _regex = PythonPattern.Compile(pattern);

    public override Passage Apply(ExtractionQuestion question, Passage text) => Find(_regex, text, groupSelect, "regex") ?? Invalid;
}

/// <summary><c>MapRegexFilter</c>: finds any of the patterns in the text in lower case, and gives the word of the first one that the find matches.</summary>
internal sealed class MapRegexFilter(params (string Pattern, string Value)[] rows) : LmEvalFilter
{
    private readonly Regex _any = PythonPattern.Compile(string.Join('|', rows.Select(row => row.Pattern)));
    private readonly (Regex Pattern, string Value)[] _rows = [.. rows.Select(row => (PythonPattern.Compile(row.Pattern), row.Value))];

    public override Passage Apply(ExtractionQuestion question, Passage text)
    {
        string lower = PythonText.Lower(text.Text);
        if (Find(_any, text with { Text = lower, From = lower.Length == text.Text.Length ? text.From : null }, -1, "map") is not { } found) return Invalid;
        foreach ((Regex pattern, string value) in _rows)
        {
            if (!pattern.IsMatch(found.Text)) continue;
            return found.From is { } from && value.Length == found.Text.Length ? new Passage(value, from, value) : new Passage(value, null, value);
        }
        return Invalid;
    }
}

/// <summary><c>WordSortFilter</c>: each of the question's words once, in the order of their last mentions.</summary>
internal sealed class WordSortFilter : LmEvalFilter
{
    private const string Mark = "List:";

    public override Passage Apply(ExtractionQuestion question, Passage text)
    {
        string[] parts = (question.Input ?? "").Split(Mark);
        if (parts.Length < 2) throw new ArgumentException($"The question's input has no \"{Mark}\"; the words to sort were expected after it.");
        var found = new List<string>();
        var words = new StringBuilder();
        foreach (string word in PythonText.Words(parts[1])) words.Append(words.Length == 0 ? "" : "|").Append(@"\b").Append(AsPattern(word)).Append(@"\b");
        foreach (Match match in PythonPattern.Compile(words.ToString()).Matches(text.Text)) found.Add(match.Value);
        var order = new LinkedList<string>();
        var seen = new HashSet<string>();
        for (int i = found.Count - 1; i >= 0; i--)
        {
            if (seen.Add(found[i])) order.AddFirst(found[i]);
        }
        return new Passage(string.Join(' ', order), null, order.Count > 0 ? "words" : null);
    }

    /// <summary>The harness takes words for patterns: a dot stands for any character. Other signs are taken for themselves, where the harness may fail.</summary>
    private static string AsPattern(string word) => Regex.Escape(word).Replace(@"\.", ".", StringComparison.Ordinal);
}

/// <summary><c>NumberParseRegexFilter</c>: digits, or else words for numbers.</summary>
internal sealed class NumberParseFilter(string pattern) : LmEvalFilter
{
    private const string Any = "zero|one|two|three|four|five|(?:twen|thir|for|fif|six|seven|nine)", Rest = "ten|eleven|twelve|fourteen|hundred|thousand|(?:m|b|tr)illion";

    /// <summary>Six, seven and nine on their own are not among the first and the last word, nor is eight among the last.</summary>
    private static readonly Regex NumberWords = PythonPattern.Compile(
        $@"((?:(?:{Any}(?:teen|ty)|eight(?:|een|y)|{Rest})(?:{Any}(?:|teen|ty)|eight(?:een|y)|{Rest}|[\t\v\f\x1c-\x1f\x85\p{{Z}}]|,|and|&)+)?(?:{Any}(?:teen|ty)|eight(?:een|y)|{Rest}))");

    private readonly Regex _regex = PythonPattern.Compile(pattern);

    public override Passage Apply(ExtractionQuestion question, Passage text)
    {
        if (Find(_regex, text, -1, "regex") is { } digits) return digits;
        string lower = PythonText.Lower(text.Text);
        return Find(NumberWords, new Passage(lower, null, null), -1, "number_words") is { } words && Word2Number.TryParse(words.Text, out long number)
            ? words with { Text = number.ToString(System.Globalization.CultureInfo.InvariantCulture) } : Invalid;
    }
}
