using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>OpenCompass's <c>bbh_freeform_postprocess</c>: the line after the last "answer is", its bold part, its yes, no, true or false, without commas.</summary>
internal static class OpenCompassFreeform
{
    private static readonly Regex Mark = PythonPattern.Compile(@"answer is\s*:?\s*", RegexOptions.IgnoreCase);
    private static readonly Regex Bold = PythonPattern.Compile(@"\*\*(.*?)\*\*");
    private static readonly Regex Word = PythonPattern.Compile(@"^(yes|no|true|false)\b", RegexOptions.IgnoreCase);
    private static readonly Regex ListOfNumbers = PythonPattern.Compile(@"\d\s*,\s*\d");
    private static readonly Regex Comma = PythonPattern.Compile(@"\s*,\s*");
    private static readonly Regex Spaces = PythonPattern.Compile(@"\s+");

    public static Extraction Read(string output)
    {
        var text = new Passage(output, 0, "first_line");
        if (Mark.Matches(output).LastOrDefault() is { } mark) text = text.Slice(mark.Index + mark.Length, output.Length, "sentence").Strip();
        int line = text.Text.IndexOf('\n', StringComparison.Ordinal);
        text = text.Slice(0, line < 0 ? text.Text.Length : line, text.Rule).Strip();
        if (text.Text.EndsWith('.')) text = text.Slice(0, text.Text.Length - 1, text.Rule).Strip();
        if (Bold.Match(text.Text) is { Success: true } bold) text = text.Slice(bold.Groups[1].Index, bold.Groups[1].Index + bold.Groups[1].Length, "bold").Strip();
        if (Word.Match(text.Text) is { Success: true } word)
        {
            string lower = word.Value.ToLowerInvariant();
            return text.Slice(0, word.Length, "word").ToExtraction() with { Answer = char.ToUpperInvariant(lower[0]) + lower[1..] };
        }
        string answer = text.Text;
        if (!ListOfNumbers.IsMatch(answer)) answer = Comma.Replace(answer, " ");
        answer = PythonText.Strip(Spaces.Replace(answer, " "));
        return answer.Length == 0 ? new Extraction("", null, null) : text.ToExtraction() with { Answer = answer };
    }
}
