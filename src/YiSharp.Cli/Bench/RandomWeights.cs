using System.Collections;
using System.Diagnostics.CodeAnalysis;
using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>
/// A model's weights at random, made when they are asked for: every look-up gives a tensor in memory of its own, which nothing here holds on
/// to. So whoever packs them has no second copy, and a model as large as memory can be loaded.
/// </summary>
internal sealed class RandomWeights : IReadOnlyDictionary<string, WeightData>
{
    private const ulong Seed = 1;

    /// <summary>Blocks that are drawn; tensors repeat them, each from another one on. A prime, so that rows differ.</summary>
    private const int DrawnBlocks = 65_521;

    /// <summary>Bytes of tensors after which those that nobody holds any more are handed back to the system.</summary>
    private const long CollectBytes = 256L << 20;

    private readonly Dictionary<string, LlamaTensor> _tensors;
    private readonly byte[] _blocks;
    private readonly CancellationToken _cancellation;
    private long _uncollectedBytes;

    /// <summary>Weights for a shape.</summary>
    /// <param name="config">What they are for.</param>
    /// <param name="format">Of all matrices; vectors are F32.</param>
    /// <param name="cancellation">Ends the making at the next tensor.</param>
    public RandomWeights(LlamaConfig config, WeightFormat format, CancellationToken cancellation = default)
    {
        Format = format;
        _tensors = LlamaTensors.Of(config).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        _blocks = RandomFormats.Blocks(format, DrawnBlocks, RandomStream.For(Seed, "weights"));
        _cancellation = cancellation;
    }

    /// <summary>How matrices are stored.</summary>
    public WeightFormat Format { get; }

    /// <summary>Bytes of all tensors.</summary>
    public long LengthBytes => _tensors.Values.Sum(BytesOf);

    /// <inheritdoc/>
    public WeightData this[string name] => Make(_tensors[name]);

    /// <inheritdoc/>
    public int Count => _tensors.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <inheritdoc/>
    public IEnumerable<WeightData> Values => _tensors.Values.Select(Make);

    /// <summary>All tensors over the same memory, that of the largest: for a file to be written, where it does not matter that they are alike.</summary>
    public IReadOnlyDictionary<string, WeightData> Shared()
    {
        TensorMemory memory = Drawn(_tensors.Values.Where(tensor => !tensor.IsVector).Max(BytesOf), firstBlock: 0);
        return _tensors.Values.ToDictionary(tensor => tensor.Name, tensor => tensor.IsVector ? Make(tensor) : new WeightData(tensor.Name, Format, tensor.Rows, tensor.Columns, memory), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out WeightData value)
    {
        value = _tensors.TryGetValue(key, out LlamaTensor tensor) ? Make(tensor) : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, WeightData>> GetEnumerator() => _tensors.Values.Select(tensor => KeyValuePair.Create(tensor.Name, Make(tensor))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private long BytesOf(LlamaTensor tensor) => tensor.IsVector ? WeightFormat.F32.RowBytes(tensor.Columns) : tensor.Rows * Format.RowBytes(tensor.Columns);

    private WeightData Make(LlamaTensor tensor)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (tensor.IsVector)
        {
            var values = new float[tensor.Columns];
            if (tensor.Name.EndsWith(".weight", StringComparison.Ordinal)) Array.Fill(values, 1f); // a gain; biases are 0
            return WeightData.FromFloats(tensor.Name, 1, tensor.Columns, values);
        }
        long length = BytesOf(tensor);
        Collect(length);
        TensorMemory memory = Drawn(length, (long)(RandomStream.For(Seed, tensor.Name).NextUInt64() % DrawnBlocks));
        return new WeightData(tensor.Name, Format, tensor.Rows, tensor.Columns, memory);
    }

    private TensorMemory Drawn(long length, long firstBlock)
    {
        TensorMemory memory = TensorMemory.AllocateUnset(length);
        long from = firstBlock * Format.BlockBytes;
        for (long done = 0; done < length;)
        {
            int count = (int)Math.Min(_blocks.Length - from, length - done);
            _blocks.AsSpan((int)from, count).CopyTo(memory.Slice(done, count));
            (done, from) = (done + count, 0);
        }
        return memory;
    }

    /// <summary>Memory outside of the managed heap goes back when its holder is found to be gone, which a collection has to look for.</summary>
    private void Collect(long moreBytes)
    {
        _uncollectedBytes += moreBytes;
        if (_uncollectedBytes <= CollectBytes) return;
        _uncollectedBytes = moreBytes;
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
