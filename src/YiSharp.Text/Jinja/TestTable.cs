using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>The tests behind <c>is</c>.</summary>
internal static class TestTable
{
    private static readonly Dictionary<string, Func<Interpreter, object?, Arguments, bool>> Table = new(StringComparer.Ordinal)
    {
        ["defined"] = (_, value, _) => value is not UndefinedValue,
        ["undefined"] = (_, value, _) => value is UndefinedValue,
        ["none"] = (_, value, _) => value is null,
        ["boolean"] = (_, value, _) => value is bool,
        ["true"] = (_, value, _) => value is true,
        ["false"] = (_, value, _) => value is false,
        ["integer"] = (_, value, _) => value is BigInteger,
        ["float"] = (_, value, _) => value is double,
        ["number"] = (_, value, _) => Python.IsNumber(value),
        ["string"] = (_, value, _) => value is TextValue,
        ["mapping"] = (_, value, _) => value is DictValue,
        ["sequence"] = (_, value, _) => value is TextValue or ListValue or TupleValue or DictValue or RangeValue or UndefinedValue or RecordValue { Items: not null },
        ["iterable"] = (_, value, _) => Python.IsIterable(value),
        ["callable"] = (_, value, _) => Python.IsCallable(value) || value is UndefinedValue,
        ["escaped"] = (_, value, _) => value is TextValue { Safe: true },
        ["lower"] = (interpreter, value, _) => CaseMapping.IsAll(Python.Str(value, interpreter.Budget).Value, upper: false),
        ["upper"] = (interpreter, value, _) => CaseMapping.IsAll(Python.Str(value, interpreter.Budget).Value, upper: true),
        ["odd"] = (interpreter, value, _) => Python.AreEqual(Arithmetic.Apply(interpreter, "%", value, new BigInteger(2)), BigInteger.One),
        ["even"] = (interpreter, value, _) => Python.AreEqual(Arithmetic.Apply(interpreter, "%", value, new BigInteger(2)), BigInteger.Zero),
        ["divisibleby"] = (interpreter, value, arguments) => Python.AreEqual(Arithmetic.Apply(interpreter, "%", value, Other(arguments, "num")), BigInteger.Zero),
        ["sameas"] = (_, value, arguments) => Same(value, Other(arguments, "other")),
        ["filter"] = (_, value, _) => Hashable(value) is TextValue name && FilterTable.Contains(name.Value),
        ["test"] = (_, value, _) => Hashable(value) is TextValue name && Contains(name.Value),
        ["in"] = (_, value, arguments) => Interpreter.Compare("in", value, Other(arguments, "seq")),
        ["eq"] = Comparing("=="),
        ["equalto"] = Comparing("=="),
        ["=="] = Comparing("=="),
        ["ne"] = Comparing("!="),
        ["!="] = Comparing("!="),
        ["lt"] = Comparing("<"),
        ["lessthan"] = Comparing("<"),
        ["<"] = Comparing("<"),
        ["le"] = Comparing("<="),
        ["<="] = Comparing("<="),
        ["gt"] = Comparing(">"),
        ["greaterthan"] = Comparing(">"),
        [">"] = Comparing(">"),
        ["ge"] = Comparing(">="),
        [">="] = Comparing(">="),
    };

    private static readonly HashSet<string> WithoutArgument = new(StringComparer.Ordinal)
    {
        "defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number", "string", "mapping", "sequence", "iterable", "callable", "escaped",
        "lower", "upper", "odd", "even", "filter", "test",
    };

    public static bool Contains(string name) => Table.ContainsKey(name);

    public static bool Apply(Interpreter interpreter, string name, object? value, Arguments arguments) =>
        Table.TryGetValue(name, out var test) ? test(interpreter, value, CheckCount(name, arguments)) : throw Fail.Runtime($"No test named '{name}' found.");

    /// <summary>Comparisons take one argument, which they bind themselves; all others take none.</summary>
    private static Arguments CheckCount(string name, Arguments arguments)
    {
        if (arguments.Positional.Count + arguments.Named.Count > 0 && WithoutArgument.Contains(name)) throw Fail.Type($"test_{name}() takes 1 positional argument but more were given");
        return arguments;
    }

    private static Func<Interpreter, object?, Arguments, bool> Comparing(string sign) => (_, value, arguments) => Interpreter.Compare(sign, value, Other(arguments, "other"));

    private static object? Other(Arguments arguments, string parameter) => arguments.Bind("test", parameter)[0];

    private static object? Hashable(object? value) => value is ListValue or DictValue ? throw Fail.Type($"unhashable type: '{Python.TypeName(value)}'") : value;

    private static bool Same(object? x, object? y) =>
        ReferenceEquals(x, y) || (x, y) is (bool, bool) or (BigInteger, BigInteger) or (TextValue, TextValue) && Python.AreEqual(x, y);
}
