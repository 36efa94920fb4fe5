using System.Globalization;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <summary>Python's case mappings: Unicode's full ones, where .NET's invariant ones map code point by code point.</summary>
internal static class CaseMapping
{
    private static readonly Dictionary<char, string> UpperCase = Read(
        "\u0131I \u017FS \u00DFSS \u0149\u02BCN \u01F0J\u030C \u0390\u0399\u0308\u0301 \u03B0\u03A5\u0308\u0301 \u0587\u0535\u0552 \u1E96H\u0331 \u1E97T\u0308 \u1E98W\u030A \u1E99Y\u030A " +
        "\u1E9AA\u02BE \u1F50\u03A5\u0313 \u1F52\u03A5\u0313\u0300 \u1F54\u03A5\u0313\u0301 \u1F56\u03A5\u0313\u0342 \u1F80\u1F08\u0399 \u1F81\u1F09\u0399 \u1F82\u1F0A\u0399 \u1F83\u1F0B\u0399 \u1F84\u1F0C\u0399 " +
        "\u1F85\u1F0D\u0399 \u1F86\u1F0E\u0399 \u1F87\u1F0F\u0399 \u1F88\u1F08\u0399 \u1F89\u1F09\u0399 \u1F8A\u1F0A\u0399 \u1F8B\u1F0B\u0399 \u1F8C\u1F0C\u0399 \u1F8D\u1F0D\u0399 \u1F8E\u1F0E\u0399 " +
        "\u1F8F\u1F0F\u0399 \u1F90\u1F28\u0399 \u1F91\u1F29\u0399 \u1F92\u1F2A\u0399 \u1F93\u1F2B\u0399 \u1F94\u1F2C\u0399 \u1F95\u1F2D\u0399 \u1F96\u1F2E\u0399 \u1F97\u1F2F\u0399 \u1F98\u1F28\u0399 " +
        "\u1F99\u1F29\u0399 \u1F9A\u1F2A\u0399 \u1F9B\u1F2B\u0399 \u1F9C\u1F2C\u0399 \u1F9D\u1F2D\u0399 \u1F9E\u1F2E\u0399 \u1F9F\u1F2F\u0399 \u1FA0\u1F68\u0399 \u1FA1\u1F69\u0399 \u1FA2\u1F6A\u0399 " +
        "\u1FA3\u1F6B\u0399 \u1FA4\u1F6C\u0399 \u1FA5\u1F6D\u0399 \u1FA6\u1F6E\u0399 \u1FA7\u1F6F\u0399 \u1FA8\u1F68\u0399 \u1FA9\u1F69\u0399 \u1FAA\u1F6A\u0399 \u1FAB\u1F6B\u0399 \u1FAC\u1F6C\u0399 " +
        "\u1FAD\u1F6D\u0399 \u1FAE\u1F6E\u0399 \u1FAF\u1F6F\u0399 \u1FB2\u1FBA\u0399 \u1FB3\u0391\u0399 \u1FB4\u0386\u0399 \u1FB6\u0391\u0342 \u1FB7\u0391\u0342\u0399 \u1FBC\u0391\u0399 \u1FC2\u1FCA\u0399 " +
        "\u1FC3\u0397\u0399 \u1FC4\u0389\u0399 \u1FC6\u0397\u0342 \u1FC7\u0397\u0342\u0399 \u1FCC\u0397\u0399 \u1FD2\u0399\u0308\u0300 \u1FD3\u0399\u0308\u0301 \u1FD6\u0399\u0342 \u1FD7\u0399\u0308\u0342 \u1FE2\u03A5\u0308\u0300 " +
        "\u1FE3\u03A5\u0308\u0301 \u1FE4\u03A1\u0313 \u1FE6\u03A5\u0342 \u1FE7\u03A5\u0308\u0342 \u1FF2\u1FFA\u0399 \u1FF3\u03A9\u0399 \u1FF4\u038F\u0399 \u1FF6\u03A9\u0342 \u1FF7\u03A9\u0342\u0399 \u1FFC\u03A9\u0399 " +
        "\uFB00FF \uFB01FI \uFB02FL \uFB03FFI \uFB04FFL \uFB05ST \uFB06ST \uFB13\u0544\u0546 \uFB14\u0544\u0535 \uFB15\u0544\u053B " +
        "\uFB16\u054E\u0546 \uFB17\u0544\u053D ");

    private static readonly Dictionary<char, string> TitleCase = Read(
        "\u00DFSs \u01C4\u01C5 \u01C5\u01C5 \u01C6\u01C5 \u01C7\u01C8 \u01C8\u01C8 \u01C9\u01C8 \u01CA\u01CB \u01CB\u01CB \u01CC\u01CB " +
        "\u01F1\u01F2 \u01F2\u01F2 \u01F3\u01F2 \u0587\u0535\u0582 \u10D0\u10D0 \u10D1\u10D1 \u10D2\u10D2 \u10D3\u10D3 \u10D4\u10D4 \u10D5\u10D5 " +
        "\u10D6\u10D6 \u10D7\u10D7 \u10D8\u10D8 \u10D9\u10D9 \u10DA\u10DA \u10DB\u10DB \u10DC\u10DC \u10DD\u10DD \u10DE\u10DE \u10DF\u10DF " +
        "\u10E0\u10E0 \u10E1\u10E1 \u10E2\u10E2 \u10E3\u10E3 \u10E4\u10E4 \u10E5\u10E5 \u10E6\u10E6 \u10E7\u10E7 \u10E8\u10E8 \u10E9\u10E9 " +
        "\u10EA\u10EA \u10EB\u10EB \u10EC\u10EC \u10ED\u10ED \u10EE\u10EE \u10EF\u10EF \u10F0\u10F0 \u10F1\u10F1 \u10F2\u10F2 \u10F3\u10F3 " +
        "\u10F4\u10F4 \u10F5\u10F5 \u10F6\u10F6 \u10F7\u10F7 \u10F8\u10F8 \u10F9\u10F9 \u10FA\u10FA \u10FD\u10FD \u10FE\u10FE \u10FF\u10FF " +
        "\u1F80\u1F88 \u1F81\u1F89 \u1F82\u1F8A \u1F83\u1F8B \u1F84\u1F8C \u1F85\u1F8D \u1F86\u1F8E \u1F87\u1F8F \u1F88\u1F88 \u1F89\u1F89 " +
        "\u1F8A\u1F8A \u1F8B\u1F8B \u1F8C\u1F8C \u1F8D\u1F8D \u1F8E\u1F8E \u1F8F\u1F8F \u1F90\u1F98 \u1F91\u1F99 \u1F92\u1F9A \u1F93\u1F9B " +
        "\u1F94\u1F9C \u1F95\u1F9D \u1F96\u1F9E \u1F97\u1F9F \u1F98\u1F98 \u1F99\u1F99 \u1F9A\u1F9A \u1F9B\u1F9B \u1F9C\u1F9C \u1F9D\u1F9D " +
        "\u1F9E\u1F9E \u1F9F\u1F9F \u1FA0\u1FA8 \u1FA1\u1FA9 \u1FA2\u1FAA \u1FA3\u1FAB \u1FA4\u1FAC \u1FA5\u1FAD \u1FA6\u1FAE \u1FA7\u1FAF " +
        "\u1FA8\u1FA8 \u1FA9\u1FA9 \u1FAA\u1FAA \u1FAB\u1FAB \u1FAC\u1FAC \u1FAD\u1FAD \u1FAE\u1FAE \u1FAF\u1FAF \u1FB2\u1FBA\u0345 \u1FB3\u1FBC " +
        "\u1FB4\u0386\u0345 \u1FB7\u0391\u0342\u0345 \u1FBC\u1FBC \u1FC2\u1FCA\u0345 \u1FC3\u1FCC \u1FC4\u0389\u0345 \u1FC7\u0397\u0342\u0345 \u1FCC\u1FCC \u1FF2\u1FFA\u0345 \u1FF3\u1FFC " +
        "\u1FF4\u038F\u0345 \u1FF7\u03A9\u0342\u0345 \u1FFC\u1FFC \uFB00Ff \uFB01Fi \uFB02Fl \uFB03Ffi \uFB04Ffl \uFB05St \uFB06St " +
        "\uFB13\u0544\u0576 \uFB14\u0544\u0565 \uFB15\u0544\u056B \uFB16\u054E\u0576 \uFB17\u0544\u056D ");

    /// <summary>Unicode's Other_Lowercase: lower case without being a lower-case letter.</summary>
    private static readonly (int First, int Last)[] OtherLowercase =
    [
        (0xAA, 0xAA), (0xBA, 0xBA), (0x2B0, 0x2B8), (0x2C0, 0x2C1), (0x2E0, 0x2E4), (0x345, 0x345), (0x37A, 0x37A), (0x1D2C, 0x1D6A),
        (0x1D78, 0x1D78), (0x1D9B, 0x1DBF), (0x2071, 0x2071), (0x207F, 0x207F), (0x2090, 0x209C), (0x2170, 0x217F), (0x24D0, 0x24E9),
        (0x2C7C, 0x2C7D), (0xA69C, 0xA69D), (0xA770, 0xA770), (0xA7F8, 0xA7F9), (0xAB5C, 0xAB5F), (0x10780, 0x10780), (0x10783, 0x10785),
        (0x10787, 0x107B0), (0x107B2, 0x107BA),
    ];

    /// <summary>Unicode's Other_Uppercase.</summary>
    private static readonly (int First, int Last)[] OtherUppercase = [(0x2160, 0x216F), (0x24B6, 0x24CF), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)];

    public static string ToUpper(string text) => Map(text, UpperCase, static rune => Rune.ToUpperInvariant(rune).ToString());

    public static string ToLower(string text)
    {
        var output = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            if (rune.Value == 'İ') output.Append("i\u0307");
            else if (rune.Value == 'Σ') output.Append(IsFinalSigma(text, i) ? 'ς' : 'σ');
            else if (Unpaired(text, i, rune)) output.Append(text[i]);
            else output.Append(Rune.ToLowerInvariant(rune).ToString());
            i += length;
        }
        return output.ToString();
    }

    /// <summary>The first character in title case, the rest lower.</summary>
    public static string Capitalize(string text)
    {
        if (text.Length == 0) return text;
        Rune.DecodeFromUtf16(text, out Rune _, out int length);
        return ToTitle(text[..length]) + ToLower(text)[ToLower(text[..length]).Length..];
    }

    /// <summary>Each run of letters capitalized: <c>str.title</c>.</summary>
    public static string Title(string text)
    {
        var output = new StringBuilder(text.Length);
        bool inWord = false;
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            string character = text.Substring(i, length);
            bool cased = IsCased(rune);
            output.Append(!cased ? character : inWord ? rune.Value == 'Σ' && IsFinalSigma(text, i) ? "ς" : ToLower(character) : ToTitle(character));
            inWord = cased;
            i += length;
        }
        return output.ToString();
    }

    public static string SwapCase(string text)
    {
        var output = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            string character = text.Substring(i, length);
            output.Append(IsUpper(rune) ? rune.Value == 'Σ' && IsFinalSigma(text, i) ? "ς" : ToLower(character) : IsLower(rune) ? ToUpper(character) : character);
            i += length;
        }
        return output.ToString();
    }

    /// <summary>Full case folding, which knows no neighbours.</summary>
    public static string Fold(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach ((string part, Rune? rune) in Runes(text))
        {
            output.Append(rune?.Value switch
            {
                'ẞ' => "ss",
                'ı' or (>= 0x13A0 and <= 0x13F5) => part, // Cherokee folds to its capitals
                >= 0x13F8 and <= 0x13FD or >= 0xAB70 and <= 0xABBF => ToUpper(part),
                _ => ToLower(ToUpper(part)),
            });
        }
        return output.ToString();
    }

    /// <summary>Whether capitals stand at the starts of words and nowhere else, and there is one: <c>str.istitle</c>.</summary>
    public static bool IsTitled(string text)
    {
        bool any = false, inWord = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isCapital = IsUpper(rune) || IsTitle(rune), isCased = isCapital || IsLower(rune);
            if (isCased && isCapital == inWord) return false;
            any |= isCased;
            inWord = isCased;
        }
        return any;
    }

    /// <summary>Whether there are cased characters, and all of them are of one case.</summary>
    public static bool IsAll(string text, bool upper)
    {
        bool any = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsTitle(rune) || (upper ? IsLower(rune) : IsUpper(rune))) return false;
            any |= upper ? IsUpper(rune) : IsLower(rune);
        }
        return any;
    }

    public static bool IsCased(Rune rune) => IsUpper(rune) || IsLower(rune) || IsTitle(rune);

    private static bool IsTitle(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    private static bool IsUpper(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.UppercaseLetter || IsIn(OtherUppercase, rune.Value);

    private static bool IsLower(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.LowercaseLetter || IsIn(OtherLowercase, rune.Value);

    private static bool IsIn(ReadOnlySpan<(int First, int Last)> ranges, int codePoint)
    {
        foreach ((int first, int last) in ranges)
        {
            if (codePoint >= first && codePoint <= last) return true;
        }
        return false;
    }

    private static string ToTitle(string character) =>
        character.Length == 1 && TitleCase.TryGetValue(character[0], out string? title) ? title : Map(character, UpperCase, static rune => Rune.ToUpperInvariant(rune).ToString());

    private static string Map(string text, Dictionary<char, string> special, Func<Rune, string> simple)
    {
        var output = new StringBuilder(text.Length);
        foreach ((string part, Rune? rune) in Runes(text))
        {
            if (rune is not { } known) output.Append(part);
            else if (special.TryGetValue(part[0], out string? mapped)) output.Append(mapped);
            else output.Append(simple(known));
        }
        return output.ToString();
    }

    private static IEnumerable<(string Text, Rune? Rune)> Runes(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            yield return (text.Substring(i, length), Unpaired(text, i, rune) ? null : rune);
            i += length;
        }
    }

    private static bool Unpaired(string text, int index, Rune rune) => rune == Rune.ReplacementChar && text[index] != '\uFFFD';

    /// <summary>A sigma at the end of a word: a cased letter before it and none after it, past what case ignores.</summary>
    private static bool IsFinalSigma(string text, int index)
    {
        int before = index - 1, after = index + 1;
        while (before >= 0 && IsIgnored(text[before])) before--;
        while (after < text.Length && IsIgnored(text[after])) after++;
        return before >= 0 && IsCasedUnit(text, before) && !(after < text.Length && IsCasedUnit(text, after));
    }

    private static bool IsCasedUnit(string text, int index)
    {
        if (char.IsLowSurrogate(text[index]) && index > 0) index--;
        Rune.DecodeFromUtf16(text.AsSpan(index), out Rune rune, out _);
        return IsCased(rune);
    }

    private static bool IsIgnored(char c) => c is '\'' or '.' or ':' or '^' or '`' or '\u00B7' or '\u2019' || char.GetUnicodeCategory(c) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    private static Dictionary<char, string> Read(string table) =>
        table.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(entry => entry[0], entry => entry[1..]);
}
