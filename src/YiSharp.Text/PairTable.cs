using System.Numerics;

namespace YiSharp.Text;

/// <summary>A hash table from pairs of ids to a rank and an id; open addressing, filled once and then only read.</summary>
internal sealed class PairTable
{
    private const ulong Empty = ulong.MaxValue;
    private readonly Slot[] _slots;
    private readonly int _shift;

    public PairTable(int capacity)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2L));
        _slots = new Slot[size];
        Array.Fill(_slots, new Slot(Empty, 0, 0));
        _shift = 64 - BitOperations.Log2((uint)size);
    }

    /// <summary>Stores a pair; the last of equal ones counts, as in tokenizers' map of merges.</summary>
    public void Set(int left, int right, int rank, int id)
    {
        ulong key = Key(left, right);
        Find(key) = new Slot(key, rank, id);
    }

    public bool TryGet(int left, int right, out int rank, out int id)
    {
        ulong key = Key(left, right);
        ref Slot slot = ref Find(key);
        (rank, id) = (slot.Rank, slot.Id);
        return slot.Key == key;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private ref Slot Find(ulong key)
    {
        Slot[] slots = _slots;
        int index = (int)(key * 0x9E3779B97F4A7C15UL >> _shift);
        while (slots[index].Key != key && slots[index].Key != Empty) index = (index + 1) & (slots.Length - 1);
        return ref slots[index];
    }

    /// <summary>Key and value side by side: a look-up touches one line of the processor's cache.</summary>
    private readonly record struct Slot(ulong Key, int Rank, int Id);
}
