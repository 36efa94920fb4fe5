namespace YiSharp.Text.Jinja;

/// <summary>The variables of a block, inside those of the blocks around it.</summary>
internal sealed class Scope(Scope? parent)
{
    /// <summary>Up to here a look at every name is faster than a dictionary, and a loop makes a scope for each item.</summary>
    private const int MostInList = 8;

    private readonly Scope? _parent = parent;
    private (string Name, object? Value)[] _list = [];
    private Dictionary<string, object?>? _dictionary;
    private int _count;

    /// <summary>Scopes around this one.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    public void Set(string name, object? value)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_list[i].Name != name) continue;
            _list[i].Value = value;
            return;
        }
        if (_dictionary is null && _count < MostInList)
        {
            if (_count == _list.Length) Array.Resize(ref _list, _count == 0 ? 2 : MostInList);
            _list[_count++] = (name, value);
            return;
        }
        (_dictionary ??= new(StringComparer.Ordinal))[name] = value;
    }

    public bool TryGet(string name, out object? value)
    {
        for (Scope? scope = this; scope is not null; scope = scope._parent)
        {
            for (int i = 0; i < scope._count; i++)
            {
                if (scope._list[i].Name != name) continue;
                value = scope._list[i].Value;
                return true;
            }
            if (scope._dictionary?.TryGetValue(name, out value) == true) return true;
        }
        value = null;
        return false;
    }
}
