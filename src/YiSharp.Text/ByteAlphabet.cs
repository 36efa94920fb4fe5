using System.Text;

namespace YiSharp.Text;

/// <summary>
/// The printable stand-ins of the 256 bytes in byte-level vocabularies (openai/gpt-2 <c>encoder.py: bytes_to_unicode</c>):
/// printable Latin-1 stands for itself, the other 68 bytes are U+0100 … U+0143 in order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharOfByte = Build();
    private static readonly short[] ByteOfChar = Invert();

    public static char ToChar(byte value) => CharOfByte[value];

    /// <summary>The byte that a character stands for.</summary>
    public static bool TryGetByte(char character, out byte value)
    {
        short found = character < ByteOfChar.Length ? ByteOfChar[character] : (short)-1;
        value = (byte)found;
        return found >= 0;
    }

    /// <summary>A text's UTF-8 in this alphabet; an unpaired surrogate counts as U+FFFD.</summary>
    public static string Write(ReadOnlySpan<char> text)
    {
        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int count = Encoding.UTF8.GetBytes(text, utf8);
        return string.Create(count, utf8, static (chars, bytes) =>
        {
            for (int i = 0; i < chars.Length; i++) chars[i] = CharOfByte[bytes[i]];
        });
    }

    private static char[] Build()
    {
        var chars = new char[256];
        int standIns = 0;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            chars[b] = (char)(printable ? b : 256 + standIns++);
        }
        return chars;
    }

    private static short[] Invert()
    {
        var bytes = new short[256 + 68];
        Array.Fill(bytes, (short)-1);
        for (int b = 0; b < 256; b++) bytes[CharOfByte[b]] = (short)b;
        return bytes;
    }
}
