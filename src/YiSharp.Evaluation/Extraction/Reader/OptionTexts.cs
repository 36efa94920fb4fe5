namespace YiSharp.Evaluation;

/// <summary>
/// The options' texts as they are looked for in a model's words: plain, in lower case, without articles; and shorter forms, for words that hold none of the whole.
/// </summary>
internal sealed class OptionTexts
{
    private static readonly string[] Articles = ["the ", "a ", "an "];

    private readonly List<(string Form, int Option)> _whole = [];
    private readonly List<(string Form, int Option)> _short = [];
    private readonly string[] _exact;

    public OptionTexts(IReadOnlyList<string> choices)
    {
        _exact = [.. choices.Take(26).Select(Folded)];
        string[] forms = [.. _exact.Select(WithoutArticle)];
        for (int i = 0; i < forms.Length; i++)
        {
            if (forms[i].Length == 0 || Array.IndexOf(forms, forms[i]) != Array.LastIndexOf(forms, forms[i])) continue;
            _whole.Add((forms[i], i));
            foreach (string shorter in Shorter(forms, i))
            {
                if (forms.Where((_, other) => other != i).All(other => !HoldsWord(other, shorter))) _short.Add((shorter, i));
            }
        }
        _whole.Sort((a, b) => b.Form.Length - a.Form.Length);
        _short.Sort((a, b) => b.Form.Length - a.Form.Length);
    }

    /// <summary>How many options there are.</summary>
    public int Count => _exact.Length;

    /// <summary>The option that a whole text in lower case is, end marks aside; null where it is none.</summary>
    public int? Exactly(string lower)
    {
        string plain = lower.Trim(' ', '\n', '\t', '.', '。', '"', '\'', '!');
        int option = Array.IndexOf(_exact, plain);
        return plain.Length > 0 && option >= 0 && option == Array.LastIndexOf(_exact, plain) ? option : null;
    }

    /// <summary>The number that an option's whole text is, without a unit; null where it is something else.</summary>
    public static double? NumberOf(string choice)
    {
        string folded = Folded(choice);
        return Numerals.In(folded, 0, folded.Length) is [var numeral] && numeral.From <= 1 && numeral.To == folded.Length && folded[..numeral.From].Trim('$', '¥', '€', '£').Length == 0 ? numeral.Value * numeral.Scale : null;
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

    /// <summary>Every mention of an option by its text, in order; by shorter forms where <paramref name="shorter"/>.</summary>
    public List<(int Option, int From, int To)> Mentions(string lower, bool shorter)
    {
        var mentions = new List<(int Option, int From, int To)>();
        for (int at = 0; at < lower.Length; at++)
        {
            if (At(shorter ? _short : _whole, lower, at) is not { } found) continue;
            mentions.Add((found.Option, at, found.To));
            at = found.To - 1;
        }
        return mentions;
    }

    private static (int Option, int To)? At(List<(string Form, int Option)> forms, string lower, int at)
    {
        foreach ((string form, int option) in forms)
        {
            if (lower[at] != form[0] || EndOf(form, lower, at) is not int to) continue;
            if (IsWord(form[0]) && at > 0 && (IsWord(lower[at - 1]) || (char.IsAsciiDigit(form[0]) && IsPoint(lower, at - 1)))) continue;
            if (char.IsAsciiLetter(form[^1]))
            {
                if (to < lower.Length && lower[to] == 's' && form[^1] != 's') to++;
                else if (to + 1 < lower.Length && lower[to] == 'e' && lower[to + 1] == 's') to += 2;
            }
            if (IsWord(form[^1]) && to < lower.Length && (IsWord(lower[to]) || (char.IsAsciiDigit(form[^1]) && IsPoint(lower, to)))) continue;
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
            else if (i > 0 && at < lower.Length && lower[at] == ' ' && (!IsWord(form[i]) || !IsWord(form[i - 1])) && ++blanks < 16) at++;
            else return null;
        }
        return at;
    }

    private static bool IsBesideSign(string form, int blank) => !IsWord(form[blank - 1]) || (blank + 1 < form.Length && !IsWord(form[blank + 1]));

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

    private static bool HoldsWord(string form, string part) =>
        part.Length > 1 || part[0] >= '\u2E80' ? form.Contains(part, StringComparison.Ordinal) : form.Split(' ').Contains(part);

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

    /// <summary>A letter that is neither a word nor the letter of an option.</summary>
    private static bool IsRareLetter(char c, int options) => c >= 'a' + options && c is not 'i' and <= 'z';
}
