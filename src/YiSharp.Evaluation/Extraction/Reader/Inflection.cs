namespace YiSharp.Evaluation;

/// <summary>Other forms of English nouns: the plural of a singular and back, Latin ones too.</summary>
internal static class Inflection
{
    private const int ShortestWord = 4;

    /// <summary>Endings of one number and of the other. "-s" alone is left to who looks for words.</summary>
    private static readonly (string Singular, string Plural)[] Endings =
    [
        ("y", "ies"), ("man", "men"), ("f", "ves"), ("fe", "ves"), ("foot", "feet"), ("tooth", "teeth"), ("on", "a"), ("um", "a"), ("us", "i"), ("a", "ae"), ("is", "es"), ("ix", "ices"), ("ex", "ices"),
    ];

    /// <summary>Plurals that look like a word of another kind without their "s".</summary>
    private static readonly string[] NoPlurals = ["ss", "us", "is", "ics"];

    /// <summary>A phrase in lower case with its last word in the other number; several where its ending allows several.</summary>
    public static IEnumerable<string> Of(string phrase)
    {
        int start = phrase.LastIndexOf(' ') + 1;
        (string before, string word) = (phrase[..start], phrase[start..]);
        if (word.Length < ShortestWord || !word.All(char.IsAsciiLetterLower)) yield break;
        foreach ((string singular, string plural) in Endings)
        {
            if (word.EndsWith(singular, StringComparison.Ordinal)) yield return before + word[..^singular.Length] + plural;
            if (word.EndsWith(plural, StringComparison.Ordinal) && word.Length > plural.Length + 2) yield return before + word[..^plural.Length] + singular;
        }
        if (word[^1] == 's' && !NoPlurals.Any(ending => word.EndsWith(ending, StringComparison.Ordinal))) yield return before + word[..^1];
    }
}
