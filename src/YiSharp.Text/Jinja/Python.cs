using System.Globalization;
using System.Numerics;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <summary>Python's rules for values: truth, equality, printing, iteration.</summary>
internal static class Python
{
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        BigInteger => "int",
        double => "float",
        TextValue text => text.Safe ? "Markup" : "str",
        ListValue => "list",
        TupleValue => "tuple",
        DictValue => "dict",
        DictView view => view.Name,
        RangeValue => "range",
        GeneratorValue => "generator",
        NamespaceValue => "Namespace",
        UndefinedValue => "Undefined",
        MacroValue => "Macro",
        LoopValue => "LoopContext",
        RecordValue record => record.TypeName,
        _ => "function",
    };

    /// <summary>How Jinja names an object in "… has no attribute …".</summary>
    public static string Describe(object? value) => value is null ? "None" : TypeName(value) switch
    {
        "Macro" or "LoopContext" or "Cycler" or "Joiner" => $"jinja2.runtime.{TypeName(value)} object",
        "Namespace" => "jinja2.utils.Namespace object",
        string name => name + " object",
    };

    public static bool Truth(object? value) => value switch
    {
        null or UndefinedValue => false,
        bool flag => flag,
        BigInteger integer => !integer.IsZero,
        double number => number != 0,
        TextValue text => text.Length > 0,
        ListValue list => list.Items.Count > 0,
        TupleValue tuple => tuple.Items.Length > 0,
        DictValue dict => dict.Count > 0,
        DictView view => view.Dictionary.Count > 0,
        RangeValue range => range.Count > 0,
        LoopValue loop => loop.Length > 0,
        _ => true,
    };

    public static bool IsNumber(object? value) => value is bool or BigInteger or double;

    public static bool IsCallable(object? value) => value is FunctionValue or MacroValue || value is RecordValue { Call: not null } || value is LoopValue;

    /// <summary>The integer that a bool or an integer is.</summary>
    public static bool TryInteger(object? value, out BigInteger integer)
    {
        integer = value switch { BigInteger i => i, bool flag => flag ? 1 : 0, _ => 0 };
        return value is BigInteger or bool;
    }

    public static bool TryDouble(object? value, out double number)
    {
        number = value switch { double d => d, BigInteger i => (double)i, bool flag => flag ? 1 : 0, _ => 0 };
        return IsNumber(value);
    }

    public static bool AreEqual(object? x, object? y)
    {
        Budget.SpendComparison(x is TextValue text ? text.Length : 0);
        if (ReferenceEquals(x, y)) return x is not double number || !double.IsNaN(number);
        if (TryInteger(x, out BigInteger left) && TryInteger(y, out BigInteger right)) return left == right;
        if (IsNumber(x) && IsNumber(y)) return CompareNumbers(x, y) == 0;
        return (x, y) switch
        {
            (TextValue a, TextValue b) => a.Value == b.Value,
            (ListValue a, ListValue b) => SameItems(a.Items, b.Items),
            (TupleValue a, TupleValue b) => SameItems(a.Items, b.Items),
            (DictValue a, DictValue b) => a.Count == b.Count && a.Entries.All(entry => b.TryGet(entry.Key, out object? other) && AreEqual(entry.Value, other)),
            (RangeValue a, RangeValue b) => a.Count == b.Count && (a.Count == 0 || (a.Start == b.Start && (a.Count == 1 || a.Step == b.Step))),
            (UndefinedValue, UndefinedValue) => true,
            _ => false,
        };
    }

    /// <summary>Order of two values, or null for a NaN. Types that have no order are an error.</summary>
    public static int? Compare(object? x, object? y, string symbol)
    {
        Budget.SpendComparison(x is TextValue text ? text.Length : 0);
        if (x is UndefinedValue undefinedLeft) throw undefinedLeft.Error();
        if (y is UndefinedValue undefinedRight) throw undefinedRight.Error();
        if (IsNumber(x) && IsNumber(y)) return CompareNumbers(x, y);
        return (x, y) switch
        {
            (TextValue a, TextValue b) => CompareText(a.Value, b.Value),
            (ListValue a, ListValue b) => CompareItems(a.Items, b.Items, symbol),
            (TupleValue a, TupleValue b) => CompareItems(a.Items, b.Items, symbol),
            _ => throw Fail.Type($"'{symbol}' not supported between instances of '{TypeName(x)}' and '{TypeName(y)}'"),
        };
    }

    /// <summary>Order by code points, as Python's strings have it.</summary>
    public static int CompareText(string x, string y)
    {
        int same = x.AsSpan().CommonPrefixLength(y);
        if (same == x.Length || same == y.Length) return x.Length.CompareTo(y.Length);
        char a = x[same], b = y[same];
        // Surrogates stand for code points above the whole first plane.
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
    }

    /// <summary><c>str(value)</c>.</summary>
    public static TextValue Str(object? value, Budget budget) => value switch
    {
        TextValue text => text,
        UndefinedValue => TextValue.Empty,
        MacroValue or NamespaceValue or FunctionValue or GeneratorValue or LoopValue => TextValue.FromCaller($"<{TypeName(value)}>"),
        _ => TextValue.FromCaller(Repr(value, budget)),
    };

    /// <summary><c>repr(value)</c>.</summary>
    public static string Repr(object? value, Budget budget)
    {
        var output = new StringBuilder();
        AppendRepr(output, value, budget);
        return output.ToString();
    }

    public static string FloatRepr(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        (string sign, string digits, int exponent) = Shortest(value);
        if (value == 0) return sign + "0.0";
        if (exponent is >= -4 and < 16)
        {
            if (exponent < 0) return sign + "0." + new string('0', -exponent - 1) + digits;
            string whole = digits.Length > exponent + 1 ? digits[..(exponent + 1)] : digits.PadRight(exponent + 1, '0');
            string fraction = digits.Length > exponent + 1 ? digits[(exponent + 1)..] : "0";
            return $"{sign}{whole}.{fraction}";
        }
        string mantissa = digits.Length > 1 ? digits[..1] + "." + digits[1..] : digits;
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    /// <summary>The items of anything that can be walked.</summary>
    public static IEnumerable<object?> Iterate(object? value) => value switch
    {
        ListValue list => list.Items,
        TupleValue tuple => tuple.Items,
        TextValue text => Characters(text),
        DictValue dict => dict.Keys,
        DictView view => view.Items,
        RangeValue range => Enumerable.Range(0, range.Count).Select(i => (object?)range[i]),
        GeneratorValue generator => generator.Rest(),
        UndefinedValue { } => [],
        RecordValue { Items: { } items } => items,
        _ => throw Fail.Type($"'{TypeName(value)}' object is not iterable"),
    };

    public static bool IsIterable(object? value) => value is ListValue or TupleValue or TextValue or DictValue or DictView or RangeValue or GeneratorValue or UndefinedValue
        || value is RecordValue { Items: not null };

    /// <summary><c>len(value)</c>, or null for what has none.</summary>
    public static int? Length(object? value) => value switch
    {
        ListValue list => list.Items.Count,
        TupleValue tuple => tuple.Items.Length,
        TextValue text => text.CodePointCount,
        DictValue dict => dict.Count,
        DictView view => view.Dictionary.Count,
        RangeValue range => range.Count,
        UndefinedValue => 0,
        RecordValue { Items: { } items } => items.Length,
        LoopValue loop => loop.Length,
        _ => null,
    };

    /// <summary><c>item in container</c>.</summary>
    public static bool Contains(object? container, object? item)
    {
        if (container is TextValue text)
        {
            Budget.SpendComparison(text.Length);
            return item is TextValue part ? text.Value.Contains(part.Value, StringComparison.Ordinal) : throw Fail.Type($"'in <string>' requires string as left operand, not {TypeName(item)}");
        }
        if (container is DictValue dict) return dict.TryGet(item, out _);
        if (!IsIterable(container)) throw Fail.Type($"argument of type '{TypeName(container)}' is not iterable");
        return Iterate(container).Any(other => AreEqual(other, item));
    }

    /// <summary>One string per code point.</summary>
    public static IEnumerable<TextValue> Characters(TextValue text)
    {
        for (int i = 0; i < text.CodePointCount; i++)
        {
            int start = text.UnitIndex(i);
            yield return text.Slice(start, text.UnitIndex(i + 1) - start);
        }
    }

    private static int? CompareNumbers(object? x, object? y)
    {
        if (TryInteger(x, out BigInteger left) && TryInteger(y, out BigInteger right)) return left.CompareTo(right);
        TryDouble(x, out double a);
        TryDouble(y, out double b);
        if (double.IsNaN(a) || double.IsNaN(b)) return null;
        if (x is double && y is double) return a.CompareTo(b);
        // An integer beyond 2^53 must not be rounded before it is compared.
        if (x is BigInteger bigLeft && double.IsFinite(b) && Math.Floor(b) == b) return bigLeft.CompareTo(new BigInteger(b));
        if (y is BigInteger bigRight && double.IsFinite(a) && Math.Floor(a) == a) return new BigInteger(a).CompareTo(bigRight);
        return a.CompareTo(b);
    }

    private static bool SameItems(IReadOnlyList<object?> x, IReadOnlyList<object?> y)
    {
        if (x.Count != y.Count) return false;
        for (int i = 0; i < x.Count; i++)
        {
            if (!AreEqual(x[i], y[i])) return false;
        }
        return true;
    }

    private static int? CompareItems(IReadOnlyList<object?> x, IReadOnlyList<object?> y, string symbol)
    {
        for (int i = 0; i < x.Count && i < y.Count; i++)
        {
            if (!AreEqual(x[i], y[i])) return Compare(x[i], y[i], symbol);
        }
        return x.Count.CompareTo(y.Count);
    }

    /// <summary>The fewest digits that read back as the value, and the power of ten of the first.</summary>
    private static (string Sign, string Digits, int Exponent) Shortest(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        string sign = text.StartsWith('-') ? "-" : "";
        int mark = text.IndexOf('E', StringComparison.Ordinal);
        int power = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        string mantissa = text[sign.Length..(mark < 0 ? text.Length : mark)];
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = all.TrimStart('0');
        int exponent = power + (point < 0 ? mantissa.Length : point) - 1 - (all.Length - digits.Length);
        digits = digits.TrimEnd('0');
        return (sign, digits.Length == 0 ? "0" : digits, exponent);
    }

    private static void AppendRepr(StringBuilder output, object? value, Budget budget)
    {
        Budget.Descend();
        budget.Spend();
        switch (value)
        {
            case null: output.Append("None"); break;
            case bool flag: output.Append(flag ? "True" : "False"); break;
            case BigInteger integer:
                budget.SpendDigits(integer.GetBitLength());
                output.Append(integer.ToString(CultureInfo.InvariantCulture));
                break;
            case double number: output.Append(FloatRepr(number)); break;
            case TextValue { Safe: true } text: AppendTextRepr(output.Append("Markup("), text.Value).Append(')'); break;
            case TextValue text: budget.SpendText(text.Length); AppendTextRepr(output, text.Value); break;
            case ListValue list: AppendItems(output, "[", list.Items, "]", budget); break;
            case TupleValue { Items.Length: 1 } tuple: AppendItems(output, "(", tuple.Items, ",)", budget); break;
            case TupleValue tuple: AppendItems(output, "(", tuple.Items, ")", budget); break;
            case RecordValue { Items: { } items }: AppendItems(output, "(", items, ")", budget); break;
            case DictView view: AppendItems(output, view.Name + "([", view.Items, "])", budget); break;
            case DictValue dict: AppendEntries(output, dict, budget); break;
            case RangeValue range: output.Append(range.Step.IsOne ? $"range({range.Start}, {range.Stop})" : $"range({range.Start}, {range.Stop}, {range.Step})"); break;
            case UndefinedValue: output.Append("Undefined"); break;
            default: output.Append('<').Append(TypeName(value)).Append('>'); break;
        }
        if (output.Length > Budget.MaxTextLength) budget.SpendText(output.Length);
    }

    private static void AppendItems(StringBuilder output, string open, IEnumerable<object?> items, string close, Budget budget)
    {
        output.Append(open);
        string separator = "";
        foreach (object? item in items)
        {
            AppendRepr(output.Append(separator), item, budget);
            separator = ", ";
        }
        output.Append(close);
    }

    private static void AppendEntries(StringBuilder output, DictValue dict, Budget budget)
    {
        output.Append('{');
        string separator = "";
        foreach ((object? key, object? value) in dict.Entries)
        {
            AppendRepr(output.Append(separator), key, budget);
            AppendRepr(output.Append(": "), value, budget);
            separator = ", ";
        }
        output.Append('}');
    }

    private static StringBuilder AppendTextRepr(StringBuilder output, string text)
    {
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        output.Append(quote);
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            bool unpaired = rune == Rune.ReplacementChar && text[i] != '\uFFFD';
            int code = unpaired ? text[i] : rune.Value;
            if (code == quote || code == '\\') output.Append('\\').Append((char)code);
            else if (code == '\n') output.Append("\\n");
            else if (code == '\r') output.Append("\\r");
            else if (code == '\t') output.Append("\\t");
            else if (!unpaired && CharacterClass.IsPrintable(rune)) output.Append(rune.ToString());
            else if (code <= 0xFF) output.Append(CultureInfo.InvariantCulture, $"\\x{code:x2}");
            else if (code <= 0xFFFF) output.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}");
            else output.Append(CultureInfo.InvariantCulture, $"\\U{code:x8}");
            i += length;
        }
        return output.Append(quote);
    }
}
