using System.Globalization;
using System.Text;

namespace YiSharp.Text;

/// <summary>
/// A compiled character map as tokenizers applies it (<c>normalizers/precompiled.rs</c>): to each grapheme below six bytes as a whole, whose shortest key
/// then replaces all of it, and otherwise to each of its characters. <see cref="SentencePieceNormalizer"/> takes the longest key instead, wherever it starts.
/// </summary>
internal sealed class PrecompiledNormalizer(PrecompiledCharsMap map) : INormalizer
{
    private const int LongestGraphemeBytes = 5;

    public string Normalize(string text)
    {
        var output = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[LongestGraphemeBytes];
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<char> grapheme = rest[..StringInfo.GetNextTextElementLength(rest)];
            rest = rest[grapheme.Length..];
            if (Encoding.UTF8.TryGetBytes(grapheme, utf8, out int length) && map.TryShortest(utf8[..length], out ReadOnlySpan<byte> replacement))
            {
                output.Append(Encoding.UTF8.GetString(replacement));
                continue;
            }
            foreach (Rune rune in grapheme.EnumerateRunes())
            {
                length = rune.EncodeToUtf8(utf8);
                if (map.TryShortest(utf8[..length], out replacement)) output.Append(Encoding.UTF8.GetString(replacement));
                else output.Append(rune.ToString());
            }
        }
        return output.ToString();
    }
}
