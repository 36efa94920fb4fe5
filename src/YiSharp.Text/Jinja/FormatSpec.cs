using System.Globalization;
using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>How a value is laid out: <c>[[fill]align][sign][#][0][width][grouping][.precision][type]</c>.</summary>
internal sealed record FormatSpec
{
    public string Fill { get; init; } = " ";

    /// <summary><c>&lt;</c>, <c>&gt;</c>, <c>^</c> or <c>=</c>; 0 where none is given.</summary>
    public char Align { get; init; }

    public char Sign { get; init; } = '-';

    public bool Alternate { get; init; }

    public bool Zero { get; init; }

    public int Width { get; init; }

    public char Grouping { get; init; }

    public int? Precision { get; init; }

    public char Type { get; init; }

    /// <summary>The digits of a number that is not negative, in the base of a type.</summary>
    public static string InBase(BigInteger value, char type)
    {
        string digits = type switch
        {
            'x' or 'X' => value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0'),
            'b' => value.ToString("b", CultureInfo.InvariantCulture).TrimStart('0'),
            'o' => Octal(value),
            _ => value.ToString(CultureInfo.InvariantCulture),
        };
        if (digits.Length == 0) digits = "0";
        return type == 'X' ? digits.ToUpperInvariant() : digits;
    }

    /// <summary>Appends a number's digits with its sign, padded between them where asked.</summary>
    public void AppendNumber(TextBuilder output, Budget budget, string digits, bool negative)
    {
        string sign = negative ? "-" : Sign == '-' ? "" : Sign.ToString();
        if (Grouping != '\0') digits = Group(digits);
        if ((Zero && Align == '\0') || Align == '=')
        {
            string fill = Align == '=' && !Zero ? Fill : "0";
            int missing = Math.Max(0, Width - sign.Length - digits.Length);
            budget.SpendText(missing);
            digits = string.Concat(Enumerable.Repeat(fill, missing)) + digits;
        }
        Pad(output, budget, TextValue.FromCaller(sign + digits), byDefault: '>');
    }

    /// <summary>Appends a text, padded to the width.</summary>
    public void Pad(TextBuilder output, Budget budget, TextValue text, char byDefault)
    {
        int missing = Math.Max(0, Width - text.CodePointCount);
        budget.SpendText((long)missing + text.Length);
        char align = Align is '\0' or '=' ? byDefault : Align;
        int before = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        output.Append(string.Concat(Enumerable.Repeat(Fill, before)), template: false);
        output.Append(text);
        output.Append(string.Concat(Enumerable.Repeat(Fill, missing - before)), template: false);
    }

    private static string Octal(BigInteger value)
    {
        string bits = value.ToString("b", CultureInfo.InvariantCulture);
        bits = bits.PadLeft((bits.Length + 2) / 3 * 3, '0');
        return string.Create(bits.Length / 3, bits, static (digits, bits) =>
        {
            for (int i = 0; i < digits.Length; i++) digits[i] = (char)('0' + ((bits[3 * i] - '0') * 4 + (bits[3 * i + 1] - '0') * 2 + bits[3 * i + 2] - '0'));
        }).TrimStart('0');
    }

    private string Group(string digits)
    {
        int end = digits.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (end < 0) end = digits.Length;
        var grouped = new System.Text.StringBuilder(digits.Length * 4 / 3 + 1);
        for (int i = 0; i < end; i++)
        {
            if (i > 0 && (end - i) % 3 == 0) grouped.Append(Grouping);
            grouped.Append(digits[i]);
        }
        return grouped.Append(digits, end, digits.Length - end).ToString();
    }
}
