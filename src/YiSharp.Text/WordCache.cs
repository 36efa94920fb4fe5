using System.Runtime.InteropServices;

namespace YiSharp.Text;

/// <summary>
/// Ids of words met lately: a table of fixed size, two places for a word, in which a newer word drives out an older one. Entries are immutable and
/// references are swapped whole, so threads may share it without a lock.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are not kept, UTF-16 units.</summary>
    public const int LongestWord = 48;

    private const int Ways = 2;
    private const int Log2Buckets = 15;

    /// <summary>Each is one array, so that a hit touches little memory: the word's length; its UTF-16 units, two an element; its ids.</summary>
    private readonly int[]?[] _slots = new int[Ways << Log2Buckets][];

    /// <summary>Looks up a word; otherwise gives the slots to <see cref="Set"/> it in.</summary>
    public bool TryGet(ReadOnlySpan<char> word, out int slot, out ReadOnlySpan<int> ids)
    {
        slot = Ways * (int)(Hash(word) >> (64 - Log2Buckets));
        if (IsOf(_slots[slot], word, out ids)) return true;
        return IsOf(_slots[slot + 1], word, out ids);
    }

    public void Set(int slot, ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        var entry = new int[IdsStart(word.Length) + ids.Length];
        entry[0] = word.Length;
        word.CopyTo(WordOf(entry));
        ids.CopyTo(entry.AsSpan(IdsStart(word.Length)));
        _slots[slot + 1] = _slots[slot];
        _slots[slot] = entry;
    }

    private static bool IsOf(int[]? entry, ReadOnlySpan<char> word, out ReadOnlySpan<int> ids)
    {
        ids = default;
        if (entry is null || entry[0] != word.Length || !word.SequenceEqual(WordOf(entry))) return false;
        ids = entry.AsSpan(IdsStart(word.Length));
        return true;
    }

    private static int IdsStart(int wordLength) => 1 + (wordLength + 1) / 2;

    private static Span<char> WordOf(int[] entry) => MemoryMarshal.Cast<int, char>(entry.AsSpan(1))[..entry[0]];

    /// <summary>
    /// Multiply and fold, four units at a time, the last four once more. An unlucky choice of words only makes the cache useless, so it needs no secret.
    /// </summary>
    private static ulong Hash(ReadOnlySpan<char> word)
    {
        const int Step = 4;
        if (word.Length < Step) return Mix((ulong)word[0] | (ulong)word[word.Length / 2] << 16 | (ulong)word[^1] << 32 | (ulong)word.Length << 48);

        ulong hash = (ulong)word.Length;
        for (int index = 0; index < word.Length - Step; index += Step) hash = Mix(hash ^ Read(word[index..]));
        return Mix(hash ^ Read(word[^Step..]));
    }

    private static ulong Read(ReadOnlySpan<char> units) => MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(units));

    private static ulong Mix(ulong value)
    {
        ulong product = value * 0x9E3779B97F4A7C15;
        return (product ^ product >> 32) * 0xD6E8FEB86659FD93;
    }
}
