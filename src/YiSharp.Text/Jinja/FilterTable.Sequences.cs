using System.Globalization;
using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <content>Filters over sequences.</content>
internal static partial class FilterTable
{
    private static object Length(object? value) =>
        Python.Length(value) is { } length ? new BigInteger(length) : throw Fail.Type($"object of type '{Python.TypeName(value)}' has no len()");

    private static object? First(Interpreter interpreter, object? value)
    {
        interpreter.Budget.Spend();
        foreach (object? item in Python.Iterate(value)) return item;
        return new UndefinedValue("No first item, sequence was empty.");
    }

    private static object? Last(Interpreter interpreter, object? value)
    {
        if (value is GeneratorValue) throw Fail.Type("'generator' object is not reversible");
        List<object?> items = interpreter.Materialize(value);
        return items.Count > 0 ? items[^1] : new UndefinedValue("No last item, sequence was empty.");
    }

    private static object Items(object? value) => value switch
    {
        DictValue dict => new GeneratorValue(dict.Entries.Select(entry => (object?)new TupleValue(entry.Key, entry.Value))),
        _ => Later(() => value is UndefinedValue ? [] : throw Fail.Type("Can only get item pairs from a mapping.")),
    };

    /// <summary>A generator that does nothing, and finds no fault, until it is walked.</summary>
    private static GeneratorValue Later(Func<IEnumerable<object?>> items)
    {
        return new GeneratorValue(Walk());
        IEnumerable<object?> Walk()
        {
            foreach (object? item in items()) yield return item;
        }
    }

    private static object Reverse(Interpreter interpreter, object? value, Arguments arguments)
    {
        if (value is TextValue text)
        {
            interpreter.Budget.SpendCharacters(text.Length);
            var output = new TextBuilder();
            foreach (TextValue character in Python.Characters(text).Reverse()) output.Append(character);
            return output.ToText();
        }
        List<object?> items = interpreter.Materialize(value);
        items.Reverse();
        return value is GeneratorValue ? new ListValue(items) : new GeneratorValue(items);
    }

    private static object Join(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("join", "d?", "attribute?");
        TextValue separator = IsGiven(bound[0]) ? Python.Str(bound[0], interpreter.Budget) : TextValue.Empty;
        Func<object?, object?> get = IsGiven(bound[1]) && bound[1] is not null ? Getter(interpreter, bound[1]) : item => item;
        var output = new TextBuilder();
        bool first = true;
        foreach (object? item in interpreter.Materialize(value))
        {
            if (!first) output.Append(separator);
            first = false;
            TextValue text = Python.Str(get(item), interpreter.Budget);
            output.Append(text);
            interpreter.Budget.SpendText(text.Length + separator.Length);
            if (output.Length > Budget.MaxTextLength) interpreter.Budget.SpendText(output.Length);
        }
        return output.ToText();
    }

    private static object Map(Interpreter interpreter, object? value, Arguments arguments) => Later(() => Mapped(interpreter, value, arguments));

    private static IEnumerable<object?> Mapped(Interpreter interpreter, object? value, Arguments arguments)
    {
        if (!Python.Truth(value)) return [];
        Func<object?, object?> convert;
        if (arguments.Positional.Count == 0)
        {
            object?[] bound = arguments.Bind("map", "attribute?", "default?");
            if (!IsGiven(bound[0])) throw Fail.Runtime("map requires a filter argument");
            Func<object?, object?> get = Getter(interpreter, bound[0]);
            convert = item => get(item) is var found && found is UndefinedValue && IsGiven(bound[1]) ? bound[1] : found;
        }
        else
        {
            string name = Python.Str(arguments.Positional[0], interpreter.Budget).Value;
            var rest = new Arguments { Positional = arguments.Positional[1..], Named = arguments.Named };
            if (!Contains(name)) throw Fail.Runtime($"No filter named '{name}'.");
            convert = item => Apply(interpreter, name, item, rest);
        }
        return Walk(interpreter, value).Select(convert);
    }

    private static object Select(Interpreter interpreter, object? value, Arguments arguments, string filter, bool keep, bool byAttribute) =>
        Later(() => Selected(interpreter, value, arguments, filter, keep, byAttribute));

    private static IEnumerable<object?> Selected(Interpreter interpreter, object? value, Arguments arguments, string filter, bool keep, bool byAttribute)
    {
        if (!Python.Truth(value)) return [];
        List<object?> rest = [.. arguments.Positional];
        Func<object?, object?> get = item => item;
        if (byAttribute)
        {
            if (rest.Count == 0) throw Fail.Runtime($"{filter} requires an attribute argument");
            get = Getter(interpreter, rest[0]);
            rest.RemoveAt(0);
        }
        Func<object?, bool> test = item => Python.Truth(get(item));
        if (rest.Count > 0)
        {
            string name = Python.Str(rest[0], interpreter.Budget).Value;
            if (!TestTable.Contains(name)) throw Fail.Runtime($"No test named '{name}'.");
            var testArguments = new Arguments { Positional = rest[1..], Named = arguments.Named };
            test = item => TestTable.Apply(interpreter, name, get(item), testArguments);
        }
        return Walk(interpreter, value).Where(item => test(item) == keep);
    }

    /// <summary>The items of a sequence, each paid for when it is taken.</summary>
    private static IEnumerable<object?> Walk(Interpreter interpreter, object? value) => Python.Iterate(value).Select(item =>
    {
        interpreter.Budget.Spend();
        return item;
    });

    private static object Sort(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("sort", "reverse?", "case_sensitive?", "attribute?");
        return new ListValue(Sorted(interpreter, interpreter.Materialize(value), Keys(interpreter, bound[2], IsTrue(bound[1])), IsTrue(bound[0])));
    }

    private static object DictSort(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("dictsort", "case_sensitive?", "by?", "reverse?");
        string by = IsGiven(bound[1]) ? Python.Str(bound[1], interpreter.Budget).Value : "key";
        if (by is not ("key" or "value")) throw Fail.Runtime("You can only sort by either \"key\" or \"value\"");
        if (value is UndefinedValue undefined) throw undefined.Error();
        if (value is not DictValue dict) throw Fail.Type($"'{Python.TypeName(value)}' object has no attribute 'items'");
        bool caseSensitive = IsTrue(bound[0]);
        List<object?> pairs = [.. dict.Entries.Select(entry => (object?)new TupleValue(entry.Key, entry.Value))];
        return new ListValue(Sorted(interpreter, pairs, pair => [Folded(((TupleValue)pair!).Items[by == "key" ? 0 : 1], caseSensitive)], IsTrue(bound[2]), bareKeys: true));
    }

    private static object Unique(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("unique", "case_sensitive?", "attribute?");
        Func<object?, object?[]> key = Keys(interpreter, bound[1], IsTrue(bound[0]));
        var seen = new DictValue();
        return Later(() => Walk(interpreter, value).Where(item =>
        {
            object? folded = key(item)[0];
            if (seen.TryGet(folded, out _)) return false;
            seen.Set(folded, null);
            return true;
        }));
    }

    private static object? Extreme(Interpreter interpreter, object? value, Arguments arguments, bool largest)
    {
        object?[] bound = arguments.Bind(largest ? "max" : "min", "case_sensitive?", "attribute?");
        Func<object?, object?[]> key = Keys(interpreter, bound[1], IsTrue(bound[0]));
        List<object?> items = interpreter.Materialize(value);
        if (items.Count == 0) return new UndefinedValue("No aggregated item, sequence was empty.");
        object? best = items[0];
        foreach (object? item in items.Skip(1))
        {
            if (Python.Compare(key(item)[0], key(best)[0], largest ? ">" : "<") is { } order && (largest ? order > 0 : order < 0)) best = item;
        }
        return best;
    }

    private static object? Sum(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("sum", "attribute?", "start?");
        Func<object?, object?> get = IsGiven(bound[0]) && bound[0] is not null ? Getter(interpreter, bound[0]) : item => item;
        object? sum = IsGiven(bound[1]) ? bound[1] : BigInteger.Zero;
        if (sum is TextValue) throw Fail.Type("sum() can't sum strings [use ''.join(seq) instead]");
        foreach (object? item in interpreter.Materialize(value)) sum = Arithmetic.Apply(interpreter, "+", sum, get(item));
        return sum;
    }

    private static object GroupBy(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("groupby", "attribute", "default?", "case_sensitive?");
        Func<object?, object?> get = Getter(interpreter, bound[0]);
        Func<object?, object?> withDefault = item => get(item) is var found && found is UndefinedValue && IsGiven(bound[1]) ? bound[1] : found;
        bool caseSensitive = IsTrue(bound[2]);
        List<object?> items = Sorted(interpreter, interpreter.Materialize(value), item => [Folded(withDefault(item), caseSensitive)], reverse: false, bareKeys: true);
        var groups = new List<object?>();
        for (int start = 0, end; start < items.Count; start = end)
        {
            object? key = Folded(withDefault(items[start]), caseSensitive);
            for (end = start + 1; end < items.Count && Python.AreEqual(key, Folded(withDefault(items[end]), caseSensitive)); end++) { }
            (object? grouper, var list) = (withDefault(items[start]), new ListValue(items[start..end]));
            groups.Add(new RecordValue("_GroupTuple") { Attributes = { ["grouper"] = () => grouper, ["list"] = () => list }, Items = [grouper, list] });
        }
        return new ListValue(groups);
    }

    private static object Batch(Interpreter interpreter, object? value, Arguments arguments) => Later(() => Batches(interpreter, value, arguments));

    private static List<object?> Batches(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("batch", "linecount", "fill_with?");
        int size = Integer(bound[0], 1);
        List<object?> items = interpreter.Materialize(value);
        var batches = new List<object?>();
        for (int start = 0; start < items.Count; start += Math.Max(1, size))
        {
            List<object?> batch = items.GetRange(start, Math.Min(Math.Max(1, size), items.Count - start));
            if (IsGiven(bound[1]) && bound[1] is not null)
            {
                interpreter.Budget.SpendItems(size);
                while (batch.Count < size) batch.Add(bound[1]);
            }
            batches.Add(new ListValue(batch));
        }
        return batches;
    }

    private static object Slice(Interpreter interpreter, object? value, Arguments arguments) => Later(() => Slices(interpreter, value, arguments));

    private static List<object?> Slices(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("slice", "slices", "fill_with?");
        int slices = Integer(bound[0], 1);
        if (slices <= 0) throw new TemplateException(TemplateErrorKind.Other, "ZeroDivisionError: integer division or modulo by zero");
        List<object?> items = interpreter.Materialize(value);
        interpreter.Budget.SpendItems(slices);
        (int perSlice, int longer) = Math.DivRem(items.Count, slices);
        var parts = new List<object?>();
        for (int slice = 0, start = 0; slice < slices; slice++)
        {
            int count = perSlice + (slice < longer ? 1 : 0);
            List<object?> part = items.GetRange(start, count);
            if (IsGiven(bound[1]) && bound[1] is not null && slice >= longer) part.Add(bound[1]);
            parts.Add(new ListValue(part));
            start += count;
        }
        return parts;
    }

    /// <summary>Reads an attribute path such as <c>function.name</c> or <c>0.role</c> from an item.</summary>
    private static Func<object?, object?> Getter(Interpreter interpreter, object? attribute)
    {
        object?[] path = attribute is TextValue text
            ? [.. text.Value.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) && part.Length < 10 ? (object)BigInteger.Parse(part, CultureInfo.InvariantCulture) : TextValue.FromTemplate(part))]
            : [attribute];
        return item =>
        {
            foreach (object? part in path) item = Attributes.GetItem(interpreter, item, part);
            return item;
        };
    }

    private static Func<object?, object?[]> Keys(Interpreter interpreter, object? attribute, bool caseSensitive)
    {
        if (!IsGiven(attribute) || attribute is null) return item => [Folded(item, caseSensitive)];
        Func<object?, object?>[] getters = attribute is TextValue text
            ? [.. text.Value.Split(',').Select(part => Getter(interpreter, TextValue.FromTemplate(part)))]
            : [Getter(interpreter, attribute)];
        return item => [.. getters.Select(get => Folded(get(item), caseSensitive))];
    }

    private static object? Folded(object? value, bool caseSensitive) => value is TextValue text && !caseSensitive ? TextValue.FromCaller(CaseMapping.ToLower(text.Value)) : value;

    /// <summary>
    /// A stable sort; in reverse, equals keep their order, as in Python. Bare keys are compared by order alone; lists of keys look for equals first, so that two
    /// undefined ones do no harm.
    /// </summary>
    private static List<object?> Sorted(Interpreter interpreter, List<object?> items, Func<object?, object?[]> keysOf, bool reverse, bool bareKeys = false)
    {
        object?[][] keys = [.. items.Select(keysOf)];
        int[] order = [.. Enumerable.Range(0, items.Count)];
        var comparer = Comparer<int>.Create((x, y) =>
        {
            if (x == y) return 0;
            interpreter.Budget.Spend();
            for (int i = 0; i < keys[x].Length; i++)
            {
                int step = !bareKeys && Python.AreEqual(keys[x][i], keys[y][i]) ? 0 : Python.Compare(keys[x][i], keys[y][i], "<") ?? 0;
                if (step != 0) return reverse ? -step : step;
            }
            return x.CompareTo(y);
        });
        MergeSort(order, comparer);
        return [.. order.Select(index => items[index])];
    }

    /// <summary>Sorts stably whatever the order says: NaN has none, and the platform's sort may refuse that.</summary>
    private static void MergeSort(int[] order, Comparer<int> comparer)
    {
        (int[] from, int[] to) = (order, new int[order.Length]);
        for (int width = 1; width < order.Length; width *= 2)
        {
            for (int start = 0; start < order.Length; start += 2 * width)
            {
                int middle = Math.Min(start + width, order.Length), end = Math.Min(start + 2 * width, order.Length);
                for (int left = start, right = middle, at = start; at < end; at++)
                    to[at] = left < middle && (right == end || comparer.Compare(from[left], from[right]) <= 0) ? from[left++] : from[right++];
            }
            (from, to) = (to, from);
        }
        from.CopyTo(order, 0);
    }
}
