using System.Globalization;
using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>Python's <c>str.format</c>, with attributes read through the sandbox.</summary>
internal static class BraceFormat
{
    public static TextValue Apply(Interpreter interpreter, TextValue format, Arguments arguments)
    {
        int next = 0;
        var output = new TextBuilder();
        Append(interpreter, output, format, arguments, ref next, depth: 0);
        return output.ToText(format.Safe);
    }

    private static void Append(Interpreter interpreter, TextBuilder output, TextValue format, Arguments arguments, ref int next, int depth)
    {
        string text = format.Value;
        if (depth > 2) throw Fail.Value("Max string recursion exceeded");
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is not ('{' or '}'))
            {
                output.Append(format, i, 1);
                continue;
            }
            if (i + 1 < text.Length && text[i + 1] == c)
            {
                output.Append(format, i++, 1);
                continue;
            }
            if (c == '}') throw Fail.Value("Single '}' encountered in format string");
            int end = FieldEnd(text, i + 1);
            AppendField(interpreter, output, format.Slice(i + 1, end - i - 1), arguments, ref next, depth);
            i = end;
        }
    }

    private static int FieldEnd(string text, int start)
    {
        int open = 1;
        for (int i = start; i < text.Length; i++)
        {
            if (text[i] == '{') open++;
            else if (text[i] == '}' && --open == 0) return i;
        }
        throw Fail.Value("expected '}' before end of string");
    }

    private static void AppendField(Interpreter interpreter, TextBuilder output, TextValue field, Arguments arguments, ref int next, int depth)
    {
        string text = field.Value;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string head = colon < 0 ? text : text[..colon];
        int mark = head.IndexOf('!', StringComparison.Ordinal);
        string conversion = mark < 0 ? "" : head[(mark + 1)..];
        object? value = Resolve(interpreter, mark < 0 ? head : head[..mark], arguments, ref next);
        value = conversion switch
        {
            "" => value,
            "s" => Python.Str(value, interpreter.Budget),
            "r" or "a" => TextValue.FromCaller(Python.Repr(value, interpreter.Budget)),
            _ => throw Fail.Value($"Unknown conversion specifier '{conversion}'"),
        };
        string spec = "";
        if (colon >= 0)
        {
            var inner = new TextBuilder();
            Append(interpreter, inner, field.Slice(colon + 1, text.Length - colon - 1), arguments, ref next, depth + 1);
            spec = inner.ToText().Value;
        }
        Layout(output, interpreter.Budget, value, ReadSpec(spec));
    }

    private static object? Resolve(Interpreter interpreter, string path, Arguments arguments, ref int next)
    {
        int end = path.AsSpan().IndexOfAny('.', '[');
        if (end < 0) end = path.Length;
        string first = path[..end];
        object? value;
        if (first.Length == 0 || int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            int index = first.Length == 0 ? next++ : int.Parse(first, CultureInfo.InvariantCulture);
            value = index < arguments.Positional.Count ? arguments.Positional[index] : throw Fail.Runtime("IndexError: Replacement index out of range for positional args tuple");
        }
        else
        {
            int at = arguments.Named.FindIndex(argument => argument.Name == first);
            value = at >= 0 ? arguments.Named[at].Value : throw Fail.Runtime($"KeyError: '{first}'");
        }
        for (int i = end; i < path.Length;)
        {
            bool attribute = path[i] == '.';
            int stop = attribute ? path.AsSpan(i + 1).IndexOfAny('.', '[') : path.IndexOf(']', i) - i - 1;
            if (!attribute && stop < 0) throw Fail.Value("Missing ']' in format string");
            string name = stop < 0 ? path[(i + 1)..] : path.Substring(i + 1, stop);
            if (attribute) value = Attributes.GetAttribute(interpreter, value, name);
            else value = Attributes.GetItem(interpreter, value, BigInteger.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out BigInteger index) ? index : TextValue.FromCaller(name));
            i += 1 + name.Length + (attribute ? 0 : 1);
        }
        return value;
    }

    private static FormatSpec ReadSpec(string text)
    {
        var spec = new FormatSpec();
        int i = 0;
        int fill = text.Length > 0 && char.IsHighSurrogate(text[0]) ? 2 : 1;
        if (text.Length > fill && text[fill] is '<' or '>' or '^' or '=')
        {
            spec = spec with { Fill = text[..fill], Align = text[fill] };
            i = fill + 1;
        }
        else if (text.Length > 0 && text[0] is '<' or '>' or '^' or '=') spec = spec with { Align = text[i++] };
        if (i < text.Length && text[i] is '+' or '-' or ' ') spec = spec with { Sign = text[i++] };
        if (i < text.Length && text[i] == '#') (spec, i) = (spec with { Alternate = true }, i + 1);
        if (i < text.Length && text[i] == '0') (spec, i) = (spec with { Zero = true }, i + 1);
        spec = spec with { Width = Number(text, ref i) ?? 0 };
        if (i < text.Length && text[i] is ',' or '_') spec = spec with { Grouping = text[i++] };
        if (i < text.Length && text[i] == '.')
        {
            i++;
            spec = spec with { Precision = Number(text, ref i) ?? throw Fail.Value("Format specifier missing precision") };
        }
        if (i < text.Length) spec = spec with { Type = text[i++] };
        return i == text.Length ? spec : throw Fail.Value("Invalid format specifier");
    }

    private static int? Number(string text, ref int i)
    {
        int start = i;
        while (i < text.Length && char.IsAsciiDigit(text[i])) i++;
        if (i == start) return null;
        return int.TryParse(text.AsSpan(start, i - start), CultureInfo.InvariantCulture, out int number) && number < Budget.MaxTextLength ? number : throw Fail.Value("Too many decimal digits in format string");
    }

    private static void Layout(TextBuilder output, Budget budget, object? value, FormatSpec spec)
    {
        if (value is double number || (Python.TryDouble(value, out number) && spec.Type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%')) Float(output, budget, number, spec);
        else if (Python.TryInteger(value, out BigInteger integer) && !(value is bool && spec == new FormatSpec())) Integer(output, budget, integer, spec);
        else
        {
            if (spec.Type is not ('\0' or 's')) throw Fail.Value($"Unknown format code '{spec.Type}' for object of type '{Python.TypeName(value)}'");
            TextValue text = Python.Str(value, budget);
            if (spec.Precision is { } most && most < text.CodePointCount) text = text.Slice(0, text.UnitIndex(most));
            if (spec.Zero && spec.Align == '\0') spec = spec with { Fill = "0" };
            spec.Pad(output, budget, text, byDefault: '<');
        }
    }

    private static void Integer(TextBuilder output, Budget budget, BigInteger value, FormatSpec spec)
    {
        if (spec.Type == 'c' && value >= 0 && value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF))
        {
            spec.Pad(output, budget, TextValue.FromCaller(char.ConvertFromUtf32((int)value)), byDefault: '<');
            return;
        }
        if (spec.Type is not ('\0' or 'd' or 'n' or 'x' or 'X' or 'o' or 'b')) throw Fail.Value($"Unknown format code '{spec.Type}' for object of type 'int'");
        if (spec.Precision is not null) throw Fail.Value("Precision not allowed in integer format specifier");
        budget.SpendDigits(value.GetBitLength());
        string digits = FormatSpec.InBase(BigInteger.Abs(value), spec.Type);
        spec.AppendNumber(output, budget, spec.Alternate && spec.Type is 'x' or 'X' or 'o' or 'b' ? $"0{spec.Type}{digits}" : digits, value.Sign < 0);
    }

    private static void Float(TextBuilder output, Budget budget, double value, FormatSpec spec)
    {
        double magnitude = Math.Abs(value);
        int precision = spec.Precision ?? 6;
        budget.SpendText(precision);
        string digits = char.ToLowerInvariant(spec.Type) switch
        {
            'f' => NumberFormat.Fixed(magnitude, precision),
            'e' => NumberFormat.Scientific(magnitude, precision),
            'g' or 'n' => NumberFormat.General(magnitude, precision, spec.Alternate),
            '%' => NumberFormat.Fixed(magnitude * 100, precision) + "%",
            '\0' => spec.Precision is { } given ? WithPoint(NumberFormat.General(magnitude, given)) : Python.FloatRepr(magnitude),
            _ => throw Fail.Value($"Unknown format code '{spec.Type}' for object of type 'float'"),
        };
        spec.AppendNumber(output, budget, char.IsUpper(spec.Type) ? digits.ToUpperInvariant() : digits, double.IsNegative(value));
    }

    private static string WithPoint(string digits) => digits.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 ? digits + ".0" : digits;
}
