using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Sentences of a text: they end at a line's end, at 。！？；!?;, and at a full stop before white space that ends no label such as "B." or "1." and no abbreviation.</summary>
internal static class Sentences
{
    private const int MaxLength = 1_000; // longer ones are cut, though never within a number, so that what looks back within a sentence stays short

    private static readonly string[] Abbreviations = ["i.e", "e.g", "vs", "approx", "etc", "mr", "mrs", "dr", "st", "no", "fig", "eq", "opt"];

    private static readonly Regex Asking = Pattern.Of(@"\?", @"\bhow\b", @"\bwhat\b", "[吗几]", "多少|是否|能否|是不是|能不能");

    /// <summary>The sentence of a question in lower case that asks: the last one that asks at all; the last one where none does.</summary>
    public static (int From, int To) AskingIn(string lower)
    {
        List<(int From, int To)> sentences = Of(lower);
        if (sentences.Count == 0) return (0, lower.Length);
        return sentences.FindLast(sentence => Asking.IsMatch(lower[sentence.From..sentence.To])) is { To: > 0 } asking ? asking : sentences[^1];
    }

    /// <summary>[From, To) of each that holds more than white space, ends included.</summary>
    public static List<(int From, int To)> Of(string text)
    {
        var sentences = new List<(int From, int To)>();
        int from = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (!EndsAt(text, from, i) && (i - from < MaxLength || IsWithinNumber(text, i + 1))) continue;
            Add(text, from, i + 1, sentences);
            from = i + 1;
        }
        Add(text, from, text.Length, sentences);
        return sentences;
    }

    /// <summary>Where the sentence that holds a place begins.</summary>
    public static int StartOf(string text, int at)
    {
        int from = at;
        while (from > 0 && (at - from < MaxLength || IsWithinNumber(text, from)) && !EndsBefore(text, from)) from--;
        return from;
    }

    private static bool EndsBefore(string text, int at) =>
        text[at - 1] is '\n' or '。' or '?' or ';' or '…' || (text[at - 1] == '!' && !IsFactorial(text, at - 1)) || (text[at - 1] == '.' && (at == text.Length || char.IsWhiteSpace(text[at])));

    /// <summary>Where the sentence that holds a place ends.</summary>
    public static int EndOf(string text, int at)
    {
        for (int i = at; i < text.Length && i - at < MaxLength; i++)
        {
            if (EndsAt(text, at, i)) return i;
        }
        return PastNumber(text, at + MaxLength);
    }

    /// <summary>The place, or where the number or the text ends that it lies in or behind.</summary>
    public static int PastNumber(string text, int at)
    {
        at = Math.Min(at, text.Length);
        while (IsWithinNumber(text, at)) at++;
        return at;
    }

    private static bool IsWithinNumber(string text, int at)
    {
        return at > 0 && at < text.Length && IsOfNumber(text[at - 1]) && IsOfNumber(text[at]);

        static bool IsOfNumber(char c) => char.IsAsciiDigit(c) || c is ',' or '.';
    }

    private static bool EndsAt(string text, int from, int i)
    {
        if (text[i] is '\n' or '。' or '?' or ';') return true;
        if (text[i] == '!') return !IsFactorial(text, i);
        if (text[i] != '.' || (i + 1 < text.Length && !char.IsWhiteSpace(text[i + 1]) && text[i + 1] is not ('"' or ')' or '\'' or >= '\u3000'))) return false;
        int word = i;
        while (word > from && (char.IsAsciiLetterOrDigit(text[word - 1]) || text[word - 1] == '.')) word--;
        if (i == text.Length - 1) return true;
        bool first = text.AsSpan(from, word - from).IsWhiteSpace() || text[word - 1] is '(' or ':';
        if (first && i - word == 1) return false;
        return !Abbreviations.Contains(text[word..i].ToLowerInvariant());
    }

    /// <summary>Whether the mark is of a formula: "7! = 7 × 6", "5!/3!".</summary>
    private static bool IsFactorial(string text, int mark)
    {
        if (mark == 0 || !char.IsAsciiDigit(text[mark - 1])) return false;
        int next = mark + 1;
        while (next < text.Length && text[next] == ' ') next++;
        return next < text.Length && text[next] is '=' or '≈' or '×' or '*' or '/' or '÷' or ')';
    }

    private static void Add(string text, int from, int to, List<(int From, int To)> sentences)
    {
        while (from < to && char.IsWhiteSpace(text[from])) from++;
        while (to > from && char.IsWhiteSpace(text[to - 1])) to--;
        if (to > from) sentences.Add((from, to));
    }
}
