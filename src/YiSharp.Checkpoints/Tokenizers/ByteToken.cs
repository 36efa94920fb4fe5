using System.Globalization;

namespace YiSharp.Checkpoints;

/// <summary>How SentencePiece writes the piece of one byte: <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c>, in capitals.</summary>
internal static class ByteToken
{
    /// <summary>The piece of a byte.</summary>
    public static string Write(byte value) => $"<0x{value:X2}>";

    /// <summary>The byte of a piece; false for any other piece.</summary>
    public static bool TryRead(string token, out byte value) => TryReadAnyCase(token, out value) && token == Write(value);

    /// <summary>The byte of a token with digits in capitals or not, as the <c>ByteFallback</c> decoder of tokenizers takes both; false for any other token.</summary>
    public static bool TryReadAnyCase(string token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
