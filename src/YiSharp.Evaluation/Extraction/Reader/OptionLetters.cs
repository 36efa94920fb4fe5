using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Letters of options in a model's words: which stand for an option, and which are articles, pronouns, vitamins.</summary>
internal sealed class OptionLetters(FoldedText text, string letters, OptionTexts options)
{
    private const string Wrapping = " \t\n\"'([{<【《$:：-";

    private static readonly Regex Noun = Pattern.Of(@"^(?:the |an? )?(?:option|choice|answer|letter|选项|选|選項|第)\s*:?\s*[\(\[""']?");
    private static readonly Regex AndLetter = Pattern.Of(
        @"^[\)\]\.]?(?:项|选项)?\s*(?:\([^()\n]{0,40}\)\s*)?"
        + @"(?:and|or|&|/|,|、|和|或者?|与|及|,\s*(?:and|or))\s*(?:option |choice |选项?|是|可能是|也可能是)?[\(\[]?([a-z])(?:[^a-z0-9]|$)");
    private static readonly Regex Verdict = Pattern.Of(@"^[\)\]\.""']*\s*(?:because|since|as |is|was|seems|must|would|should|and|or|for |instead|rather|->|which|[,.;:!?)\]}""'\n-]|$)");
    private static readonly Regex Negation = Pattern.Of(@"(?:\bnot|n't|\b(?:rul(?:e|ed|ing) out|eliminat(?:e|ed|ing)|exclud(?:e|ed|ing))|\bnever|\bneither|\bnor|不是|并非|不选|不能选|而非|排除|不应选|除了)\s*(?:be |option |choice |选项)?$");
    private static readonly Regex LetterJoint = Pattern.Of(@"^[)\] ]*(?:,|、|/|和|与|及|or|nor|and)[(\[ ]*$");
    private static readonly Regex CalledWrong = Pattern.Of(
        @"^[\)\]""']*\s*(?:\([^()\n]{0,60}\)\s*)?(?:项|选项)?\s*(?:is|was|are|seems|looks)?\s*(?:also |clearly |definitely )?"
        + @"(?:not\b|n't|wrong|incorrect|false|out\b|eliminated|ruled out|excluded|错|不对|不正确|不是|不符|不属于|有误|排除|的?(?:说法|表述|叙述|描述|选项)?(?:是|为)?(?:错|不正确|不对|有误))");

    /// <summary>Several letters in a row, and what is said of all of them.</summary>
    private static readonly Regex Together = Pattern.Of(@"(?:^|[^A-Za-z0-9])([A-Z](?:(?:、|, ?(?:and )?| and |和|与)[A-Z])+)([^A-Za-z0-9][^\n.。;]{0,40}|[^\n.。;A-Za-z0-9])");
    public static readonly Regex AllWrong = Pattern.Of(
        @"^\)? ?are (?:all |both |clearly )?(?:wrong|incorrect|false|eliminated|excluded|ruled out|not (?:correct|right|true))\b",
        @"^\)? ?(?:all |both )?(?:are not|aren't|do not|don't|did not|have no|cannot|can't)\b", "^[两三四五]?(?:个选项|选项|项|者)?(?:均|都|全部?|皆)(?:没有?|无|不|未)", "^[两三四五]?(?:个选项|选项|项|者)?(?:说法|表述)?(?:均|都|全部?|皆)(?:是|为)?(?:错|不正确|不对|不符|不是|不属于|有误|有语病|排除|可排除)");

    /// <summary>Letters that end options' texts: the C of "vitamin C".</summary>
    private readonly HashSet<int> _ofNames = options.NameLetters(text.Lower);

    /// <summary>Options whose letters were seen to be called wrong.</summary>
    public HashSet<int> Dismissed { get; } = [];

    /// <summary>Options whose letters were seen to be ruled out before they are named: "not A", "排除C、D".</summary>
    public HashSet<int> Excluded { get; } = [];

    /// <summary>How many options there are.</summary>
    public int Count => letters.Length;

    /// <summary>Options that are called wrong together: "A, B and D are incorrect".</summary>
    public IEnumerable<int> DismissedTogether() =>
        Together.Matches(text.Text).Where(match => AllWrong.IsMatch(match.Groups[2].Value.ToLowerInvariant())).SelectMany(match => match.Groups[1].Value.Where(char.IsAsciiLetterUpper).Select(c => letters.IndexOf(c, StringComparison.Ordinal)).Where(option => option >= 0));

    /// <summary>How many different letters were seen.</summary>
    public int NamedCount { get; set; }

    /// <summary>A letter as written or in lower case, not part of a word.</summary>
    public int? LetterAt(int at, bool lowerToo = false)
    {
        if (at < 0 || at >= text.Text.Length || _ofNames.Contains(at)) return null;
        char c = text.Text[at];
        int option = letters.IndexOf(lowerToo ? char.ToUpperInvariant(c) : c, StringComparison.Ordinal);
        return option >= 0 && !IsWord(at - 1) && !IsWord(at + 1) && !(at + 1 < text.Text.Length && text.Text[at + 1] == '\'' && IsWord(at + 2)) ? option : null;
    }

    /// <summary>The option that words at a place name: a letter, wrapped or not, or a text. Null where they name none, or several.</summary>
    public (int Option, int From, int To)? Resolve(int at, bool strict = false)
    {
        int start = at;
        at = Skip(at);
        if (Noun.Match(text.Lower[at..Math.Min(text.Lower.Length, at + 24)]) is { Success: true } noun) at = Skip(at + noun.Length);
        bool wrapped = at > start && at > 0 && text.Text[at - 1] is '(' or '[' or '"' or '{' or '【';
        if (!strict && options.At(text.Lower, at) is { } whole && whole.To - at > 1) return (whole.Option, at, whole.To);
        if (LetterAt(at, lowerToo: true) is int option && IsMeant(at, wrapped) && !IsOneOfSeveral(at)) return (option, at, at + 1);
        return null;
    }

    /// <summary>Every letter that is meant as an option's, and where it stands.</summary>
    public IEnumerable<(int Option, int At)> Meant()
    {
        for (int at = 0; at < text.Text.Length; at++)
        {
            if (LetterAt(at) is int option && IsMeant(at, at > 0 && text.Text[at - 1] == '(')) yield return (option, at);
        }
    }

    /// <summary>Whether a letter that stands alone is meant as one.</summary>
    public bool IsMeant(int at, bool wrapped)
    {
        if (wrapped) return true;
        string after = After(at, 12);
        char c = text.Text[at];
        if (char.IsAsciiLetterLower(c) || c == 'I') return after.AsSpan().IsWhiteSpace() || after[0] is '.' or ',' or ')' or '\n' or ';' or ':' or '}' or > '\u2E7F';
        return c != 'A' || after.Length < 2 || after[0] != ' ' || !char.IsAsciiLetterLower(after.TrimStart().FirstOrDefault()) || Verdict.IsMatch(after);
    }

    /// <summary>Whether another letter is named beside this one: "B or D", "A、C".</summary>
    public bool IsOneOfSeveral(int at)
    {
        if (AndLetter.Match(After(at, 60)) is { Success: true } and && letters.Contains(and.Groups[1].Value.ToUpperInvariant(), StringComparison.Ordinal)
            && !char.IsAsciiLetterLower(text.Text[at + 1 + and.Groups[1].Index]) && !(and.Value[0] == ',' && After(at + 1 + and.Groups[1].Index, 1) is "、" or "和" or "项")) return true;
        int before = at - 1;
        while (before > 0 && text.Text[before] is ' ' or '(' or '[' or '选') before--;
        foreach (string joint in (string[])["and", "or", "/", "&", "、", "和", "或", "或者", "与"])
        {
            int start = before - joint.Length + 1;
            if (start <= 0 || string.CompareOrdinal(text.Lower, start, joint, 0, joint.Length) != 0) continue;
            int other = start - 1;
            while (other > 0 && text.Text[other] is ' ' or ')' or ']' or ',') other--;
            if (LetterAt(other) is not null) return true;
        }
        return false;
    }

    /// <summary>Whether a letter begins a line, and the line before or behind it begins with the letter before or behind it: the options are listed again.</summary>
    public bool IsListed(int option, int at)
    {
        int start = text.Text.LastIndexOf('\n', at) + 1, end = text.Text.IndexOf('\n', at);
        if (text.Text.AsSpan(start, at - start).Trim(" (-|").Length > 0) return false;
        return (end >= 0 && IsLabel(option + 1, end + 1)) || (start > 1 && IsLabel(option - 1, text.Text.LastIndexOf('\n', start - 2) + 1));
    }

    private bool IsLabel(int option, int line)
    {
        while (line < text.Text.Length && text.Text[line] is ' ' or '(' or '-' or '|') line++;
        return LetterAt(line) == option && (line + 1 == text.Text.Length || text.Text[line + 1] is '.' or ')' or ':' or '、' or ' ');
    }

    /// <summary>Whether what stands at [from, to) is denied: "not B", "B is wrong".</summary>
    public bool IsDenied(int from, int to) => IsExcluded(from) || IsDismissed(to);

    /// <summary>Whether a "not" stands right before a place.</summary>
    public bool IsExcluded(int from) => Negation.IsMatch(text.Lower[Math.Max(0, from - 24)..from].TrimEnd('(', '[', '"', ' '));

    /// <summary>Whether words between two letters only join them.</summary>
    public static bool IsJoint(string lower) => LetterJoint.IsMatch(lower);

    /// <summary>Whether what ends at a place is called wrong after it.</summary>
    public bool IsDismissed(int to) => CalledWrong.IsMatch(text.Lower[to..Math.Min(text.Lower.Length, to + 80)]);

    private string After(int at, int length) => text.Lower[(at + 1)..Math.Min(text.Lower.Length, at + 1 + length)];

    private int Skip(int at)
    {
        while (at < text.Text.Length && Wrapping.Contains(text.Text[at], StringComparison.Ordinal)) at++;
        return text.Lower.AsSpan(at).StartsWith("\\boxed{", StringComparison.Ordinal) ? Skip(at + 7) : at;
    }

    private bool IsWord(int at) => at >= 0 && at < text.Text.Length && (char.IsAsciiLetterOrDigit(text.Text[at]) || text.Text[at] is '_' or '+' or (>= '\u00C0' and < '\u2000'));
}
