using System.Buffers;
using System.Text;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>
/// Rewrites a text as a SentencePiece model asks for (google/sentencepiece, <c>src/normalizer.cc</c>): the longest key of its character map at each place
/// gives way to its replacement, except inside user-defined pieces; then spaces are collapsed and written as ▁.
/// </summary>
/// <param name="model">Which of these it asks for.</param>
/// <param name="map">Its character map, or null.</param>
/// <param name="userDefined">Pieces that stay as they are, each byte of their UTF-8 one unit; null where there are none.</param>
internal sealed class SentencePieceNormalizer(SentencePieceModel model, PrecompiledCharsMap? map, PieceTrie? userDefined) : INormalizer
{
    private readonly byte[] _space = Encoding.UTF8.GetBytes(model.EscapeWhitespaces ? SentencePieceVocabulary.Space : " ");

    public string Normalize(string text)
    {
        if (text.Length == 0) return text;
        if (map is null && !model.RemoveExtraWhitespaces) return Escape(text);

        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        string? wide = userDefined is null ? null : Encoding.Latin1.GetString(utf8);
        int start = model.RemoveExtraWhitespaces ? SkipSpaces(utf8, wide) : 0;
        if (start == utf8.Length) return "";

        var output = new ArrayBufferWriter<byte>(utf8.Length + _space.Length);
        if (model.AddDummyPrefix && !model.TreatWhitespaceAsSuffix) output.Write(_space);
        bool afterSpace = model.RemoveExtraWhitespaces;
        for (int at = start; at < utf8.Length;)
        {
            ReadOnlySpan<byte> part = PartAt(utf8, wide, at, out int length);
            if (afterSpace) part = part.TrimStart((byte)' ');
            if (!part.IsEmpty)
            {
                Write(part, output);
                afterSpace = model.RemoveExtraWhitespaces && part[^1] == ' ';
            }
            at += length;
        }
        ReadOnlySpan<byte> written = output.WrittenSpan;
        // A text of ▁ alone loses the dummy space too.
        while (model.RemoveExtraWhitespaces && written.EndsWith(_space)) written = written[..^_space.Length];
        string normalized = Encoding.UTF8.GetString(written);
        return model.AddDummyPrefix && model.TreatWhitespaceAsSuffix ? normalized + Encoding.UTF8.GetString(_space) : normalized;
    }

    /// <summary>All there is to do where characters and runs of spaces stay as they are.</summary>
    private string Escape(string text)
    {
        string space = Encoding.UTF8.GetString(_space);
        text = text.Replace(" ", space, StringComparison.Ordinal);
        return !model.AddDummyPrefix ? text : model.TreatWhitespaceAsSuffix ? text + space : space + text;
    }

    private int SkipSpaces(ReadOnlySpan<byte> utf8, string? wide)
    {
        int at = 0;
        while (at < utf8.Length && PartAt(utf8, wide, at, out int length).SequenceEqual(" "u8)) at += length;
        return at;
    }

    /// <summary>What the text becomes at a place, and how many bytes of it that takes.</summary>
    private ReadOnlySpan<byte> PartAt(ReadOnlySpan<byte> utf8, string? wide, int at, out int length)
    {
        if (wide is not null && userDefined!.Longest(wide.AsSpan(at), out length) >= 0) return utf8.Slice(at, length);
        if (map is not null && map.TryLongest(utf8[at..], out length, out ReadOnlySpan<byte> replacement)) return replacement;
        bool isWhole = Rune.DecodeFromUtf8(utf8[at..], out _, out length) == OperationStatus.Done;
        if (isWhole) return utf8.Slice(at, length);
        // A key may end inside a character; what is left of it counts byte by byte.
        length = 1;
        return "\uFFFD"u8;
    }

    private void Write(ReadOnlySpan<byte> part, ArrayBufferWriter<byte> output)
    {
        for (int space; (space = part.IndexOf((byte)' ')) >= 0; part = part[(space + 1)..])
        {
            output.Write(part[..space]);
            output.Write(_space);
        }
        output.Write(part);
    }
}
