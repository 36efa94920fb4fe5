using System.Globalization;

namespace YiSharp.Evaluation;

/// <summary>Numbers written plainly: no exponent, no separators, no zeros behind what counts.</summary>
internal static class PlainDecimal
{
    /// <summary>Most digits of an answer; the largest numbers that a double holds have a few more.</summary>
    public const int MostDigits = 300;

    /// <summary>A number in digits; null where it takes more than <see cref="MostDigits"/>.</summary>
    /// <param name="value">The number. 12 digits of it count, which hides what arithmetic adds; 15 where it would take an exponent.</param>
    /// <param name="digits">The digits that a text has for it, all of which count; null where it is no whole number, or has none. Those of another number, before it was converted, are passed over.</param>
    public static string? Of(double value, string? digits)
    {
        if (!double.IsFinite(value)) return null;
        if (value == 0) return "0";
        string plain = digits is not null && double.Parse(digits, CultureInfo.InvariantCulture) == Math.Abs(value) ? (value < 0 ? "-" : "") + digits.TrimStart('0') : Shortest(value);
        return plain.Count(char.IsAsciiDigit) > MostDigits ? null : plain;
    }

    private static string Shortest(double value)
    {
        string text = value.ToString("G12", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) ? WithoutExponent(value.ToString("G15", CultureInfo.InvariantCulture)) : text;
    }

    /// <summary>"1.5E-06" as 0.0000015; a text without an exponent as it is.</summary>
    private static string WithoutExponent(string text)
    {
        int mark = text.IndexOf('E', StringComparison.Ordinal);
        if (mark < 0) return text;
        int exponent = int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string sign = text[0] == '-' ? "-" : "", digits = text[sign.Length..mark].Replace(".", "", StringComparison.Ordinal);
        return sign + (exponent < 0 ? $"0.{new string('0', -exponent - 1)}{digits}" : digits.PadRight(exponent + 1, '0'));
    }
}
