using System.Buffers;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// lm-evaluation-harness's <c>exact_match</c>: two texts are the same once what does not matter is taken out of both, in this order: regexes, case, ASCII punctuation,
/// ASCII digits (lm_eval/api/metrics.py, <c>exact_match_hf_evaluate</c>).
/// </summary>
public sealed class ExactMatch
{
    private static readonly SearchValues<char> Punctuation = SearchValues.Create("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");

    private readonly Regex[] _ignored = [];

    /// <summary>Patterns in Python's syntax whose matches are taken out, one after the other; none by default.</summary>
    public IReadOnlyList<string> RegexesToIgnore
    {
        get => field;
        init
        {
            field = value;
            _ignored = [.. value.Select(pattern => PythonPattern.Compile(pattern))];
        }
    } = [];

    /// <summary>Whether case does not matter; it does by default.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Whether ASCII punctuation does not matter; it does by default.</summary>
    public bool IgnorePunctuation { get; init; }

    /// <summary>Whether the digits 0 to 9 do not matter; they do by default.</summary>
    public bool IgnoreNumbers { get; init; }

    /// <summary>Whether the two are the same.</summary>
    public bool Matches(string prediction, string reference) => Reduce(prediction) == Reduce(reference);

    private string Reduce(string text)
    {
        foreach (Regex ignored in _ignored) text = ignored.Replace(text, "");
        if (IgnoreCase) text = PythonText.Lower(text);
        if (IgnorePunctuation) text = string.Concat(text.Where(c => !Punctuation.Contains(c)));
        if (IgnoreNumbers) text = string.Concat(text.Where(c => !char.IsAsciiDigit(c)));
        return text;
    }
}
