using System.Globalization;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <summary>C's <c>strftime</c> in the C locale, as Python prints it.</summary>
internal static class Strftime
{
    /// <summary>Characters that a character of a format may become: half of <c>%c</c>'s.</summary>
    public const int LongestDirective = 12;

    public static string Format(DateTime now, string format)
    {
        var output = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                output.Append(format[i]);
                continue;
            }
            char directive = format[++i];
            bool unpadded = directive is '-' && i + 1 < format.Length;
            if (unpadded) directive = format[++i];
            string text = Directive(now, directive);
            output.Append(unpadded && text.Length > 1 ? text.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : text);
        }
        return output.ToString();
    }

    private static string Directive(DateTime now, char directive) => directive switch
    {
        'a' => Invariant(now, "ddd"),
        'A' => Invariant(now, "dddd"),
        'b' or 'h' => Invariant(now, "MMM"),
        'B' => Invariant(now, "MMMM"),
        'c' => Invariant(now, "ddd MMM ") + now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + Invariant(now, " HH:mm:ss yyyy"),
        'C' => Padded(now.Year / 100, 2),
        'd' => Invariant(now, "dd"),
        'D' => Invariant(now, "MM'/'dd'/'yy"),
        'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'f' => Padded(now.Ticks / 10 % 1_000_000, 6),
        'F' => Invariant(now, "yyyy-MM-dd"),
        'g' => Padded(ISOWeek.GetYear(now) % 100, 2),
        'G' => Padded(ISOWeek.GetYear(now), 4),
        'H' => Invariant(now, "HH"),
        'I' => Invariant(now, "hh"),
        'j' => Padded(now.DayOfYear, 3),
        'k' => now.Hour.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'l' => ((now.Hour + 11) % 12 + 1).ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'm' => Invariant(now, "MM"),
        'M' => Invariant(now, "mm"),
        'n' => "\n",
        'p' => now.Hour < 12 ? "AM" : "PM",
        'P' => now.Hour < 12 ? "am" : "pm",
        'r' => Invariant(now, "hh:mm:ss ") + Directive(now, 'p'),
        'R' => Invariant(now, "HH:mm"),
        's' => new DateTimeOffset(now, TimeSpan.Zero).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'S' => Invariant(now, "ss"),
        't' => "\t",
        'T' or 'X' => Invariant(now, "HH:mm:ss"),
        'u' => Padded(((int)now.DayOfWeek + 6) % 7 + 1, 1),
        'U' => Padded((now.DayOfYear + 6 - (int)now.DayOfWeek) / 7, 2),
        'V' => Padded(ISOWeek.GetWeekOfYear(now), 2),
        'w' => Padded((int)now.DayOfWeek, 1),
        'W' => Padded((now.DayOfYear + 6 - ((int)now.DayOfWeek + 6) % 7) / 7, 2),
        'x' => Invariant(now, "MM'/'dd'/'yy"),
        'y' => Invariant(now, "yy"),
        'Y' => Padded(now.Year, 1),
        'z' or 'Z' => "",
        '%' => "%",
        _ => "%" + directive,
    };

    private static string Invariant(DateTime now, string format) => now.ToString(format, CultureInfo.InvariantCulture);

    private static string Padded(long value, int width) => value.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');
}
