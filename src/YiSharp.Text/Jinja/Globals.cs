using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>The functions that every template may call.</summary>
internal sealed class Globals
{
    private readonly Dictionary<string, object?> _functions;
    private readonly Interpreter _interpreter;
    private readonly DateTime _now;

    public Globals(Interpreter interpreter, DateTime now)
    {
        (_interpreter, _now) = (interpreter, now);
        FunctionValue[] functions =
        [
            new("range", Range),
            new("dict", arguments => Dict("dict", arguments)),
            new("namespace", Namespace),
            new("cycler", Cycler),
            new("joiner", Joiner),
            new("lipsum", _ => throw Fail.Runtime("lipsum() makes random text, which this engine does not")),
            new("raise_exception", arguments => throw new TemplateException(TemplateErrorKind.Raised, Python.Str(arguments.Bind("raise_exception", "message")[0], interpreter.Budget).Value)),
            new("strftime_now", Now),
        ];
        _functions = functions.ToDictionary(function => function.Name, function => (object?)function, StringComparer.Ordinal);
    }

    public bool TryGet(string name, out object? value) => _functions.TryGetValue(name, out value);

    private TextValue Now(Arguments arguments)
    {
        if (arguments.Bind("strftime_now", "format")[0] is not TextValue format) throw Fail.Type("strftime() argument 1 must be str");
        _interpreter.Budget.SpendText((long)format.Length * Strftime.LongestDirective);
        return TextValue.FromTemplate(Strftime.Format(_now, format.Value));
    }

    private RangeValue Range(Arguments arguments)
    {
        BigInteger[] bounds = [.. arguments.Positional.Select(argument => Python.TryInteger(argument, out BigInteger bound)
            ? bound : throw Fail.Type($"'{Python.TypeName(argument)}' object cannot be interpreted as an integer"))];
        RangeValue range = bounds.Length switch
        {
            1 => new RangeValue(0, bounds[0], 1),
            2 => new RangeValue(bounds[0], bounds[1], 1),
            3 => new RangeValue(bounds[0], bounds[1], bounds[2]),
            _ => throw Fail.Type($"range expected 1 to 3 arguments, got {bounds.Length}"),
        };
        if (range.Step.IsZero) throw Fail.Value("range() arg 3 must not be zero");
        BigInteger count = range.Step.Sign > 0 ? RangeValue.Distance(range.Start, range.Stop, range.Step) : RangeValue.Distance(range.Stop, range.Start, -range.Step);
        return count <= Budget.MaxRange ? range : throw Fail.Runtime($"OverflowError: Range too big. The sandbox blocks ranges larger than MAX_RANGE ({Budget.MaxRange}).");
    }

    private DictValue Dict(string name, Arguments arguments)
    {
        var dict = new DictValue();
        if (arguments.Positional.Count > 1) throw Fail.Type($"{name} expected at most 1 argument, got {arguments.Positional.Count}");
        if (arguments.Positional is [DictValue source])
        {
            foreach ((object? key, object? value) in source.Entries) dict.Set(key, value);
        }
        else if (arguments.Positional is [{ } pairs])
        {
            foreach (object? pair in _interpreter.Materialize(pairs))
            {
                List<object?> items = _interpreter.Materialize(pair);
                if (items.Count != 2) throw Fail.Value($"dictionary update sequence element has length {items.Count}; 2 is required");
                dict.Set(items[0], items[1]);
            }
        }
        foreach ((string key, object? value) in arguments.Named) dict.Set(TextValue.FromTemplate(key), value);
        return dict;
    }

    private NamespaceValue Namespace(Arguments arguments)
    {
        var attributes = new NamespaceValue();
        foreach ((object? key, object? value) in Dict("namespace", arguments).Entries)
        {
            if (key is TextValue name) attributes.Set(name.Value, value);
        }
        return attributes;
    }

    private static RecordValue Cycler(Arguments arguments)
    {
        object?[] items = [.. arguments.Positional];
        if (items.Length == 0) throw Fail.Runtime("at least one item has to be provided");
        int position = 0;
        return new RecordValue("Cycler")
        {
            Attributes =
            {
                ["current"] = () => items[position],
                ["next"] = () => new FunctionValue("next", _ =>
                {
                    object? current = items[position];
                    position = (position + 1) % items.Length;
                    return current;
                }),
                ["reset"] = () => new FunctionValue("reset", _ =>
                {
                    position = 0;
                    return null;
                }),
            },
        };
    }

    private static RecordValue Joiner(Arguments arguments)
    {
        object? separator = arguments.Bind("joiner", "sep?")[0];
        if (ReferenceEquals(separator, Arguments.Missing)) separator = TextValue.FromTemplate(", ");
        bool used = false;
        return new RecordValue("Joiner")
        {
            Call = new FunctionValue("joiner", _ =>
            {
                if (used) return separator;
                used = true;
                return TextValue.Empty;
            }),
        };
    }
}
