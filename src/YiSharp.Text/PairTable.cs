using System.Numerics;

namespace YiSharp.Text;

/// <summary>A hash table from pairs of ids to a rank and an id; open addressing, filled once and then only read.</summary>
internal sealed class PairTable
{
    private const ulong Empty = ulong.MaxValue;
    private readonly ulong[] _keys;
    private readonly (int Rank, int Id)[] _values;
    private readonly int _shift;

    public PairTable(int capacity)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2L));
        _keys = new ulong[size];
        Array.Fill(_keys, Empty);
        _values = new (int, int)[size];
        _shift = 64 - BitOperations.Log2((uint)size);
    }

    /// <summary>Stores a pair; the last of equal ones counts, as in tokenizers' map of merges.</summary>
    public void Set(int left, int right, int rank, int id)
    {
        ulong key = Key(left, right);
        int slot = Slot(key);
        _keys[slot] = key;
        _values[slot] = (rank, id);
    }

    public bool TryGet(int left, int right, out int rank, out int id)
    {
        ulong key = Key(left, right);
        int slot = Slot(key);
        (rank, id) = _values[slot];
        return _keys[slot] == key;
    }

    public bool Contains(int left, int right)
    {
        ulong key = Key(left, right);
        return _keys[Slot(key)] == key;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong key)
    {
        int slot = (int)(key * 0x9E3779B97F4A7C15UL >> _shift);
        while (_keys[slot] != key && _keys[slot] != Empty) slot = (slot + 1) & (_keys.Length - 1);
        return slot;
    }
}
