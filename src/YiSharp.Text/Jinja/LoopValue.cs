using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary>The variable <c>loop</c> of a running loop.</summary>
internal sealed class LoopValue(List<object?> items, int depth0, Func<object?, TextValue>? recurse)
{
    private object? _lastChanged = Arguments.Missing;

    public int Index0 { get; set; }

    public int Length => items.Count;

    public bool TryGetAttribute(string name, out object? value)
    {
        bool known = true;
        value = name switch
        {
            "index" => new BigInteger(Index0 + 1),
            "index0" => new BigInteger(Index0),
            "revindex" => new BigInteger(Length - Index0),
            "revindex0" => new BigInteger(Length - Index0 - 1),
            "first" => Index0 == 0,
            "last" => Index0 == Length - 1,
            "length" => new BigInteger(Length),
            "depth" => new BigInteger(depth0 + 1),
            "depth0" => new BigInteger(depth0),
            "previtem" => Index0 > 0 ? items[Index0 - 1] : new UndefinedValue("there is no previous item"),
            "nextitem" => Index0 + 1 < Length ? items[Index0 + 1] : new UndefinedValue("there is no next item"),
            "cycle" => new FunctionValue("cycle", Cycle),
            "changed" => new FunctionValue("changed", Changed),
            _ => known = false,
        };
        return known;
    }

    public TextValue Recurse(object? inner) => recurse is null
        ? throw Fail.Type("The loop must have the 'recursive' marker to be called recursively.")
        : recurse(inner);

    private object? Cycle(Arguments arguments) => arguments.Positional.Count == 0
        ? throw Fail.Type("no items for cycling given")
        : arguments.Positional[Index0 % arguments.Positional.Count];

    private object Changed(Arguments arguments)
    {
        var now = new TupleValue([.. arguments.Positional]);
        bool changed = !Python.AreEqual(_lastChanged, now);
        _lastChanged = now;
        return changed;
    }
}
