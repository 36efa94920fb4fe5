using System.Runtime.InteropServices;

namespace YiSharp.Text;

/// <summary>Pieces and their ids, one to one; ids may leave holes.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> ids;
    private readonly List<string?> tokens;

    public Vocabulary(int capacity = 0)
    {
        ids = new Dictionary<string, int>(capacity, StringComparer.Ordinal);
        tokens = new List<string?>(capacity);
    }

    /// <summary>The largest id plus one.</summary>
    public int Size => tokens.Count;

    public int? IdOf(string token) => ids.TryGetValue(token, out int id) ? id : null;

    public string? TokenOf(int id) => (uint)id < (uint)tokens.Count ? tokens[id] : null;

    /// <summary>Adds a piece; false when the id or the piece is taken by another.</summary>
    public bool TryAdd(string token, int id)
    {
        if (TokenOf(id) is { } present) return present == token;
        ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, token, out bool exists);
        if (exists) return known == id;
        known = id;
        if (id >= tokens.Count) CollectionsMarshal.SetCount(tokens, id + 1);
        tokens[id] = token;
        return true;
    }
}
