using System.Globalization;
using System.Text;

namespace YiSharp.Text;

/// <summary>The classes that split patterns distinguish.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither letter, number nor white space.</summary>
    Other,

    /// <summary>\p{L}.</summary>
    Letter,

    /// <summary>\p{N}: Nd, Nl, No; what Rust's <c>char::is_numeric</c> accepts.</summary>
    Number,

    /// <summary>\s of Oniguruma: White_Space, so U+0085 and U+3000 but not U+001C or U+200B.</summary>
    Space,
}

/// <summary>Character classes of whole code points (surrogate pairs count as one).</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] Plane0 = [.. Enumerable.Range(0, 0x10000).Select(c => Classify(c))];

    /// <summary>The class of the code point at an index, and how many UTF-16 units it takes. An unpaired surrogate is <see cref="CharacterClass.Other"/>.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        if (char.IsHighSurrogate(first) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return Classify(char.ConvertToUtf32(first, text[index + 1]));
        }
        length = 1;
        return Plane0[first];
    }

    /// <summary>Whether \w of Rust's regular expressions accepts the code point: what is alphabetic, marks, decimal digits, connectors, the two joiners.</summary>
    public static bool IsWord(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation || rune.Value is 0x200C or 0x200D
            or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    /// <summary>Punctuation as BERT has it: P, and the symbols of ASCII.</summary>
    public static bool IsPunctuation(Rune rune) =>
        rune.IsAscii ? char.IsPunctuation((char)rune.Value) || char.IsSymbol((char)rune.Value) : Rune.IsPunctuation(rune);

    private static CharacterClass Classify(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => codePoint < 0x10000 && char.IsWhiteSpace((char)codePoint) ? CharacterClass.Space : CharacterClass.Other,
    };
}
