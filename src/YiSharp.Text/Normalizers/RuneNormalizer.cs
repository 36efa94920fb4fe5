using System.Globalization;
using System.Text;

namespace YiSharp.Text;

/// <summary>Rewrites a text code point by code point: each becomes any number of them.</summary>
/// <param name="rewrite">Appends what a code point becomes.</param>
internal sealed class RuneNormalizer(Action<Rune, StringBuilder> rewrite) : INormalizer
{
    public string Normalize(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) rewrite(rune, output);
        return output.ToString();
    }

    public bool KeepsStart(string text)
    {
        Rune.DecodeFromUtf16(text, out Rune first, out _);
        var output = new StringBuilder();
        rewrite(first, output);
        return output.Length > 0;
    }

    /// <summary><c>Lowercase</c>: each code point on its own (Rust's <c>char::to_lowercase</c>), so Σ is σ everywhere and İ is i with a dot above.</summary>
    public static RuneNormalizer Lowercase() => new(static (rune, output) =>
    {
        if (rune.Value == 'İ') output.Append("i\u0307");
        else output.Append(Rune.ToLowerInvariant(rune).ToString());
    });

    /// <summary><c>StripAccents</c>: marks of all kinds are left out.</summary>
    public static RuneNormalizer StripAccents() => Without(static rune => IsMark(rune));

    /// <summary>BERT leaves out marks that take no room.</summary>
    public static RuneNormalizer StripNonSpacingMarks() => Without(static rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark);

    /// <summary><c>Nmt</c>: some control characters are left out, other white space and U+FFFD become spaces (tokenizers <c>normalizers/unicode.rs</c>).</summary>
    public static RuneNormalizer Nmt() => new(static (rune, output) =>
    {
        if (rune.Value is (>= 1 and <= 8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or 0x8F or 0x9F) return;
        bool isSpace = rune.Value is 9 or 0xA or 0xC or 0xD or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD;
        output.Append(isSpace ? " " : rune.ToString());
    });

    /// <summary>BERT's cleaning: control characters are left out and white space becomes spaces (tokenizers <c>normalizers/bert.rs</c>).</summary>
    public static RuneNormalizer BertCleanText() => new(static (rune, output) =>
    {
        bool isSpace = rune.Value is '\t' or '\n' or '\r' || Rune.IsWhiteSpace(rune);
        if (rune.Value is 0 or 0xFFFD || (rune.Value is not ('\t' or '\n' or '\r') && IsOther(rune))) return;
        output.Append(isSpace ? " " : rune.ToString());
    });

    /// <summary>BERT puts spaces around every Chinese character.</summary>
    public static RuneNormalizer BertChineseCharacters() => new(static (rune, output) =>
    {
        bool isChinese = rune.Value is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
        output.Append(isChinese ? $" {rune} " : rune.ToString());
    });

    private static RuneNormalizer Without(Func<Rune, bool> isUnwanted) => new((rune, output) =>
    {
        if (!isUnwanted(rune)) output.Append(rune.ToString());
    });

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private static bool IsOther(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;
}
