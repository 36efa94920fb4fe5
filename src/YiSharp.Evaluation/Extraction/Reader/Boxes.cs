using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Answers set off by a form: in a box, in a field of JSON, between tags, after ####.</summary>
internal static class Boxes
{
    private static readonly Regex Field = Pattern.Of(@"""(?:final[_ ]?answer|answer|correct[_ ]?answer|choice|option|result|答案|选项|结果)""\s*:\s*(?:""([^""\n]*)""|([^,}\s""]+))");
    private static readonly Regex Tag = Pattern.Of(@"<(?:final_?answer|answer)>([^<]*)</(?:final_?answer|answer)>");
    private static readonly Regex Hash = Pattern.Of(@"####+[ \t]*([^\n]*[a-z0-9][^\n]*)");

    /// <summary>What is set off, [From, To), the last of each form; the box first.</summary>
    public static IEnumerable<(int From, int To, string Rule)> Of(FoldedText text)
    {
        if (LastBox(text.Text) is (int from, int to)) yield return (from, to, "boxed");
        foreach ((Regex form, string rule) in ((Regex, string)[])[(Tag, "tag"), (Field, "field"), (Hash, "hash")])
        {
            if (form.Matches(text.Lower).LastOrDefault() is not { } match) continue;
            Group inside = match.Groups[1].Success ? match.Groups[1] : match.Groups[2];
            yield return (inside.Index, inside.Index + inside.Length, rule);
        }
    }

    private static (int From, int To)? LastBox(string text)
    {
        int box = Math.Max(text.LastIndexOf("\\boxed", StringComparison.Ordinal), text.LastIndexOf("\\fbox", StringComparison.Ordinal));
        if (box < 0) return null;
        int from = text.IndexOf('{', box);
        if (from < 0 || from > box + 8) return null;
        int open = 0;
        for (int i = from; i < text.Length; i++)
        {
            if (text[i] == '{') open++;
            else if (text[i] == '}' && --open == 0) return (from + 1, i);
        }
        return null;
    }
}
