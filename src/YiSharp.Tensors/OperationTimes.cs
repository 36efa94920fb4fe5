namespace YiSharp.Tensors;

/// <summary>Time spent in one kind of operation.</summary>
/// <param name="Name">Such as <c>attention</c>; a linear's is the last word of its module, such as <c>q_proj</c>.</param>
/// <param name="Seconds">Sum over its calls.</param>
/// <param name="CallCount">Its calls.</param>
/// <param name="Operations">Products and additions of linears; 0 for others.</param>
/// <param name="WeightBytes">Bytes of linears' weights, counted in each call; 0 for others.</param>
public sealed record OperationTime(string Name, double Seconds, long CallCount, double Operations, double WeightBytes);

/// <summary>Times of a computation's operations, kind by kind, in the order in which they first ran.</summary>
public sealed class OperationTimes
{
    private readonly List<OperationTime> _times = [];

    /// <summary>The kinds.</summary>
    public IReadOnlyList<OperationTime> All => _times;

    /// <summary>Adds one call.</summary>
    public void Add(string name, double seconds, double operations = 0, double weightBytes = 0)
    {
        int at = _times.FindIndex(time => time.Name == name);
        if (at < 0)
        {
            at = _times.Count;
            _times.Add(new OperationTime(name, 0, 0, 0, 0));
        }
        OperationTime old = _times[at];
        _times[at] = old with { Seconds = old.Seconds + seconds, CallCount = old.CallCount + 1, Operations = old.Operations + operations, WeightBytes = old.WeightBytes + weightBytes };
    }
}
