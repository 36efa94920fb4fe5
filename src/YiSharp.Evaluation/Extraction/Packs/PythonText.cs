using System.Globalization;
using System.Text;

namespace YiSharp.Evaluation;

/// <summary>Python's methods of <c>str</c> where .NET's of the same purpose differ.</summary>
internal static class PythonText
{
    /// <summary><c>str.isspace</c>: .NET's white space and the four separators U+001C to U+001F.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary><c>str.strip()</c>.</summary>
    public static string Strip(string text)
    {
        (int from, int to) = StripBounds(text);
        return text[from..to];
    }

    /// <summary>What <c>str.strip()</c> leaves: [From, To).</summary>
    public static (int From, int To) StripBounds(string text)
    {
        int from = 0, to = text.Length;
        while (from < to && IsSpace(text[from])) from++;
        while (to > from && IsSpace(text[to - 1])) to--;
        return (from, to);
    }

    /// <summary><c>str.split()</c>: words between white space.</summary>
    public static IEnumerable<string> Words(string text)
    {
        int from = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !IsSpace(text[i])) continue;
            if (i > from) yield return text[from..i];
            from = i + 1;
        }
    }

    /// <summary><c>str.lower()</c>; the one letter that becomes two is İ.</summary>
    public static string Lower(string text) => text.ToLowerInvariant().Replace("İ", "i\u0307", StringComparison.Ordinal);

    /// <summary><c>str.isupper()</c> of one character: Unicode's Uppercase, which holds Roman numerals and letters in circles and squares too.</summary>
    public static bool IsUpper(Rune c) => Rune.IsUpper(c) ||
        c.Value is >= 0x2160 and <= 0x216F or >= 0x24B6 and <= 0x24CF or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189;

    /// <summary><c>str.isdigit()</c>: superscripts and numbers in circles too.</summary>
    public static bool IsDigits(string text) => text.Length > 0 && text.All(c => CharUnicodeInfo.GetDigitValue(c) >= 0);

    /// <summary>Takes out all characters of Unicode's categories P*.</summary>
    public static string RemovePunctuation(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (Rune c in text.EnumerateRunes())
        {
            if (!Rune.IsPunctuation(c)) kept.Append(c);
        }
        return kept.ToString();
    }

    /// <summary><c>repr(float)</c>: shortest digits that give the number back, an exponent from 1e16 on and below 1e-4.</summary>
    public static string Repr(double number)
    {
        if (double.IsInfinity(number)) return number > 0 ? "inf" : "-inf";
        string shortest = number.ToString("E16", CultureInfo.InvariantCulture);
        for (int digits = 0; digits < 17; digits++)
        {
            string tried = number.ToString($"E{digits}", CultureInfo.InvariantCulture);
            if (double.Parse(tried, CultureInfo.InvariantCulture) != number) continue;
            shortest = tried;
            break;
        }
        int mark = shortest.IndexOf('E', StringComparison.Ordinal);
        int exponent = int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string sign = shortest[0] == '-' ? "-" : "";
        string mantissa = string.Concat(shortest[..mark].Where(char.IsAsciiDigit));
        if (exponent is < -4 or >= 16)
        {
            string point = mantissa.Length > 1 ? "." : "";
            return $"{sign}{mantissa[0]}{point}{mantissa[1..]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
        }
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{mantissa}";
        mantissa = mantissa.PadRight(exponent + 2, '0');
        return $"{sign}{mantissa[..(exponent + 1)]}.{mantissa[(exponent + 1)..]}";
    }
}
