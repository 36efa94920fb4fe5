using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// The options' texts as they are looked for in a model's words: plain, in lower case, without articles; and shorter forms, for words that hold none of the whole.
/// </summary>
internal sealed class OptionTexts
{
    private static readonly string[] Articles = ["the ", "a ", "an "];

    private static readonly (string Power, string Raised)[] Powers = [("^2", "²"), ("^3", "³")];

    /// <summary>Characters of texts that are compared but for slips: one is allowed, two from <see cref="LongSlip"/> on.</summary>
    private const int ShortestSlip = 6, LongSlip = 9, LongestSlip = 60;

    /// <summary>Characters of options that are long enough to be told by their words, and the share of them that a text must have.</summary>
    private const int ShortestLong = 20;
    private const int ChineseWeight = 4;

    private const int ShortestOrder = 5;
    private const double LeastShare = 0.6;

    private static readonly Regex Joint = Pattern.Of(@"^\)?(?:, (?:and |or )?| and | or |、|和|或)(?:\([a-z]\) )?");
    private static readonly Regex AndLetter = Pattern.Of(@"^(?:, (?:and |or )?| and | or |/|、|和|与)([a-z][0-9]*)(?:$|[^a-z0-9])");

    private readonly List<(string Form, int Option)> _whole = [];
    private readonly List<(string Form, int Option)> _short = [];
    private readonly List<(string Form, int Option)> _alike = [];
    private readonly string[] _exact;

    public OptionTexts(IReadOnlyList<string> choices)
    {
        _exact = [.. choices.Take(26).Select(Folded)];
        string[] forms = [.. _exact.Select(WithoutArticle)];
        for (int i = 0; i < forms.Length; i++)
        {
            if (forms[i].Length == 0 || Array.IndexOf(forms, forms[i]) != Array.LastIndexOf(forms, forms[i])) continue;
            _whole.Add((forms[i], i));
            if (forms[i].Contains(" the ", StringComparison.Ordinal)) _whole.Add((forms[i].Replace(" the ", " ", StringComparison.Ordinal), i));
            foreach ((string power, string raised) in Powers)
            {
                if (forms[i].Contains(power, StringComparison.Ordinal)) _whole.Add((forms[i].Replace(power, raised, StringComparison.Ordinal), i));
                if (forms[i].Contains(raised, StringComparison.Ordinal)) _whole.Add((forms[i].Replace(raised, power, StringComparison.Ordinal), i));
            }
            if (NumberWords.InDigits(forms[i]) is { } inDigits) _whole.Add((inDigits, i));
            if (NumberWords.InWords(forms[i]) is { } inWords) _whole.Add((inWords, i));
            if (PrefixOf(forms[i]) is { } prefix) _whole.Add(($"{prefix.TrimEnd('s')}s {forms[i][^1]}", i));
            _whole.AddRange(Inflection.Of(forms[i]).Where(form => IsOnlyOf(forms, i, form)).Select(form => (form, i)));
            _alike.AddRange(Likeness.Of(forms[i]).Where(form => IsOnlyOf(forms, i, form)).Select(form => (form, i)));
            _short.AddRange(Shorter(forms, i).Concat(Orders(forms[i])).Where(form => IsOnlyOf(forms, i, form)).Select(form => (form, i)));
        }
        HaveOwnWords = forms.Length > 1 && Array.TrueForAll(forms, form => form.Split(' ') is { Length: 2 } words && words[0].Length > 3 && words[1] == forms[0].Split(' ')[^1]);
        _whole.Sort((a, b) => b.Form.Length - a.Form.Length);
        _short.Sort((a, b) => b.Form.Length - a.Form.Length);
        _alike.Sort((a, b) => b.Form.Length - a.Form.Length);
    }

    /// <summary>How many options there are.</summary>
    public int Count => _exact.Length;

    /// <summary>The option that a whole text in lower case is, end marks aside; null where it is none.</summary>
    public int? Exactly(string lower)
    {
        string plain = lower.Trim(' ', '\n', '\t', '.', '。', '"', '\'', '!', ';');
        int option = Array.IndexOf(_exact, plain);
        if (option < 0 && _whole.FindAll(form => form.Form == WithoutArticle(plain)) is [var only]) return only.Option;
        return plain.Length > 0 && option >= 0 && option == Array.LastIndexOf(_exact, plain) ? option : null;
    }

    /// <summary>The option that a whole text in lower case is but for a slip of the pen; null where it is near none, or near several.</summary>
    public int? Nearly(string lower)
    {
        string plain = WithoutArticle(lower.Trim(' ', '\n', '\t', '.', '。', '"', '\'', '!'));
        if (plain.Length is < ShortestSlip or > LongestSlip || plain.Any(char.IsAsciiDigit)) return null;
        int allowed = plain.Length < LongSlip ? 1 : 2;
        int[] distances = [.. _exact.Select(form => WithoutArticle(form)).Select(form => form.Length == 0 || form[0] != plain[0] || Math.Abs(form.Length - plain.Length) > allowed ? int.MaxValue : Distance(form, plain))];
        if (distances.Length == 0 || distances.Min() > allowed) return null;
        return distances.Count(distance => distance <= allowed + 1) == 1 ? Array.IndexOf(distances, distances.Min()) : null;
    }

    /// <summary>Of long options the one whose words a text has, all but a few, where it has much fewer of every other's own; null without one.</summary>
    public int? Nearest(string lower)
    {
        HashSet<string>[] words = [.. _exact.Select(ContentWords.Of)];
        if (words.Length < 2 || words.Any(own => own.Count == 0) || _exact.Any(form => form.Length + (form.Count(c => c >= '\u3400') * ChineseWeight) < ShortestLong)) return null;
        HashSet<string> said = ContentWords.Of(lower);
        double[] shares = [.. words.Select((own, i) => ShareOf(said, [.. own.Where(word => words.Count(other => other.Contains(word)) < words.Length)]))];
        int best = Array.IndexOf(shares, shares.Max());
        return shares[best] >= LeastShare && shares.Count(share => share > shares[best] / 2) == 1 ? best : null;
    }

    private static double ShareOf(HashSet<string> said, HashSet<string> own) => own.Count == 0 ? 0 : own.Count(said.Contains) / (double)own.Count;

    /// <summary>The numbers that the options are, without their unit, which all must share; none where one is something else.</summary>
    public static double[] NumbersOf(IEnumerable<string> choices)
    {
        var numbers = new List<double>();
        string? unit = null;
        foreach (string folded in choices.Select(Folded))
        {
            if (Numerals.In(folded, 0, folded.Length) is not [var numeral] || numeral.From > 1 || folded[..numeral.From].Trim('$', '¥', '€', '£').Length > 0) return [];
            if ((unit ??= folded[numeral.To..].Trim()) != folded[numeral.To..].Trim()) return [];
            numbers.Add(numeral.Value * numeral.Scale);
        }
        return [.. numbers];
    }

    /// <summary>The option whose text begins at a place, the longest; null where none does.</summary>
    public (int Option, int To)? At(string lower, int at)
    {
        if (at >= lower.Length) return null;
        foreach (string article in Articles)
        {
            int past = at + article.Length;
            bool isArticle = past < lower.Length && lower.AsSpan(at).StartsWith(article, StringComparison.Ordinal);
            if (isArticle && (At(_whole, lower, past) ?? At(_short, lower, past)) is { } found) return found;
        }
        return At(_whole, lower, at) ?? At(_short, lower, at);
    }

    /// <summary>Whether another option's text follows one that ends at a place, joined to it: "oxygen, nitrogen and argon".</summary>
    public bool IsOneOfSeveral(string lower, int option, int to) =>
        Joint.Match(lower[to..Math.Min(lower.Length, to + 16)]) is { Success: true } joint && At(lower, to + joint.Length) is { } other && other.Option != option;

    /// <summary>Every mention of an option by its text, in order; by shorter forms where <paramref name="shorter"/>.</summary>
    public List<(int Option, int From, int To)> Mentions(string lower, bool shorter) => Mentions(shorter ? _short : _whole, lower);

    /// <summary>Mentions of options in words of the same meaning: "go up" for "rise".</summary>
    public List<(int Option, int From, int To)> InOtherWords(string lower) => Mentions(_alike, lower);

    private List<(int Option, int From, int To)> Mentions(List<(string Form, int Option)> forms, string lower)
    {
        var mentions = new List<(int Option, int From, int To)>();
        for (int at = 0; at < lower.Length; at++)
        {
            if (At(forms, lower, at) is not { } found) continue;
            mentions.Add((found.Option, at, found.To));
            at = found.To - 1;
            if (PrefixOf(_exact[found.Option]) is not { } prefix) continue;
            while (AndLetter.Match(lower[found.To..Math.Min(lower.Length, found.To + 12)]) is { Success: true } and && Array.IndexOf(_exact, $"{prefix} {and.Groups[1].Value}") is >= 0 and var other)
            {
                found = (other, found.To + and.Groups[1].Index + and.Groups[1].Length);
                mentions.Add((other, found.To - and.Groups[1].Length, found.To));
                at = found.To - 1;
            }
        }
        return mentions;
    }

    /// <summary>Whether all options are one word of their own beside words that all share, such as oceans.</summary>
    public bool HaveOwnWords { get; }

    /// <summary>Whether all options are told by a letter of their own, such as vitamins: a letter may stand for one or the other.</summary>
    public bool AreNamedByLetters => Array.TrueForAll(_exact, form => PrefixOf(form) is not null);

    /// <summary>Where letters stand that are the ends of options' texts, not options' letters: "hepatitis A, C and E".</summary>
    public HashSet<int> NameLetters(string lower) =>
        Array.Exists(_exact, form => PrefixOf(form) is not null) ? [.. Mentions(lower, shorter: false).Where(mention => PrefixOf(_exact[mention.Option]) is not null).Select(mention => mention.To - 1)] : [];

    /// <summary>What stands before the lone letter at the end of a text such as "vitamin c"; null where none does.</summary>
    private string? PrefixOf(string form) =>
        form.Length > 3 && char.IsAsciiLetterLower(form[^1]) && form[^2] == ' ' && char.IsAsciiLetter(form[^3]) && _exact.Count(other => other.StartsWith(form[..^1], StringComparison.Ordinal)) > 1 ? form[..^2] : null;

    private static (int Option, int To)? At(List<(string Form, int Option)> forms, string lower, int at)
    {
        foreach ((string form, int option) in forms)
        {
            if (lower[at] != form[0] || EndOf(form, lower, at) is not int to) continue;
            if (IsWord(form[0]) && at > 0 && (IsWord(lower[at - 1]) || (char.IsAsciiDigit(form[0]) && IsPoint(lower, at - 1)))) continue;
            if (char.IsAsciiDigit(form[0]) && at > 1 && lower[at - 1] == '/' && char.IsAsciiDigit(lower[at - 2])) continue;
            if (char.IsAsciiLetter(form[^1]))
            {
                if (to < lower.Length && lower[to] == 's' && form[^1] != 's') to++;
                else if (to + 1 < lower.Length && lower[to] == 'e' && lower[to + 1] == 's') to += 2;
            }
            if (IsWord(form[^1]) && to < lower.Length && (IsWord(lower[to]) || (char.IsAsciiDigit(form[^1]) && (lower[to] is '%' or '/' || IsPoint(lower, to))))) continue;
            return (option, to);
        }
        return null;
    }

    /// <summary>Where a form that begins at a place ends there; spaces beside signs do not matter. Null where other words stand there.</summary>
    private static int? EndOf(string form, string lower, int at)
    {
        int i = 0, blanks = 0;
        while (i < form.Length)
        {
            if (at < lower.Length && lower[at] == form[i]) (i, at) = (i + 1, at + 1);
            else if (i > 0 && form[i] == ' ' && IsBesideSign(form, i)) i++;
            else if (i > 0 && at < lower.Length && (lower[at] is '_' or '{' or '}' or '\\' || (lower[at] == ' ' && at + 1 < lower.Length && lower[at + 1] == '_')) && ++blanks < 16) at++; // LaTeX: CO_2, x^{2}
            else if (i > 0 && at < lower.Length && form[i] is >= '①' and <= '⑩' && form[i - 1] is >= '①' and <= '⑩' && lower[at] is '→' or '、' or ',' or '-' && ++blanks < 16) at++;
            else if (i > 0 && at < lower.Length && lower[at] == ' ' && (!IsWord(form[i]) || !IsWord(form[i - 1]) || (char.IsAsciiDigit(form[i - 1]) && char.IsAsciiLetter(form[i]))) && ++blanks < 16) at++;
            else return null;
        }
        return at;
    }

    /// <summary>Whether a blank stands beside a sign, or between a number and its unit.</summary>
    private static bool IsBesideSign(string form, int blank) => !IsWord(form[blank - 1]) || (char.IsAsciiDigit(form[blank - 1]) && blank + 1 < form.Length && char.IsAsciiLetter(form[blank + 1])) || (blank + 1 < form.Length && !IsWord(form[blank + 1]));

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || (c is >= '\u00C0' and < '\u2000' && char.IsLetter(c));

    /// <summary>A decimal point or thousands separator between digits.</summary>
    private static bool IsPoint(string lower, int at) =>
        lower[at] is '.' or ',' && at > 0 && at + 1 < lower.Length && char.IsAsciiDigit(lower[at - 1]) && char.IsAsciiDigit(lower[at + 1]);

    private static string Folded(string choice) => FoldedText.Of(choice[..Math.Min(choice.Length, 1_000)]).Lower.Trim().TrimEnd('.', '。');

    private static string WithoutArticle(string form)
    {
        foreach (string article in Articles)
        {
            if (form.StartsWith(article, StringComparison.Ordinal) && form.Length > article.Length + 1) return form[article.Length..];
        }
        return form;
    }

    /// <summary>O(log n) as Θ(log n), or without its O.</summary>
    private static IEnumerable<string> Orders(string form)
    {
        if (!form.StartsWith("o(", StringComparison.Ordinal) || form[^1] != ')') yield break;
        yield return "θ" + form[1..];
        yield return "theta" + form[1..];
        if (form.Length > ShortestOrder) yield return form[2..^1];
    }

    private static bool IsOnlyOf(string[] forms, int option, string part) => forms.Where((_, other) => other != option).All(other => !HoldsWord(other, part));

    private static bool HoldsWord(string form, string part) =>
        part[0] >= '\u2E80' ? form.Contains(part, StringComparison.Ordinal) : $" {form} ".Contains($" {part} ", StringComparison.Ordinal);

    /// <summary>Without the words that all options begin or end with; a name's last or first word; the first characters of a Chinese name.</summary>
    private static IEnumerable<string> Shorter(string[] forms, int index)
    {
        string[][] words = [.. forms.Select(form => form.Split(' '))];
        string[] own = words[index];
        int least = words.Min(other => other.Length), shared = 0, sharedEnd = 0;
        while (shared < least - 1 && words.All(other => other[shared] == own[shared])) shared++;
        while (sharedEnd < least - 1 - shared && words.All(other => other[^(sharedEnd + 1)] == own[^(sharedEnd + 1)])) sharedEnd++;
        string different = string.Join(' ', own[shared..^sharedEnd]);
        bool isTelling = different.Length > 1 || (different.Length == 1 && (char.IsAsciiDigit(different[0]) || IsRareLetter(different[0], forms.Length)));
        if (shared + sharedEnd > 0 && isTelling) yield return different;
        if (own.Length is 2 or 3 && own[^1].Length >= 4) yield return own[^1];
        if (own.Length is 2 or 3 && own[0].Length >= 5) yield return own[0];
        string form = forms[index];
        if (form.Contains(" to ", StringComparison.Ordinal))
        {
            foreach (string joint in (string[])[" and ", " until ", "-"]) yield return form.Replace(" to ", joint, StringComparison.Ordinal);
        }
        if (form.Length > 2 && form[0] >= '\u3400')
        {
            int same = 0;
            while (same < form.Length - 2 && forms.All(other => other.StartsWith(form[..(same + 1)], StringComparison.Ordinal))) same++;
            if (same > 0) yield return form[same..];
        }
        for (int length = Math.Min(form.Length - 1, 6); length >= 2 && form[0] >= '\u3400'; length--) yield return form[..length];
    }

    /// <summary>How many characters must be put in, left out or changed to make one text of the other.</summary>
    private static int Distance(string a, string b)
    {
        int[] above = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++) row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            above = row;
        }
        return above[^1];
    }

    /// <summary>A letter that is neither a word nor the letter of an option.</summary>
    private static bool IsRareLetter(char c, int options) => c >= 'a' + options && c is not 'i' and <= 'z';
}
