using System.Globalization;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <summary>The escapes of a string literal, as Python's <c>unicode-escape</c> reads them.</summary>
internal static class StringLiteral
{
    public static string Decode(ReadOnlySpan<char> literal, int line)
    {
        if (!literal.Contains('\\')) return literal.ToString();
        var text = new StringBuilder();
        for (int i = 0; i < literal.Length;)
        {
            char c = literal[i++];
            if (c != '\\' || i == literal.Length)
            {
                text.Append(c);
                continue;
            }
            char escape = literal[i++];
            switch (escape)
            {
                case '\n': break;
                case '\\' or '\'' or '"': text.Append(escape); break;
                case 'a': text.Append('\a'); break;
                case 'b': text.Append('\b'); break;
                case 'f': text.Append('\f'); break;
                case 'n': text.Append('\n'); break;
                case 'r': text.Append('\r'); break;
                case 't': text.Append('\t'); break;
                case 'v': text.Append('\v'); break;
                case >= '0' and <= '7': AppendOctal(text, literal, ref i); break;
                case 'x': AppendHex(text, literal, ref i, 2, line); break;
                case 'u': AppendHex(text, literal, ref i, 4, line); break;
                case 'U': AppendHex(text, literal, ref i, 8, line); break;
                case 'N': AppendNamed(text, literal, ref i, line); break;
                default: text.Append('\\').Append(escape); break;
            }
        }
        return text.ToString();
    }

    private static void AppendOctal(StringBuilder text, ReadOnlySpan<char> literal, ref int i)
    {
        int value = literal[i - 1] - '0';
        for (int digits = 1; digits < 3 && i < literal.Length && literal[i] is >= '0' and <= '7'; digits++) value = value * 8 + literal[i++] - '0';
        text.Append((char)value);
    }

    private static void AppendHex(StringBuilder text, ReadOnlySpan<char> literal, ref int i, int digits, int line)
    {
        if (i + digits > literal.Length || !uint.TryParse(literal.Slice(i, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) || code > 0x10FFFF)
            throw new TemplateException(TemplateErrorKind.Syntax, "a string holds a broken \\x, \\u or \\U escape", line);
        i += digits;
        if (code <= 0xFFFF) text.Append((char)code);
        else text.Append(char.ConvertFromUtf32((int)code));
    }

    /// <summary>\N{…}: the few names that templates use; .NET has no table of all.</summary>
    private static void AppendNamed(StringBuilder text, ReadOnlySpan<char> literal, ref int i, int line)
    {
        int end = literal[i..].IndexOf('}');
        string name = end > 0 && literal[i] == '{' ? literal[(i + 1)..(i + end)].ToString().ToUpperInvariant() : "";
        text.Append(name switch
        {
            "BULLET" => '\u2022',
            "EM DASH" => '\u2014',
            "EN DASH" => '\u2013',
            "HORIZONTAL ELLIPSIS" => '\u2026',
            "NO-BREAK SPACE" => '\u00A0',
            "FULLWIDTH VERTICAL LINE" => '\uFF5C',
            "LOWER ONE EIGHTH BLOCK" => '\u2581',
            "LINE SEPARATOR" => '\u2028',
            "ZERO WIDTH SPACE" => '\u200B',
            _ => throw new TemplateException(TemplateErrorKind.Syntax, $"a string holds \\N{{{name}}}, a character name that is not known here; write it as \\u…", line),
        });
        i += end + 1;
    }
}
