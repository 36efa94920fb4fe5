using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The words that carry what a sentence is about: English ones without their endings, Chinese ones as pairs of characters.</summary>
internal static class ContentWords
{
    private static readonly Regex Word = Pattern.Of("[a-z]{3,}", "[一-鿿]+");

    private static readonly string[] Endings = ["ing", "ed", "es", "s", "e"];

    private static readonly HashSet<string> Empty =
    [
        "the", "and", "but", "for", "with", "from", "than", "then", "that", "this", "these", "those", "there", "their", "they", "them", "his", "her", "its", "our", "your", "you",
        "she", "who", "whom", "whose",
        "which", "what", "when", "where", "how", "many", "much", "did", "does", "can", "will", "would", "should", "could", "are", "was", "were", "been", "being", "has", "have",
        "had", "not", "all", "any", "each",
        "into", "about", "following", "answer", "question", "options", "person", "typical", "yes", "one", "of", "also", "some", "such",
    ];

    /// <summary>The words of a text in lower case.</summary>
    public static HashSet<string> Of(string lower)
    {
        var words = new HashSet<string>();
        foreach (Match match in Word.Matches(lower))
        {
            if (match.Value[0] < '\u3400')
            {
                if (!Empty.Contains(match.Value)) words.Add(Stem(match.Value));
                continue;
            }
            for (int i = 0; i + 1 < match.Length; i++) words.Add(match.Value.Substring(i, 2));
        }
        return words;
    }

    /// <summary>A word without the endings by which verbs and plurals differ.</summary>
    public static string Stem(string word)
    {
        foreach (string ending in Endings)
        {
            if (word.Length > ending.Length + 2 && word.EndsWith(ending, StringComparison.Ordinal)) return word[..^ending.Length];
        }
        return word;
    }
}
