using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// OpenCompass 0.5.4's post-processors, to the letter (opencompass/utils/text_postprocessors.py, datasets/{bbh,gsm8k,math}.py). Options are lettered from A on.
/// </summary>
internal static class OpenCompassPacks
{
    private static readonly Regex NumberInGsm8k = PythonPattern.Compile(@"\-?\d+\.\d+|\-?\d+");
    private static readonly Regex AnyNumber = PythonPattern.Compile(@"(-?\d*\.?\d+)");
    private static readonly Regex AnswerEnglish = PythonPattern.Compile(@"(?i)ANSWER\s*:\s*([A-D])");
    private static readonly Regex AnswerChinese = PythonPattern.Compile(@"(?i)答案\s*:\s*\W*([A-D])\W*");
    private static readonly Regex CapitalInBrackets = PythonPattern.Compile(@"\(([A-Z])\)*");
    private static readonly Regex Capital = PythonPattern.Compile("([A-Z])");

    /// <summary>Every pack.</summary>
    public static IEnumerable<ExtractionPack> All =>
    [
        new("opencompass/first_option", (question, output) => OpenCompassOptions.First(question.Letters, output, cushion: true)),
        new("opencompass/first_option_no_cushion", (question, output) => OpenCompassOptions.First(question.Letters, output, cushion: false)),
        new("opencompass/first_capital", (_, output) => CapitalOf(output, last: false)),
        new("opencompass/last_capital", (_, output) => CapitalOf(output, last: true)),
        new("opencompass/last_option", (question, output) => LastOption(question.Letters, output)),
        new("opencompass/answer_pattern_en", (_, output) => FirstGroup(AnswerEnglish, output, "answer_pattern") ?? None("")),
        new("opencompass/answer_pattern_zh", (_, output) => FirstGroup(AnswerChinese, output, "answer_pattern") ?? None("")),
        new("opencompass/bbh_mcq", (_, output) => BbhChoice(output)),
        new("opencompass/bbh_freeform", (_, output) => OpenCompassFreeform.Read(output)),
        new("opencompass/gsm8k", (_, output) => Gsm8k(output)),
        new("opencompass/math", (_, output) => OpenCompassMath.Read(output)),
        new("opencompass/math_v2", (_, output) => OpenCompassMath.ReadBoxed(output)),
        new("opencompass/first_number", (_, output) => FirstNumber(output)),
    ];

    private static Extraction None(string? word) => new(word, null, null);

    private static Extraction? FirstGroup(Regex regex, string text, string rule, int offset = 0) =>
        regex.Match(text) is { Success: true } match ? Found(match.Groups[1], rule, offset) : null;

    private static Extraction Found(Capture capture, string rule, int offset = 0) =>
        new(capture.Value, rule, (offset + capture.Index, offset + capture.Index + capture.Length));

    private static Extraction CapitalOf(string output, bool last)
    {
        Extraction found = None("");
        int at = 0;
        foreach (Rune c in output.EnumerateRunes())
        {
            int length = c.Utf16SequenceLength;
            if (PythonText.IsUpper(c))
            {
                found = new Extraction(c.ToString(), "capital", (at, at + length));
                if (!last) break;
            }
            at += length;
        }
        return found;
    }

    private static Extraction LastOption(string letters, string output)
    {
        int at = output.AsSpan().LastIndexOfAny(letters);
        return at < 0 ? None("") : new Extraction(output[at].ToString(), "option", (at, at + 1));
    }

    private static Extraction BbhChoice(string output)
    {
        const string mark = "answer is ";
        var answer = new Passage(output, 0, "whole");
        int at = output.IndexOf(mark, StringComparison.Ordinal);
        if (at >= 0)
        {
            int from = at + mark.Length, to = output.IndexOf(mark, from, StringComparison.Ordinal);
            answer = answer.Slice(from, to < 0 ? output.Length : to, "sentence").Strip();
        }
        return FirstGroup(CapitalInBrackets, answer.Text, "capital_in_brackets", answer.From!.Value) ?? FirstGroup(Capital, answer.Text, "capital", answer.From.Value) ?? answer.ToExtraction();
    }

    private static Extraction Gsm8k(string output)
    {
        int next = output.IndexOf("Question:", StringComparison.Ordinal);
        Match? last = NumberInGsm8k.Matches(next < 0 ? output : output[..next]).LastOrDefault();
        return last is null ? None("NULL") : Found(last, "last_number");
    }

    private static Extraction FirstNumber(string output)
    {
        if (FirstGroup(AnyNumber, output, "first_number") is not { } found) return None(null);
        string plain = string.Concat(found.Answer!.Select(c => char.IsDigit(c) ? (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)) : c));
        return found with { Answer = PythonText.Repr(double.Parse(plain, CultureInfo.InvariantCulture)) };
    }
}
