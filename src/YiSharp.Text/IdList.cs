namespace YiSharp.Text;

/// <summary>A growing array of ids.</summary>
internal sealed class IdList
{
    private int[] _ids = new int[64];

    public int Count { get; private set; }

    public void Add(int id)
    {
        if (Count == _ids.Length) Array.Resize(ref _ids, _ids.Length * 2);
        _ids[Count++] = id;
    }

    public void Add(ReadOnlySpan<int> more)
    {
        if (Count + more.Length > _ids.Length) Array.Resize(ref _ids, Math.Max(_ids.Length * 2, Count + more.Length));
        more.CopyTo(_ids.AsSpan(Count));
        Count += more.Length;
    }

    public ReadOnlySpan<int> From(int start) => _ids.AsSpan(start, Count - start);

    public int[] ToArray() => _ids[..Count];
}
