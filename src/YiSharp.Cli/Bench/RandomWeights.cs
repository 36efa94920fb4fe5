using System.Collections;
using System.Diagnostics.CodeAnalysis;
using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>
/// A model's weights at random. Each tensor has memory of its own, made when it is first asked for, for those who read weights where they lie; those
/// who copy them take <see cref="Shared"/>, and a model as large as memory can be loaded.
/// </summary>
internal sealed class RandomWeights : IReadOnlyDictionary<string, WeightData>
{
    private const ulong Seed = 1;

    /// <summary>Blocks that are drawn; tensors repeat them, each from another one on. A prime, so that rows differ.</summary>
    private const int DrawnBlocks = 65_521;

    private readonly Dictionary<string, LlamaTensor> _tensors;
    private readonly byte[] _blocks;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, WeightData> _made = new(StringComparer.Ordinal);

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

    /// <summary>All tensors over the same memory, little longer than the largest: for a backend that packs them, or a file to be written.</summary>
    /// <returns>The tensors, and their memory, to be disposed of when they were copied.</returns>
    public (IReadOnlyDictionary<string, WeightData> Weights, IDisposable Memory) Shared()
    {
        TensorMemory memory = Drawn(_tensors.Values.Where(tensor => !tensor.IsVector).Max(BytesOf) + _blocks.Length, firstBlock: 0);
        WeightData Within(LlamaTensor tensor) => new(tensor.Name, Format, tensor.Rows, tensor.Columns, memory, FirstBlockOf(tensor) * Format.BlockBytes);
        return (_tensors.Values.ToDictionary(tensor => tensor.Name, tensor => tensor.IsVector ? Make(tensor) : Within(tensor), StringComparer.Ordinal), memory);
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
        if (!_made.TryGetValue(tensor.Name, out WeightData? made)) _made[tensor.Name] = made = Draw(tensor);
        return made;
    }

    private WeightData Draw(LlamaTensor tensor)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (tensor.IsVector)
        {
            var values = new float[tensor.Columns];
            if (tensor.Name.EndsWith(".weight", StringComparison.Ordinal)) Array.Fill(values, 1f); // a gain; biases are 0
            return WeightData.FromFloats(tensor.Name, 1, tensor.Columns, values);
        }
        return new WeightData(tensor.Name, Format, tensor.Rows, tensor.Columns, Drawn(BytesOf(tensor), FirstBlockOf(tensor)));
    }

    private static long FirstBlockOf(LlamaTensor tensor) => (long)(RandomStream.For(Seed, tensor.Name).NextUInt64() % DrawnBlocks);

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
}
