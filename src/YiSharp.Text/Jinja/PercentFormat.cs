using System.Globalization;
using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>Python's <c>format % arguments</c>.</summary>
internal static class PercentFormat
{
    public static TextValue Apply(Interpreter interpreter, TextValue format, object? arguments)
    {
        Budget budget = interpreter.Budget;
        object?[] positional = arguments is TupleValue tuple ? tuple.Items : [arguments];
        int used = 0;
        var output = new TextBuilder();
        string text = format.Value;
        int literal = 0;
        object? Take() => used < positional.Length ? positional[used++] : throw Fail.Type("not enough arguments for format string");

        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%') continue;
            output.Append(format, literal, i - literal);
            i++;
            object? named = Arguments.Missing;
            if (i < text.Length && text[i] == '(')
            {
                int close = text.IndexOf(')', i);
                if (close < 0) throw Fail.Value("incomplete format key");
                if (arguments is not DictValue dict) throw Fail.Type("format requires a mapping");
                string key = text[(i + 1)..close];
                if (!dict.TryGet(key, out named)) throw Fail.Runtime($"KeyError: '{key}'");
                used = positional.Length;
                i = close + 1;
            }
            FormatSpec spec = ReadSpec(text, ref i, Take);
            if (i >= text.Length) throw Fail.Value("incomplete format");
            if (text[i] == '%') output.Append(format, i, 1);
            else AppendValue(output, budget, text[i], spec, ReferenceEquals(named, Arguments.Missing) ? Take() : named);
            budget.SpendText(output.Length);
            literal = i + 1;
        }
        output.Append(format, literal, text.Length - literal);
        if (used < positional.Length && arguments is not DictValue) throw Fail.Type("not all arguments converted during string formatting");
        return output.ToText(format.Safe);
    }

    private static FormatSpec ReadSpec(string text, ref int i, Func<object?> take)
    {
        var spec = new FormatSpec();
        for (; i < text.Length && text[i] is '-' or '+' or ' ' or '0' or '#'; i++)
        {
            spec = text[i] switch
            {
                '-' => spec with { Align = '<' },
                '+' => spec with { Sign = '+' },
                ' ' => spec with { Sign = spec.Sign == '+' ? '+' : ' ' },
                '0' => spec with { Zero = true },
                _ => spec with { Alternate = true },
            };
        }
        int width = ReadNumber(text, ref i, take) ?? 0;
        spec = spec with { Width = Math.Abs(width), Align = width < 0 ? '<' : spec.Align };
        if (i < text.Length && text[i] == '.')
        {
            i++;
            spec = spec with { Precision = Math.Max(0, ReadNumber(text, ref i, take) ?? 0) };
        }
        while (i < text.Length && text[i] is 'l' or 'h' or 'L') i++;
        return spec;
    }

    private static int? ReadNumber(string text, ref int i, Func<object?> take)
    {
        if (i < text.Length && text[i] == '*')
        {
            i++;
            if (!Python.TryInteger(take(), out BigInteger star)) throw Fail.Type("* wants int");
            return BigInteger.Abs(star) < Budget.MaxTextLength ? (int)star : throw Fail.Value("width too big");
        }
        int start = i;
        while (i < text.Length && char.IsAsciiDigit(text[i])) i++;
        if (i == start) return null;
        return int.TryParse(text.AsSpan(start, i - start), CultureInfo.InvariantCulture, out int number) && number < Budget.MaxTextLength ? number : throw Fail.Value("width too big");
    }

    private static void AppendValue(TextBuilder output, Budget budget, char conversion, FormatSpec spec, object? value)
    {
        switch (conversion)
        {
            case 's' or 'r' or 'a':
                TextValue text = conversion == 's' ? Python.Str(value, budget) : TextValue.FromCaller(Python.Repr(value, budget));
                if (spec.Precision is { } most && most < text.CodePointCount) text = text.Slice(0, text.UnitIndex(most));
                spec.Pad(output, budget, text, byDefault: '>');
                return;
            case 'c':
                TextValue character = value is TextValue { CodePointCount: 1 } one ? one
                    : Python.TryInteger(value, out BigInteger code) && code >= 0 && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF) ? TextValue.FromCaller(char.ConvertFromUtf32((int)code))
                    : throw Fail.Type("%c requires int or char");
                spec.Pad(output, budget, character, byDefault: '>');
                return;
            case 'd' or 'i' or 'u':
                if (value is double real) value = double.IsFinite(real) ? new BigInteger(Math.Truncate(real)) : throw Fail.Value($"cannot convert float {Python.FloatRepr(real)} to integer");
                if (!Python.TryInteger(value, out BigInteger integer)) throw Fail.Type($"%{conversion} format: a real number is required, not {Python.TypeName(value)}");
                spec.AppendNumber(output, budget, Digits(budget, BigInteger.Abs(integer), 'd', spec), integer.Sign < 0);
                return;
            case 'x' or 'X' or 'o':
                if (!Python.TryInteger(value, out BigInteger based)) throw Fail.Type($"%{conversion} format: an integer is required, not {Python.TypeName(value)}");
                spec.AppendNumber(output, budget, Digits(budget, BigInteger.Abs(based), conversion, spec), based.Sign < 0);
                return;
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                if (!Python.TryDouble(value, out double number)) throw Fail.Type($"must be real number, not {Python.TypeName(value)}");
                budget.SpendText(spec.Precision ?? 0);
                string digits = char.ToLowerInvariant(conversion) switch
                {
                    'e' => NumberFormat.Scientific(Math.Abs(number), spec.Precision ?? 6),
                    'f' => NumberFormat.Fixed(Math.Abs(number), spec.Precision ?? 6),
                    _ => NumberFormat.General(Math.Abs(number), spec.Precision ?? 6, spec.Alternate),
                };
                spec.AppendNumber(output, budget, char.IsUpper(conversion) ? digits.ToUpperInvariant() : digits, double.IsNegative(number));
                return;
            default:
                throw Fail.Value($"unsupported format character '{conversion}'");
        }
    }

    private static string Digits(Budget budget, BigInteger value, char conversion, FormatSpec spec)
    {
        budget.SpendDigits(value.GetBitLength());
        budget.SpendText(spec.Precision ?? 0);
        string digits = FormatSpec.InBase(value, conversion);
        digits = digits.PadLeft(spec.Precision ?? 0, '0');
        return spec.Alternate && conversion != 'd' ? $"0{conversion}{digits}" : digits;
    }
}
