using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The words that carry what a sentence is about: English ones without their endings, Chinese ones as pairs of characters.</summary>
internal static class ContentWords
{
    private static readonly Regex Word = Pattern.Of("[a-z]{2,}", "[一-鿿]+");

    private static readonly string[] Endings = ["ing", "ed", "es", "s", "e"];

    /// <summary>Past forms that share no stem with their verb.</summary>
    private static readonly Dictionary<string, string> Irregular = new()
    {
        ["fell"] = "fall", ["fallen"] = "fall", ["rose"] = "rise", ["risen"] = "rise", ["won"] = "win", ["wrote"] = "write", ["written"] = "write", ["sold"] = "sell", ["bought"] = "buy", ["gave"] = "give", ["given"] = "give",
        ["took"] = "take", ["taken"] = "take", ["came"] = "come", ["made"] = "make", ["ate"] = "eat", ["eaten"] = "eat", ["ran"] = "run", ["drove"] = "drive", ["driven"] = "drive", ["spent"] = "spend", ["paid"] = "pay",
        ["lost"] = "lose", ["found"] = "find", ["told"] = "tell", ["said"] = "say", ["began"] = "begin", ["begun"] = "begin", ["grew"] = "grow", ["grown"] = "grow", ["flew"] = "fly", ["built"] = "build", ["held"] = "hold",
        ["kept"] = "keep", ["led"] = "lead", ["broke"] = "break", ["broken"] = "break", ["drew"] = "draw", ["drawn"] = "draw", ["became"] = "become", ["brought"] = "bring", ["caught"] = "catch", ["fought"] = "fight",
    };

    private static readonly HashSet<string> Empty =
    [
        "about", "all", "also", "an", "and", "answer", "any", "are", "as", "at", "be", "been", "being", "but", "by", "can", "cannot", "could", "did", "do",
        "does", "each", "following", "for", "from", "had", "has", "have", "he", "her", "his", "how", "if", "in", "into", "is", "it", "its", "ll",
        "many", "me", "much", "my", "no", "not", "of", "on", "one", "options", "or", "our", "person", "question", "re", "she", "should", "so",
        "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "typical", "up", "us",
        "ve", "was", "we", "were", "what", "when", "where", "which", "who", "whom", "whose", "will", "with", "would", "yes", "you", "your",
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
        if (Irregular.TryGetValue(word, out string? present)) word = present;
        foreach (string ending in Endings)
        {
            if (word.Length > ending.Length + 2 && word.EndsWith(ending, StringComparison.Ordinal)) return word[..^ending.Length];
        }
        return word;
    }
}
