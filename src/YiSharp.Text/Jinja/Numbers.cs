using System.Globalization;
using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>Texts as Python's <c>int()</c> and <c>float()</c> read them.</summary>
internal static class Numbers
{
    public static bool TryFloat(string text, out double number)
    {
        string trimmed = Trim(text);
        string bare = trimmed.TrimStart('+', '-').ToLowerInvariant();
        if (bare is "inf" or "infinity" or "nan")
        {
            number = bare == "nan" ? double.NaN : trimmed.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity;
            return trimmed.Length - bare.Length <= 1;
        }
        number = 0;
        return HasFairUnderscores(trimmed) && double.TryParse(trimmed.Replace("_", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number);
    }

    public static bool TryInteger(string text, int radix, out BigInteger integer)
    {
        integer = 0;
        string digits = Trim(text);
        bool negative = digits.StartsWith('-');
        if (digits.StartsWith('-') || digits.StartsWith('+')) digits = digits[1..];
        string prefix = radix switch { 16 => "0x", 8 => "0o", 2 => "0b", _ => "" };
        if (prefix.Length > 0 && digits.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) digits = digits[2..];
        if (digits.Length is 0 or > 5000 || radix is < 2 or > 36 || !HasFairUnderscores(digits)) return false;
        if (radix == 10 && digits.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0)
        {
            integer = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
            if (negative) integer = -integer;
            return true;
        }
        foreach (char c in digits)
        {
            if (c == '_') continue;
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : char.IsDigit(c) ? (int)char.GetNumericValue(c) : 99;
            if (digit >= radix) return false;
            integer = integer * radix + digit;
        }
        if (negative) integer = -integer;
        return true;
    }

    private static bool HasFairUnderscores(string text) =>
        !text.StartsWith('_') && !text.EndsWith('_') && !text.Contains("__", StringComparison.Ordinal);

    private static string Trim(string text)
    {
        int start = 0, end = text.Length;
        while (start < end && Lexer.IsSpace(text[start])) start++;
        while (end > start && Lexer.IsSpace(text[end - 1])) end--;
        return text[start..end];
    }
}
