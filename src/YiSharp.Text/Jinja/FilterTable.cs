using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>The filters behind <c>|</c>: a name and what it does with its input and arguments.</summary>
internal static partial class FilterTable
{
    private static readonly Dictionary<string, Func<Interpreter, object?, Arguments, object?>> Table = new(StringComparer.Ordinal)
    {
        ["abs"] = (_, value, _) => Absolute(value),
        ["attr"] = (interpreter, value, arguments) => Attr(interpreter, value, arguments),
        ["batch"] = Batch,
        ["capitalize"] = (interpreter, value, _) => Mapped(interpreter, value, CaseMapping.Capitalize),
        ["center"] = Center,
        ["count"] = (_, value, _) => Length(value),
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = DictSort,
        ["e"] = (interpreter, value, _) => Html.Escape(Python.Str(value, interpreter.Budget)),
        ["escape"] = (interpreter, value, _) => Html.Escape(Python.Str(value, interpreter.Budget)),
        ["filesizeformat"] = FileSize,
        ["first"] = (interpreter, value, _) => First(interpreter, value),
        ["float"] = ToFloat,
        ["forceescape"] = (interpreter, value, _) => Html.Escape(Python.Str(value, interpreter.Budget).WithSafe(false)),
        ["format"] = Format,
        ["groupby"] = GroupBy,
        ["indent"] = Indent,
        ["int"] = ToInteger,
        ["items"] = (_, value, _) => Items(value),
        ["join"] = Join,
        ["last"] = (interpreter, value, _) => Last(interpreter, value),
        ["length"] = (_, value, _) => Length(value),
        ["list"] = (interpreter, value, _) => new ListValue(interpreter.Materialize(value)),
        ["lower"] = (interpreter, value, _) => Mapped(interpreter, value, CaseMapping.ToLower),
        ["map"] = Map,
        ["max"] = (interpreter, value, arguments) => Extreme(interpreter, value, arguments, largest: true),
        ["min"] = (interpreter, value, arguments) => Extreme(interpreter, value, arguments, largest: false),
        ["pprint"] = (interpreter, value, _) => TextValue.FromCaller(Python.Repr(value, interpreter.Budget)),
        ["random"] = (_, _, _) => throw Fail.Runtime("random chooses at random, which this engine does not"),
        ["reject"] = (interpreter, value, arguments) => Select(interpreter, value, arguments, "reject", keep: false, byAttribute: false),
        ["rejectattr"] = (interpreter, value, arguments) => Select(interpreter, value, arguments, "rejectattr", keep: false, byAttribute: true),
        ["replace"] = Replace,
        ["reverse"] = Reverse,
        ["round"] = Round,
        ["safe"] = (interpreter, value, _) => Python.Str(value, interpreter.Budget).WithSafe(true),
        ["select"] = (interpreter, value, arguments) => Select(interpreter, value, arguments, "select", keep: true, byAttribute: false),
        ["selectattr"] = (interpreter, value, arguments) => Select(interpreter, value, arguments, "selectattr", keep: true, byAttribute: true),
        ["slice"] = Slice,
        ["sort"] = Sort,
        ["string"] = (interpreter, value, _) => Python.Str(value, interpreter.Budget),
        ["striptags"] = StripTags,
        ["sum"] = Sum,
        ["title"] = (interpreter, value, _) => Mapped(interpreter, value, JinjaTitle),
        ["tojson"] = ToJson,
        ["trim"] = (interpreter, value, arguments) => TextMethods.Strip(Python.Str(value, interpreter.Budget), arguments.Bind("trim", "chars?")[0], atStart: true, atEnd: true),
        ["truncate"] = Truncate,
        ["unique"] = Unique,
        ["upper"] = (interpreter, value, _) => Mapped(interpreter, value, CaseMapping.ToUpper),
        ["urlencode"] = UrlEncode,
        ["urlize"] = (_, _, _) => throw Fail.Runtime("urlize makes HTML links, which this engine does not"),
        ["wordcount"] = WordCount,
        ["wordwrap"] = WordWrap,
        ["xmlattr"] = XmlAttributes,
    };

    private const long BitsPerDigit = 4;

    public static bool Contains(string name) => Table.ContainsKey(name);

    public static object? Apply(Interpreter interpreter, string name, object? value, Arguments arguments)
    {
        if (!Table.TryGetValue(name, out var filter)) throw Fail.Runtime($"No filter named '{name}' found.");
        if (value is TextValue text) interpreter.Budget.SpendText(text.Length);
        return filter(interpreter, value, arguments);
    }

    private static bool IsGiven(object? argument) => !ReferenceEquals(argument, Arguments.Missing);

    private static bool IsTrue(object? argument, bool absent = false) => IsGiven(argument) ? Python.Truth(argument) : absent;

    private static int Integer(object? argument, int absent)
    {
        if (!IsGiven(argument)) return absent;
        if (!Python.TryInteger(argument, out BigInteger value)) throw Fail.Type($"'{Python.TypeName(argument)}' object cannot be interpreted as an integer");
        return (int)BigInteger.Max(int.MinValue + 1, BigInteger.Min(int.MaxValue, value));
    }

    private static object Absolute(object? value) => value switch
    {
        UndefinedValue undefined => throw undefined.Error(),
        double number => Math.Abs(number),
        _ => Python.TryInteger(value, out BigInteger integer) ? BigInteger.Abs(integer) : throw Fail.Type($"bad operand type for abs(): '{Python.TypeName(value)}'"),
    };

    private static object? Attr(Interpreter interpreter, object? value, Arguments arguments)
    {
        string name = Python.Str(arguments.Bind("attr", "name")[0], interpreter.Budget).Value;
        // Attributes only: a dictionary's items stay out of sight.
        return value is DictValue dict && dict.TryGet(name, out _) && !Attributes.HasMethod(interpreter, value, name)
            ? new UndefinedValue($"'{Python.Describe(value)}' has no attribute '{name}'") : Attributes.GetAttribute(interpreter, value, name);
    }

    private static object? Default(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("default", "default_value?", "boolean?");
        bool replace = value is UndefinedValue || (IsTrue(bound[1]) && !Python.Truth(value));
        return !replace ? value : IsGiven(bound[0]) ? bound[0] : TextValue.Empty;
    }

    private static object ToFloat(Interpreter interpreter, object? value, Arguments arguments)
    {
        object? byDefault = arguments.Bind("float", "default?")[0];
        if (value is UndefinedValue undefined) throw undefined.Error();
        if (Python.TryDouble(value, out double number) || (value is TextValue text && Numbers.TryFloat(text.Value, out number))) return number;
        return IsGiven(byDefault) ? byDefault! : 0.0;
    }

    private static object? ToInteger(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("int", "default?", "base?");
        if (value is UndefinedValue undefined) throw undefined.Error();
        if (Python.TryInteger(value, out BigInteger integer)) return integer;
        double number = value is double real ? real : double.NaN;
        if (value is TextValue text)
        {
            interpreter.Budget.SpendDigits(text.Length * BitsPerDigit);
            if (Numbers.TryInteger(text.Value, Integer(bound[1], 10), out integer)) return integer;
            if (!Numbers.TryFloat(text.Value, out number)) number = double.NaN;
        }
        if (double.IsFinite(number)) return new BigInteger(Math.Truncate(number));
        return IsGiven(bound[0]) ? bound[0] : BigInteger.Zero;
    }

    private static object Round(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("round", "precision?", "method?");
        int precision = Integer(bound[0], 0);
        interpreter.Budget.SpendDigits(Math.Min(Math.Abs((long)precision), NumberFormat.MostIntegerDigits) * BitsPerDigit);
        string method = IsGiven(bound[1]) ? Python.Str(bound[1], interpreter.Budget).Value : "common";
        if (method == "common" && Python.TryInteger(value, out BigInteger integer)) return NumberFormat.Round(integer, precision);
        if (method != "common" && value is UndefinedValue undefined) throw undefined.Error();
        if (!Python.TryDouble(value, out double number)) throw Fail.Type($"type {Python.TypeName(value)} doesn't define __round__ method");
        double scale = Math.Pow(10, precision);
        return method switch
        {
            "common" => NumberFormat.Round(number, precision),
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => throw Fail.Runtime("method must be common, ceil or floor"),
        };
    }

    private static object ToJson(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("tojson", "ensure_ascii?", "indent?", "separators?", "sort_keys?");
        string? indent = !IsGiven(bound[1]) || bound[1] is null ? null
            : bound[1] is TextValue text ? text.Value : new string(' ', Math.Clamp(Integer(bound[1], 0), 0, 10_000));
        (string item, string key) = (indent is null ? ", " : ",", ": ");
        if (IsGiven(bound[2]) && bound[2] is not null)
        {
            List<object?> separators = interpreter.Materialize(bound[2]);
            if (separators.Count != 2) throw Fail.Value($"not enough values to unpack (expected 2, got {separators.Count})");
            (item, key) = (TextMethods.Text(separators[0]).Value, TextMethods.Text(separators[1]).Value);
        }
        var printer = new JsonPrinter(interpreter.Budget, IsTrue(bound[0]), indent, item, key, IsTrue(bound[3]));
        return TextValue.FromCaller(printer.Print(value));
    }
}
