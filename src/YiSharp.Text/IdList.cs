namespace YiSharp.Text;

/// <summary>A growing array of ids.</summary>
internal sealed class IdList
{
    private int[] ids = new int[64];

    public int Count { get; private set; }

    public void Add(int id)
    {
        if (Count == ids.Length) Array.Resize(ref ids, ids.Length * 2);
        ids[Count++] = id;
    }

    public void Add(ReadOnlySpan<int> more)
    {
        if (Count + more.Length > ids.Length) Array.Resize(ref ids, Math.Max(ids.Length * 2, Count + more.Length));
        more.CopyTo(ids.AsSpan(Count));
        Count += more.Length;
    }

    public ReadOnlySpan<int> From(int start) => ids.AsSpan(start, Count - start);

    public int[] ToArray() => ids[..Count];
}
