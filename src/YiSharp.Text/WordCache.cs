namespace YiSharp.Text;

/// <summary>
/// Ids of words met lately: a table of fixed size in which a newer word takes an older one's place. Entries are immutable and
/// references are swapped whole, so threads may share it without a lock.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are not kept, UTF-16 units.</summary>
    public const int LongestWord = 48;

    private const int SlotCount = 1 << 14;
    private readonly Entry?[] _slots = new Entry?[SlotCount];

    public bool TryGet(ReadOnlySpan<char> word, out int slot, out ReadOnlySpan<int> ids)
    {
        slot = string.GetHashCode(word, StringComparison.Ordinal) & (SlotCount - 1);
        Entry? entry = _slots[slot];
        bool found = entry is not null && word.SequenceEqual(entry.Word);
        ids = found ? entry!.Ids : default;
        return found;
    }

    public void Set(int slot, ReadOnlySpan<char> word, ReadOnlySpan<int> ids) => _slots[slot] = new Entry(word.ToString(), ids.ToArray());

    private sealed record Entry(string Word, int[] Ids);
}
