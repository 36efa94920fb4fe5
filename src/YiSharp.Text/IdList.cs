using System.Buffers;

namespace YiSharp.Text;

/// <summary>A growing array of ids, in rented memory.</summary>
internal sealed class IdList(int capacity)
{
    private int[] _ids = ArrayPool<int>.Shared.Rent(Math.Max(16, capacity));

    public int Count { get; private set; }

    public void Add(int id)
    {
        if (Count == _ids.Length) Grow(1);
        _ids[Count++] = id;
    }

    public void Add(ReadOnlySpan<int> more)
    {
        if (more.Length == 1)
        {
            Add(more[0]);
            return;
        }
        if (more.Length > _ids.Length - Count) Grow(more.Length);
        more.CopyTo(_ids.AsSpan(Count));
        Count += more.Length;
    }

    public ReadOnlySpan<int> From(int start) => _ids.AsSpan(start, Count - start);

    /// <summary>The ids; the list is done with.</summary>
    public int[] TakeArray()
    {
        int[] ids = _ids[..Count];
        ArrayPool<int>.Shared.Return(_ids);
        (_ids, Count) = ([], 0);
        return ids;
    }

    private void Grow(int more)
    {
        int[] larger = ArrayPool<int>.Shared.Rent(Math.Max(2 * _ids.Length, Count + more));
        From(0).CopyTo(larger);
        ArrayPool<int>.Shared.Return(_ids);
        _ids = larger;
    }
}
