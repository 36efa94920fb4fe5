using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace YiSharp.Text.Jinja;

// Values of the language are objects: null is none; bool, BigInteger and double are Python's; the rest are the classes here and TextValue.

/// <summary>What a missing name, attribute or item is: prints as nothing, and complains when used further.</summary>
internal sealed class UndefinedValue(string reason, bool unsafeAttribute = false)
{
    public string Reason => reason;

    public TemplateException Error() => new(unsafeAttribute ? TemplateErrorKind.Security : TemplateErrorKind.Undefined, reason);
}

/// <summary>A list.</summary>
internal sealed class ListValue(List<object?> items)
{
    public List<object?> Items => items;
}

/// <summary>A tuple.</summary>
internal sealed class TupleValue(params object?[] items)
{
    public object?[] Items => items;
}

/// <summary>A dictionary in the order of insertion, with Python's idea of equal keys.</summary>
internal sealed class DictValue
{
    private static readonly object NoneKey = new();
    private readonly OrderedDictionary<object, object?> _entries = new(KeyComparer.Instance);

    public int Count => _entries.Count;

    public IEnumerable<object?> Keys => _entries.Keys.Select(key => ReferenceEquals(key, NoneKey) ? null : key);

    public IEnumerable<object?> Items => _entries.Values;

    public IEnumerable<KeyValuePair<object?, object?>> Entries =>
        _entries.Select(entry => KeyValuePair.Create(ReferenceEquals(entry.Key, NoneKey) ? null : entry.Key, entry.Value));

    public void Set(object? key, object? value) => _entries[key ?? NoneKey] = value;

    public bool TryGet(object? key, out object? value) => _entries.TryGetValue(key ?? NoneKey, out value);

    public bool TryGet(string key, out object? value) => _entries.TryGetValue(TextValue.FromCaller(key), out value);
}

/// <summary>A view of a dictionary: <c>items()</c>, <c>keys()</c> or <c>values()</c>.</summary>
internal sealed class DictView(string name, DictValue dictionary, Func<IEnumerable<object?>> items)
{
    public string Name => name;

    public DictValue Dictionary => dictionary;

    public IEnumerable<object?> Items => items();
}

/// <summary><c>range(start, stop, step)</c>.</summary>
internal sealed record RangeValue(BigInteger Start, BigInteger Stop, BigInteger Step)
{
    public int Count => (int)(Step > 0 ? Distance(Start, Stop, Step) : Distance(Stop, Start, -Step));

    public BigInteger this[int index] => Start + Step * index;

    public static BigInteger Distance(BigInteger low, BigInteger high, BigInteger step) => high <= low ? BigInteger.Zero : (high - low - 1) / step + 1;
}

/// <summary>A sequence that can be walked once: what <c>map</c> and <c>select</c> return.</summary>
internal sealed class GeneratorValue(IEnumerable<object?> items)
{
    private readonly IEnumerator<object?> _rest = items.GetEnumerator();

    /// <summary>Generators stand on generators, so a step may go as deep as there are.</summary>
    private bool Next()
    {
        Budget.Descend();
        return _rest.MoveNext();
    }

    public IEnumerable<object?> Rest()
    {
        while (Next()) yield return _rest.Current;
    }
}

/// <summary><c>namespace(…)</c>: attributes that a loop may set.</summary>
internal sealed class NamespaceValue
{
    private readonly Dictionary<string, object?> _attributes = new(StringComparer.Ordinal);

    public bool TryGet(string name, out object? value) => _attributes.TryGetValue(name, out value);

    public void Set(string name, object? value)
    {
        if (name.StartsWith('_'))
            throw Fail.Security($"Chat templates cannot store underscore-prefixed attributes on a namespace, but got '{name}'. Please rename the attribute.");
        _attributes[name] = value;
    }
}

/// <summary>Something that can be called.</summary>
internal sealed class FunctionValue(string name, Func<Arguments, object?> call)
{
    public string Name => name;

    public object? Call(Arguments arguments) => call(arguments);
}

/// <summary>An object with fixed attributes, such as <c>cycler</c>'s, and perhaps a call.</summary>
internal sealed class RecordValue(string typeName)
{
    public string TypeName => typeName;

    public Dictionary<string, Func<object?>> Attributes { get; init; } = new(StringComparer.Ordinal);

    public FunctionValue? Call { get; init; }

    /// <summary>Items by position, for records that are tuples too (<c>groupby</c>).</summary>
    public object?[]? Items { get; init; }
}

/// <summary>Equality of dictionary keys: 1, 1.0 and true are one key.</summary>
internal sealed class KeyComparer : IEqualityComparer<object>
{
    public static readonly KeyComparer Instance = new();

    public new bool Equals(object? x, object? y) => Python.AreEqual(x, y);

    public int GetHashCode([DisallowNull] object obj)
    {
        Budget.SpendComparison(obj is TextValue text ? text.Length : 0);
        return Hash(obj);
    }

    private int Hash(object obj) => obj switch
    {
        bool flag => flag ? 1 : 0,
        BigInteger integer => integer.GetHashCode(),
        double number => double.IsFinite(number) && Math.Floor(number) == number ? new BigInteger(number).GetHashCode() : number.GetHashCode(),
        TupleValue tuple => tuple.Items.Aggregate(17, (hash, item) => hash * 31 + (item is null ? 0 : GetHashCode(item))),
        ListValue or DictValue or DictView => throw Fail.Type($"unhashable type: '{Python.TypeName(obj)}'"),
        _ => obj.GetHashCode(),
    };
}

/// <summary>Errors in Python's words.</summary>
internal static class Fail
{
    public static TemplateException Type(string reason) => new(TemplateErrorKind.Other, "TypeError: " + reason);

    public static TemplateException Value(string reason) => new(TemplateErrorKind.Other, "ValueError: " + reason);

    public static TemplateException Runtime(string reason) => new(TemplateErrorKind.Other, reason);

    public static TemplateException Limit(string what) => new(TemplateErrorKind.Other, $"The template {what}; it loops for ever or is not a chat template.");

    public static TemplateException Security(string reason) => new(TemplateErrorKind.Security, reason);
}
