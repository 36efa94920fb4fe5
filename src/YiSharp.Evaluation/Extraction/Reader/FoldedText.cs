using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// A model's words made plain, a character for a character, so that places in it are places in the output: full-width signs and letters become plain ones, marks of
/// emphasis and LaTeX's fonts become spaces. What is no answer is left out: reasoning between think tags, and a question that the model goes on to ask itself. Of a
/// text longer than 64 Ki characters the first 16 Ki and the last 48 Ki are read.
/// </summary>
internal sealed class FoldedText
{
    private const int Head = 16 << 10, Tail = 48 << 10;

    private static readonly Regex Ends = Pattern.Of(@"<\|[a-z_]+\|>|</s>|<\|endoftext");
    private static readonly Regex NextQuestion = Pattern.Of(
        @"\n\s*(?:#+\s*)?(?:q|question|human|user|instruction|input|问题?|题目|用户)\s*[0-9]{0,4}\s*:",
        @"\n[ \t]*[0-9]{1,3}[.、)][^\n]{4,300}\n[ \t]*\(?a[.、)]");

    private static readonly Regex ThinkEnd = Pattern.Of("</(?:think|thinking|reasoning)>");
    private static readonly Regex ThinkStart = Pattern.Of("<(?:think|thinking|reasoning)>");
    private static readonly Regex Fonts = Pattern.Of(
        @"\\(?:text|textbf|textit|mathrm|mathbf|mathit|bf|rm|mbox|operatorname)\s?\{([^{}]*)\}",
        @"\\[()\[\],;!:]|\\ |\\left|\\right|\\quad|__|`+|\*\*+");
    private static readonly Regex Emphasis = Pattern.Of(@"\*\*([^*\n]{1,200})\*\*");
    private static readonly Regex WideSigns = Pattern.Of(@"\\(?:times|cdot|div|approx|log|ln|sqrt|pi)\b", @"\\[dt]frac", @"\\%", @"\\\$");
    private static readonly Regex Formula = Pattern.Of(@"\$\$?[^$\n]*[0-9a-zA-Z)}%]\$\$?");

    private readonly int _start;
    private readonly int _skipped;

    private FoldedText(string text, int start, int skipped)
    {
        (Text, _start, _skipped) = (text, start, skipped);
        Lower = text.ToLowerInvariant();
    }

    /// <summary>The words made plain.</summary>
    public string Text { get; }

    /// <summary>The same in lower case.</summary>
    public string Lower { get; }

    /// <summary>Whether reasoning began and did not end.</summary>
    public bool IsUnfinished { get; private init; }

    /// <summary>The only part in bold, [From, To); null where there is none or more than one.</summary>
    public (int From, int To)? Bold { get; private init; }

    /// <summary>Prepares an output.</summary>
    public static FoldedText Of(string output)
    {
        int skipped = Math.Max(0, output.Length - Head - Tail);
        char[] folded = (skipped == 0 ? output : output[..Head] + output[(Head + skipped)..]).ToCharArray();
        for (int i = 0; i < folded.Length; i++) folded[i] = Fold(folded[i]);
        string text = Blank(new string(folded));
        string lower = text.ToLowerInvariant();

        int from = ThinkEnd.Matches(lower).LastOrDefault() is { } thought ? thought.Index + thought.Length : 0;
        bool unfinished = ThinkStart.Match(lower, from).Success;
        while (from < text.Length && char.IsWhiteSpace(text[from])) from++;
        int to = text.Length;
        foreach (Regex end in (Regex[])[Ends, NextQuestion])
        {
            if (end.Match(lower, from) is { Success: true } match && match.Index > from && match.Index < to) to = match.Index;
        }
        Group[] bold = [.. Emphasis.Matches(new string(folded)).Select(match => match.Groups[1]).Where(part => part.Index >= from && part.Index + part.Length <= to)];
        return new FoldedText(text[from..to], from, skipped)
        {
            IsUnfinished = unfinished,
            Bold = bold.Length == 1 ? (bold[0].Index - from, bold[0].Index + bold[0].Length - from) : null,
        };
    }

    /// <summary>The part up to a place.</summary>
    public FoldedText UpTo(int at) => new(Text[..at], _start, _skipped);

    /// <summary>The part from a place on.</summary>
    public FoldedText From(int at) => new(Text[at..], _start + at, _skipped);

    /// <summary>Another text of the same length in its place.</summary>
    public FoldedText With(string text) => new(text, _start, _skipped) { Bold = Bold };

    /// <summary>Where [from, to) stands in the output, UTF-16.</summary>
    public (int From, int To) Origin(int from, int to) => (Origin(from), Origin(to - 1) + 1);

    private int Origin(int at) => at + _start < Head || _skipped == 0 ? at + _start : at + _start + _skipped;

    private static char Fold(char c) => c switch
    {
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        '\u3000' or '\u00A0' or '\u202F' or '\u2009' or '\u2002' or '\u2003' => ' ',
        '\u2212' or '\uFE63' or '\u2013' => '-',
        '“' or '”' or '「' or '」' or '『' or '』' or '«' or '»' => '"',
        '‘' or '’' => '\'',
        >= 'Ⓐ' and <= 'Ⓩ' => (char)('A' + c - 'Ⓐ'),
        >= '₀' and <= '₉' => (char)('0' + c - '₀'),
        '￥' => '¥',
        _ => c,
    };

    /// <summary>Marks of emphasis and fonts become spaces; a lone asterisk is one of them unless digits, brackets or spaces stand on both sides. The x of "3 x 4" becomes ×.</summary>
    private static string Blank(string text)
    {
        char[] blanked = text.ToCharArray();
        foreach (Match match in Fonts.Matches(text))
        {
            Group kept = match.Groups[1];
            for (int i = match.Index; i < match.Index + match.Length; i++)
            {
                if (!kept.Success || i < kept.Index || i >= kept.Index + kept.Length) blanked[i] = ' ';
            }
        }
        foreach (Match match in WideSigns.Matches(text))
        {
            string sign = match.Value switch
            {
                "\\times" or "\\cdot" => "×",
                "\\div" => "÷",
                "\\approx" => "≈",
                "\\sqrt" => "√",
                "\\pi" => "π",
                "\\log" or "\\ln" or "\\%" or "\\$" => match.Value[1..],
                _ => "\\frac",
            };
            sign.PadLeft(match.Length).CopyTo(0, blanked, match.Index, match.Length);
        }
        foreach (Match match in Formula.Matches(text))
        {
            int end = match.Index + match.Length;
            if (end < text.Length && char.IsAsciiDigit(text[end])) continue;
            for (int i = match.Index; i < end; i++)
            {
                if (blanked[i] == '$' && (i == 0 || text[i - 1] != '\\')) blanked[i] = ' ';
            }
        }
        for (int i = 0; i < blanked.Length; i++)
        {
            if (blanked[i] == '*' && !(IsOperand(text, i - 1) && IsOperand(text, i + 1))) blanked[i] = ' ';
            if (blanked[i] == 'x' && IsSpaced(text, i) && IsTerm(text, i - 2) && IsTerm(text, i + 2)) blanked[i] = '×';
        }
        return new string(blanked);
    }

    private static bool IsSpaced(string text, int at) => at > 0 && at + 1 < text.Length && text[at - 1] == ' ' && text[at + 1] == ' ';

    private static bool IsTerm(string text, int at) => at >= 0 && at < text.Length && text[at] is '$' or '(' or ')' or '%' or '}' or '\\' or (>= '0' and <= '9');

    private static bool IsOperand(string text, int at) => at >= 0 && at < text.Length && text[at] is ' ' or '$' or '(' or ')' or (>= '0' and <= '9');
}
