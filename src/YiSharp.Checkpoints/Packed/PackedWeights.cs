using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>A model's weights, all of them finite, each with its packed form where it has one: in a file that is mapped, or in memory.</summary>
public sealed class PackedWeights : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _owned;

    private PackedWeights(IReadOnlyDictionary<string, WeightData> weights, IReadOnlyList<IDisposable> owned) => (Weights, _owned) = (weights, owned);

    /// <summary>Every tensor of the model under Hugging Face's names; those that have no packed form are as in the checkpoint. Valid until this object or the checkpoint is disposed of.</summary>
    public IReadOnlyDictionary<string, WeightData> Weights { get; }

    /// <summary>The file that holds the packed form; null where it is in memory alone.</summary>
    public string? Path { get; private init; }

    /// <summary>Why it is in memory alone, one sentence; null where it is not.</summary>
    public string? WhyNotKept { get; private init; }

    /// <summary>Bytes of all packed forms of a model's weights.</summary>
    public static long LengthBytes(Checkpoint checkpoint) => checkpoint.Weights.Values.Sum(data => PackedForm.LengthBytes(data) ?? 0);

    /// <summary>Those in a file that holds all of a model's.</summary>
    internal static PackedWeights OfFile(Checkpoint checkpoint, PackedFile file)
    {
        var places = file.Header.Table.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var weights = checkpoint.Weights.ToDictionary(
            pair => pair.Key,
            pair => places.TryGetValue(pair.Value.Name, out PackedTensor? place) ? pair.Value.WithPacked(file.Memory, file.Header.DataStart + place.Offset) : pair.Value,
            StringComparer.Ordinal);
        return new PackedWeights(weights, [file]) { Path = file.Path };
    }

    /// <summary>Packs a model's weights in memory.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="parallelism">Threads to pack with.</param>
    /// <param name="progress">Told the packed bytes so far and in all; null for none.</param>
    /// <param name="cancellation">Ends it between two tensors.</param>
    /// <exception cref="InvalidDataException">One is infinite or no number.</exception>
    public static PackedWeights InMemory(Checkpoint checkpoint, Parallelism parallelism, Action<long, long>? progress = null, CancellationToken cancellation = default) =>
        InMemory(checkpoint, null, new PackingWork(parallelism, progress, cancellation));

    internal static PackedWeights InMemory(Checkpoint checkpoint, string? whyNotKept, PackingWork work)
    {
        var weights = new Dictionary<string, WeightData>(StringComparer.Ordinal);
        var owned = new List<IDisposable>();
        try
        {
            // The largest first: a tensor that is being packed stands in memory twice.
            work.Each(checkpoint, checkpoint.Weights.OrderByDescending(pair => (long)pair.Value.Rows * pair.Value.RowBytes), (name, data, bytes) =>
            {
                if (bytes is not long length)
                {
                    weights.Add(name, data);
                    return;
                }
                TensorMemory memory = TensorMemory.AllocateUnset(length);
                owned.Add(memory);
                PackedForm.Write(data, memory, work.Parallelism);
                weights.Add(name, data.WithPacked(memory));
            });
        }
        catch
        {
            foreach (IDisposable memory in owned) memory.Dispose();
            throw;
        }
        return new PackedWeights(weights, owned) { WhyNotKept = whyNotKept };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable memory in _owned) memory.Dispose();
    }
}

/// <summary>How packing goes on.</summary>
/// <param name="Parallelism">Threads to pack with.</param>
/// <param name="Progress">Told the packed bytes so far and in all; null for none.</param>
/// <param name="Cancellation">Ends it between two tensors.</param>
internal sealed record PackingWork(Parallelism Parallelism, Action<long, long>? Progress, CancellationToken Cancellation)
{
    /// <summary>Hands every weight of a model over once it is found to be finite, with the length of its packed form, and lets go what was read of it.</summary>
    /// <exception cref="InvalidDataException">One is infinite or no number.</exception>
    public void Each(Checkpoint checkpoint, IEnumerable<KeyValuePair<string, WeightData>> weights, Action<string, WeightData, long?> take)
    {
        long total = PackedWeights.LengthBytes(checkpoint), done = 0;
        foreach ((string name, WeightData data) in weights)
        {
            Cancellation.ThrowIfCancellationRequested();
            if (!data.IsFinite(Parallelism)) checkpoint.RequireFinite(Cancellation);
            long? bytes = PackedForm.LengthBytes(data);
            take(name, data, bytes);
            data.Release();
            done += bytes ?? 0;
            Progress?.Invoke(done, total);
        }
    }
}
