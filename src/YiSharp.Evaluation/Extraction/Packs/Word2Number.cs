namespace YiSharp.Evaluation;

/// <summary>
/// word2number 1.1: words it does not know are passed over, and a part of a number is read by how many words it has: one; the sum of two (the product where one is hundred); first times second plus third;
/// and plus fourth. Where the original throws, there is no number.
/// </summary>
internal static class Word2Number
{
    private static readonly Dictionary<string, long> Values = new()
    {
        ["zero"] = 0, ["one"] = 1, ["two"] = 2, ["three"] = 3, ["four"] = 4, ["five"] = 5, ["six"] = 6, ["seven"] = 7, ["eight"] = 8, ["nine"] = 9, ["ten"] = 10,
        ["eleven"] = 11, ["twelve"] = 12, ["thirteen"] = 13, ["fourteen"] = 14, ["fifteen"] = 15, ["sixteen"] = 16, ["seventeen"] = 17, ["eighteen"] = 18, ["nineteen"] = 19,
        ["twenty"] = 20, ["thirty"] = 30, ["forty"] = 40, ["fifty"] = 50, ["sixty"] = 60, ["seventy"] = 70, ["eighty"] = 80, ["ninety"] = 90,
        ["hundred"] = 100, ["thousand"] = 1_000, ["million"] = 1_000_000, ["billion"] = 1_000_000_000,
    };

    private static readonly long[] Scales = [1_000_000_000, 1_000_000, 1_000];

    public static bool TryParse(string sentence, out long number)
    {
        number = 0;
        long[] values = [.. PythonText.Words(sentence).Where(Values.ContainsKey).Select(word => Values[word])];
        if (values.Length == 0) return false;
        if (values.Length == 1)
        {
            number = values[0];
            return true;
        }
        int start = 0;
        foreach (long scale in Scales)
        {
            int at = Array.IndexOf(values, scale);
            if (at < 0) continue;
            if (at != Array.LastIndexOf(values, scale) || at <= start - 1 || Part(values[start..at]) is not { } multiplier) return false;
            number += multiplier * scale;
            start = at + 1;
        }
        if (start < values.Length) number += Part(values[start..])!.Value;
        return true;
    }

    private static long? Part(long[] values) => values switch
    {
        [] => null,
        [var a, var b, var c, var d] => (a * b) + c + d,
        [var a, var b, var c] => (a * b) + c,
        [var a, var b] => values.Contains(100) ? a * b : a + b,
        _ => values[0],
    };
}
