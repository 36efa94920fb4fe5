using System.Diagnostics;

namespace YiSharp.Tensors;

/// <summary>Wraps a backend: says how long each operation takes while it is asked to, and can be stopped between two of them.</summary>
/// <param name="inner">Where the operations are computed; it belongs to the caller.</param>
/// <param name="cancellation">Ends a forward pass before its next operation.</param>
public sealed class TimingBackend(IBackend inner, CancellationToken cancellation = default) : IBackend
{
    private const string WeightSuffix = ".weight";

    private readonly Dictionary<string, string> _modules = [];

    /// <summary>Where times are added; null times nothing.</summary>
    /// <value>null</value>
    public OperationTimes? Times { get; set; }

    /// <inheritdoc/>
    public Weight Load(WeightData data)
    {
        cancellation.ThrowIfCancellationRequested();
        return inner.Load(data);
    }

    /// <inheritdoc/>
    public KvCache CreateKvCache(int layerCount, AttentionShape shape, int maxTokens) => inner.CreateKvCache(layerCount, shape, maxTokens);

    /// <inheritdoc/>
    public Tensor Embedding(Weight table, ReadOnlySpan<int> ids)
    {
        long start = Start();
        return Ended("embedding", start, inner.Embedding(table, ids));
    }

    /// <inheritdoc/>
    public Tensor SelectRows(Tensor x, ReadOnlySpan<int> rows)
    {
        long start = Start();
        return Ended("select", start, inner.SelectRows(x, rows));
    }

    /// <inheritdoc/>
    public Tensor RmsNorm(Tensor x, Weight gain, float epsilon)
    {
        long start = Start();
        return Ended("norm", start, inner.RmsNorm(x, gain, epsilon));
    }

    /// <inheritdoc/>
    public Tensor Linear(Tensor x, Weight weight)
    {
        long start = Start();
        Tensor y = inner.Linear(x, weight);
        Times?.Add(ModuleOf(weight), Stopwatch.GetElapsedTime(start).TotalSeconds, 2.0 * x.Rows * weight.Rows * weight.Columns, weight.LengthBytes);
        return y;
    }

    /// <inheritdoc/>
    public void LinearAll(Tensor x, ReadOnlySpan<Weight> weights, Span<Tensor> results)
    {
        if (Times is null)
        {
            inner.LinearAll(x, weights, results);
            return;
        }
        // One by one: a time of their own says more than a few shared loops.
        for (int i = 0; i < weights.Length; i++) results[i] = Linear(x, weights[i]);
    }

    /// <inheritdoc/>
    public Tensor AddBias(Tensor x, Weight bias)
    {
        long start = Start();
        return Ended("bias", start, inner.AddBias(x, bias));
    }

    /// <inheritdoc/>
    public void Rotary(Tensor x, RotaryTable table, SequenceBatch batch)
    {
        long start = Start();
        inner.Rotary(x, table, batch);
        End("rotary", start);
    }

    /// <inheritdoc/>
    public Tensor Attention(Tensor q, Tensor k, Tensor v, AttentionShape shape, SequenceBatch batch, int layer)
    {
        long start = Start();
        return Ended("attention", start, inner.Attention(q, k, v, shape, batch, layer));
    }

    /// <inheritdoc/>
    public Tensor SiluMultiply(Tensor gate, Tensor up)
    {
        long start = Start();
        return Ended("silu", start, inner.SiluMultiply(gate, up));
    }

    /// <inheritdoc/>
    public Tensor AddScaled(Tensor x, Tensor addend, float scale)
    {
        long start = Start();
        return Ended("add", start, inner.AddScaled(x, addend, scale));
    }

    /// <inheritdoc/>
    public void Read(Tensor x, Span<float> destination)
    {
        long start = Start();
        inner.Read(x, destination);
        End("read", start);
    }

    /// <summary>Does nothing: the wrapped backend belongs to the caller.</summary>
    public void Dispose() { }

    private long Start()
    {
        cancellation.ThrowIfCancellationRequested();
        return Times is null ? 0 : Stopwatch.GetTimestamp();
    }

    private void End(string name, long start) => Times?.Add(name, Stopwatch.GetElapsedTime(start).TotalSeconds);

    private Tensor Ended(string name, long start, Tensor result)
    {
        End(name, start);
        return result;
    }

    /// <summary>The last word of a weight's module: <c>q_proj</c> of <c>model.layers.0.self_attn.q_proj.weight</c>.</summary>
    private string ModuleOf(Weight weight)
    {
        if (_modules.TryGetValue(weight.Name, out string? known)) return known;
        string module = weight.Name.EndsWith(WeightSuffix, StringComparison.Ordinal) ? weight.Name[..^WeightSuffix.Length] : weight.Name;
        return _modules[weight.Name] = module[(module.LastIndexOf('.') + 1)..];
    }
}
