using System.Runtime.InteropServices;

namespace YiSharp.Text;

/// <summary>Pieces and their ids, one to one; ids may leave holes.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly List<string?> _tokens;

    public Vocabulary(int capacity = 0)
    {
        _ids = new Dictionary<string, int>(capacity, StringComparer.Ordinal);
        _tokens = new List<string?>(capacity);
    }

    /// <summary>The largest id plus one.</summary>
    public int Size => _tokens.Count;

    public int? IdOf(string token) => _ids.TryGetValue(token, out int id) ? id : null;

    public int? IdOf(ReadOnlySpan<char> token) => _ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out int id) ? id : null;

    public string? TokenOf(int id) => (uint)id < (uint)_tokens.Count ? _tokens[id] : null;

    /// <summary>Adds a piece; false when the id or the piece is taken by another.</summary>
    public bool TryAdd(string token, int id)
    {
        if (TokenOf(id) is { } present) return present == token;
        ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, token, out bool exists);
        if (exists) return known == id;
        known = id;
        if (id >= _tokens.Count) CollectionsMarshal.SetCount(_tokens, id + 1);
        _tokens[id] = token;
        return true;
    }
}
