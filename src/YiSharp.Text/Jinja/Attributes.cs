using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>Attributes and items of values, as Jinja's immutable sandbox lets templates see them.</summary>
internal static class Attributes
{
    private static readonly Dictionary<string, string[]> ChangingMethods = new(StringComparer.Ordinal)
    {
        ["list"] = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"],
        ["dict"] = ["clear", "pop", "popitem", "setdefault", "update"],
    };

    private static readonly HashSet<string> MangledNames = new(StringComparer.Ordinal)
    {
        "__class__", "__delattr__", "__dir__", "__doc__", "__eq__", "__format__", "__ge__", "__getattribute__", "__getstate__", "__gt__", "__hash__", "__init__", "__init_subclass__", "__le__",
        "__len__", "__lt__", "__ne__", "__new__", "__reduce__", "__reduce_ex__", "__repr__", "__setattr__", "__sizeof__", "__str__", "__subclasshook__",
        "__add__", "__bool__", "__call__", "__contains__", "__dict__", "__getitem__", "__iter__", "__mod__", "__module__", "__mul__", "__rmod__", "__rmul__",
    };

    /// <summary><c>target.name</c>: the attribute, else the item.</summary>
    public static object? GetAttribute(Interpreter interpreter, object? target, string name)
    {
        if (target is UndefinedValue undefined && !IsMangled(name)) throw undefined.Error();
        if (TryAttribute(interpreter, target, name, out object? value)) return value;
        if (target is DictValue dict && dict.TryGet(name, out value)) return value;
        return new UndefinedValue($"'{Python.Describe(target)}' has no attribute '{name}'");
    }

    /// <summary><c>target[index]</c>: the item, else the attribute.</summary>
    public static object? GetItem(Interpreter interpreter, object? target, object? index)
    {
        if (target is UndefinedValue undefined) throw undefined.Error();
        if (index is SliceValue slice) return Slice(interpreter.Budget, target, slice);
        if (target is DictValue dict && index is not (ListValue or DictValue) && dict.TryGet(index, out object? value)) return value;
        if (Python.TryInteger(index, out BigInteger at) && TryItemAt(target, at, out value)) return value;
        if (index is not TextValue name) return new UndefinedValue($"{Python.Describe(target)} has no element {Python.Repr(index, interpreter.Budget)}");
        return TryAttribute(interpreter, target, name.Value, out value) ? value : new UndefinedValue($"'{Python.Describe(target)}' has no attribute '{name.Value}'");
    }

    /// <summary>Whether a value has an attribute of its own, its items aside.</summary>
    public static bool HasMethod(Interpreter interpreter, object? target, string name) => TryAttribute(interpreter, target, name, out _);

    /// <summary>Whether every Python object has the attribute, and no template may touch it.</summary>
    private static bool IsMangled(string name) => name.StartsWith("__", StringComparison.Ordinal) && MangledNames.Contains(name);

    private static bool TryAttribute(Interpreter interpreter, object? target, string name, out object? value)
    {
        string type = Python.TypeName(target);
        if (IsMangled(name) || (ChangingMethods.TryGetValue(type, out string[]? changing) && Array.IndexOf(changing, name) >= 0))
        {
            value = new UndefinedValue($"access to attribute '{name}' of '{type}' object is unsafe.", unsafeAttribute: true);
            return true;
        }
        switch (target)
        {
            case TextValue text: return TextMethods.TryGet(interpreter, text, name, out value);
            case ListValue list: return SequenceMethod(interpreter, list.Items, name, out value) || ListCopy(list, name, out value);
            case TupleValue tuple: return SequenceMethod(interpreter, tuple.Items, name, out value);
            case DictValue dict: return DictMethod(dict, name, out value);
            case NamespaceValue attributes: return attributes.TryGet(name, out value);
            case LoopValue loop: return loop.TryGetAttribute(name, out value);
            case MacroValue macro: return MacroAttribute(macro, name, out value);
            case RecordValue record when record.Attributes.TryGetValue(name, out Func<object?>? get):
                value = get();
                return true;
            case double number when name == "is_integer":
                value = new FunctionValue(name, _ => double.IsFinite(number) && Math.Floor(number) == number);
                return true;
            default:
                value = null;
                return false;
        }
    }

    private static bool SequenceMethod(Interpreter interpreter, IReadOnlyList<object?> items, string name, out object? value)
    {
        value = name switch
        {
            "count" => new FunctionValue(name, arguments =>
            {
                object? wanted = arguments.Bind("count", "value")[0];
                interpreter.Budget.Spend(items.Count);
                return new BigInteger(items.Count(item => Python.AreEqual(item, wanted)));
            }),
            "index" => new FunctionValue(name, arguments =>
            {
                object? wanted = arguments.Bind("index", "value")[0];
                interpreter.Budget.Spend(items.Count);
                for (int i = 0; i < items.Count; i++)
                {
                    if (Python.AreEqual(items[i], wanted)) return new BigInteger(i);
                }
                throw Fail.Value($"{Python.Repr(wanted, interpreter.Budget)} is not in list");
            }),
            _ => null,
        };
        return value is not null;
    }

    private static bool ListCopy(ListValue list, string name, out object? value)
    {
        value = name == "copy" ? new FunctionValue(name, _ => new ListValue([.. list.Items])) : null;
        return value is not null;
    }

    private static bool DictMethod(DictValue dict, string name, out object? value)
    {
        value = name switch
        {
            "items" => new FunctionValue(name, _ => new DictView("dict_items", dict, () => dict.Entries.Select(entry => (object?)new TupleValue(entry.Key, entry.Value)))),
            "keys" => new FunctionValue(name, _ => new DictView("dict_keys", dict, () => dict.Keys)),
            "values" => new FunctionValue(name, _ => new DictView("dict_values", dict, () => dict.Items)),
            "get" => new FunctionValue(name, arguments =>
            {
                object?[] bound = arguments.Bind("get", "key", "default?");
                if (dict.TryGet(bound[0], out object? found)) return found;
                return ReferenceEquals(bound[1], Arguments.Missing) ? null : bound[1];
            }),
            "copy" => new FunctionValue(name, _ =>
            {
                var copy = new DictValue();
                foreach ((object? key, object? item) in dict.Entries) copy.Set(key, item);
                return copy;
            }),
            _ => null,
        };
        return value is not null;
    }

    private static bool MacroAttribute(MacroValue macro, string name, out object? value)
    {
        MacroDefinition definition = macro.Definition;
        bool known = true;
        value = name switch
        {
            "name" => TextValue.FromTemplate(definition.Name),
            "arguments" => new TupleValue([.. definition.Parameters.Select(parameter => TextValue.FromTemplate(parameter.Name))]),
            "catch_kwargs" => definition.UsesKwargs,
            "catch_varargs" => definition.UsesVarargs,
            "caller" => definition.UsesCaller,
            _ => known = false,
        };
        return known;
    }

    private static bool TryItemAt(object? target, BigInteger at, out object? value)
    {
        value = null;
        if (target is not (ListValue or TupleValue or TextValue or RangeValue or RecordValue { Items: not null })) return false;
        int length = Python.Length(target)!.Value;
        if (at.Sign < 0) at += length;
        if (at.Sign < 0 || at >= length) return false;
        int index = (int)at;
        value = target switch
        {
            ListValue list => list.Items[index],
            TupleValue tuple => tuple.Items[index],
            RangeValue range => range[index],
            RecordValue record => record.Items![index],
            _ => CodePoint((TextValue)target, index),
        };
        return true;
    }

    private static TextValue CodePoint(TextValue text, int index)
    {
        int start = text.UnitIndex(index);
        return text.Slice(start, text.UnitIndex(index + 1) - start);
    }

    private static object Slice(Budget budget, object? target, SliceValue slice)
    {
        if (target is DictValue) throw Fail.Type("unhashable type: 'slice'");
        if (target is not (ListValue or TupleValue or TextValue or RangeValue or RecordValue { Items: not null })) throw Fail.Type($"'{Python.TypeName(target)}' object is not subscriptable");
        if (!IsBound(slice.Start) || !IsBound(slice.Stop) || !IsBound(slice.Step)) throw Fail.Type("slice indices must be integers or None or have an __index__ method");
        int length = Python.Length(target)!.Value;
        BigInteger step = slice.Step is null ? 1 : Integer(slice.Step);
        if (step.IsZero) throw Fail.Value("slice step cannot be zero");
        BigInteger start = Bound(slice.Start, length, step, step.Sign > 0 ? 0 : length - 1);
        BigInteger stop = Bound(slice.Stop, length, step, step.Sign > 0 ? length : -1);
        int count = (int)(step.Sign > 0 ? RangeValue.Distance(start, stop, step) : RangeValue.Distance(stop, start, -step));
        if (target is TextValue text)
        {
            budget.SpendText(count);
            if (step.IsOne) return count == 0 ? TextValue.Empty : text.Slice(text.UnitIndex((int)start), text.UnitIndex((int)start + count) - text.UnitIndex((int)start));
            budget.SpendCharacters(count);
            var output = new TextBuilder();
            for (int i = 0; i < count; i++) output.Append(CodePoint(text, (int)(start + i * step)));
            return output.ToText();
        }
        budget.SpendItems(count);
        if (target is RangeValue range) return new RangeValue(range.Start + range.Step * start, range.Start + range.Step * (start + step * count), range.Step * step);
        IReadOnlyList<object?> items = target switch { ListValue list => list.Items, TupleValue tuple => tuple.Items, _ => ((RecordValue)target).Items! };
        var part = new object?[count];
        for (int i = 0; i < count; i++) part[i] = items[(int)(start + i * step)];
        return target is ListValue ? new ListValue([.. part]) : new TupleValue(part);
    }

    private static bool IsBound(object? value) => value is null or BigInteger or bool;

    private static BigInteger Integer(object? value) => Python.TryInteger(value, out BigInteger integer) ? integer : 0;

    private static BigInteger Bound(object? value, int length, BigInteger step, int byDefault)
    {
        if (value is null) return byDefault;
        BigInteger bound = Integer(value);
        if (bound.Sign < 0) bound += length;
        int lowest = step.Sign > 0 ? 0 : -1, highest = step.Sign > 0 ? length : length - 1;
        return BigInteger.Max(lowest, BigInteger.Min(highest, bound));
    }
}
