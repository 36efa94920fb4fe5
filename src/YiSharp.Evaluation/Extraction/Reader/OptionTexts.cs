namespace YiSharp.Evaluation;

/// <summary>The options' texts as they are looked for in a model's words: plain, in lower case, without articles; and shorter forms of them, for words that hold none of the whole.</summary>
internal sealed class OptionTexts
{
    private static readonly string[] Articles = ["the ", "a ", "an "];

    private readonly List<(string Form, int Option)> _whole = [];
    private readonly List<(string Form, int Option)> _short = [];

    public OptionTexts(IReadOnlyList<string> choices)
    {
        string[] forms = [.. choices.Take(26).Select(Plain)];
        for (int i = 0; i < forms.Length; i++)
        {
            if (forms[i].Length == 0 || Array.IndexOf(forms, forms[i]) != Array.LastIndexOf(forms, forms[i])) continue;
            _whole.Add((forms[i], i));
            foreach (string shorter in Shorter(forms, i))
            {
                if (shorter.Length >= 2 && forms.Where((_, other) => other != i).All(other => !other.Contains(shorter, StringComparison.Ordinal))) _short.Add((shorter, i));
            }
        }
        _whole.Sort((a, b) => b.Form.Length - a.Form.Length);
        _short.Sort((a, b) => b.Form.Length - a.Form.Length);
    }

    /// <summary>The option whose text begins at a place, the longest; null where none does.</summary>
    public (int Option, int To)? At(string lower, int at)
    {
        foreach (string article in Articles)
        {
            if (lower.AsSpan(at).StartsWith(article, StringComparison.Ordinal) && (At(_whole, lower, at + article.Length) ?? At(_short, lower, at + article.Length)) is { } found) return found;
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
            int to = at + form.Length;
            if (to > lower.Length || lower[at] != form[0] || string.CompareOrdinal(lower, at, form, 0, form.Length) != 0) continue;
            if (IsWord(form[0]) && at > 0 && (IsWord(lower[at - 1]) || (char.IsAsciiDigit(form[0]) && IsPoint(lower, at - 1)))) continue;
            if (IsWord(form[^1]) && char.IsAsciiLetter(form[^1]))
            {
                if (to < lower.Length && lower[to] == 's' && form[^1] != 's') to++;
                else if (to + 1 < lower.Length && lower[to] == 'e' && lower[to + 1] == 's') to += 2;
            }
            if (IsWord(form[^1]) && to < lower.Length && (IsWord(lower[to]) || (char.IsAsciiDigit(form[^1]) && IsPoint(lower, to)))) continue;
            return (option, to);
        }
        return null;
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || (c is >= '\u00C0' and < '\u2000' && char.IsLetter(c));

    /// <summary>A decimal point or thousands separator between digits.</summary>
    private static bool IsPoint(string lower, int at) => lower[at] is '.' or ',' && at > 0 && at + 1 < lower.Length && char.IsAsciiDigit(lower[at - 1]) && char.IsAsciiDigit(lower[at + 1]);

    private static string Plain(string choice)
    {
        string plain = FoldedText.Of(choice[..Math.Min(choice.Length, 1_000)]).Lower.Trim().TrimEnd('.', '。');
        foreach (string article in Articles)
        {
            if (plain.StartsWith(article, StringComparison.Ordinal) && plain.Length > article.Length + 1) return plain[article.Length..];
        }
        return plain;
    }

    /// <summary>Without words that all options begin or end with; a name's last word; the first characters of a Chinese name.</summary>
    private static IEnumerable<string> Shorter(string[] forms, int index)
    {
        string[][] words = [.. forms.Select(form => form.Split(' '))];
        string[] own = words[index];
        if (own.Length > 1)
        {
            if (words.All(other => other.Length > 1 && other[0] == own[0])) yield return string.Join(' ', own[1..]);
            if (words.All(other => other.Length > 1 && other[^1] == own[^1])) yield return string.Join(' ', own[..^1]);
            if (own.Length <= 3 && own[^1].Length >= 4) yield return own[^1];
        }
        string form = forms[index];
        for (int length = Math.Min(form.Length - 1, 6); length >= 2 && form[0] >= '\u3400'; length--) yield return form[..length];
    }
}
