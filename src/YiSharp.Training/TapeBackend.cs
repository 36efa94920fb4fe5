using YiSharp.Tensors;

namespace YiSharp.Training;

/// <summary>
/// Runs a forward pass on another backend and remembers how to go back: each operation that leads to a trained weight leaves one step,
/// and <see cref="Backward"/> takes the steps in reverse order. Weights whose names are trained become <see cref="Parameter"/>s; the
/// others stay on the inner backend as they are stored, quantized ones too. Values that no step needs are reused at once.
/// </summary>
/// <param name="inner">Where everything is computed; not disposed of with this.</param>
/// <param name="isTrained">Whether the weight of a name is trained.</param>
public sealed class TapeBackend(ITrainingBackend inner, Func<string, bool> isTrained) : IBackend
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<Step> _steps = [];

    /// <summary>The trained weights, in the order of loading.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Backward steps recorded since the last <see cref="Backward"/>.</summary>
    public int StepCount => _steps.Count;

    /// <summary>Added to the embeddings of the next forward pass, [tokens · hidden]; taken once (NEFTune, Jain et al. 2023, arXiv:2310.05914).</summary>
    public float[]? EmbeddingNoise { get; set; }

    /// <inheritdoc/>
    public Weight Load(WeightData data)
    {
        if (!isTrained(data.Name)) return inner.Load(data);
        Parameter parameter = inner.CreateParameter(data);
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Not there: training sees whole sequences.</summary>
    public KvCache CreateKvCache(int layerCount, AttentionShape shape, int maxTokens) =>
        throw new NotSupportedException("Training sees whole sequences and has no cache; add sequences to the batch without one.");

    /// <inheritdoc/>
    public Tensor Embedding(Weight table, ReadOnlySpan<int> ids)
    {
        Tensor y = inner.Embedding(CurrentOf(table), ids);
        if (EmbeddingNoise is { } noise)
        {
            EmbeddingNoise = null;
            using Tensor clean = y, added = inner.CreateTensor(y.Rows, y.Columns, noise);
            y = inner.AddScaled(clean, added, 1f);
        }
        if (table is not Parameter parameter) return new TapeTensor(y, needsGradient: false);
        int[] taken = ids.ToArray();
        return Record(y, [], dy => inner.EmbeddingBackward(dy, parameter, taken));
    }

    /// <inheritdoc/>
    public Tensor SelectRows(Tensor x, ReadOnlySpan<int> rows)
    {
        TapeTensor from = Of(x);
        Tensor y = inner.SelectRows(from.Value, rows);
        if (!from.NeedsGradient) return new TapeTensor(y, needsGradient: false);
        int[] taken = rows.ToArray();
        return Record(y, [], dy => inner.SelectRowsBackward(dy, taken, TargetOf(from)));
    }

    /// <inheritdoc/>
    public Tensor RmsNorm(Tensor x, Weight gain, float epsilon)
    {
        TapeTensor from = Of(x);
        Tensor y = inner.RmsNorm(from.Value, CurrentOf(gain), epsilon);
        if (!from.NeedsGradient && gain is not Parameter) return new TapeTensor(y, needsGradient: false);
        return Record(y, [from], dy => inner.RmsNormBackward(dy, from.Value, gain, epsilon, OptionalTargetOf(from)));
    }

    /// <inheritdoc/>
    public Tensor Linear(Tensor x, Weight weight)
    {
        TapeTensor from = Of(x);
        Tensor y = inner.LinearOfMany(from.Value, weight);
        bool trained = weight is Parameter;
        if (!from.NeedsGradient && !trained) return new TapeTensor(y, needsGradient: false);
        return Record(y, trained ? [from] : [], dy => inner.LinearBackward(dy, trained ? from.Value : null, weight, OptionalTargetOf(from)));
    }

    /// <inheritdoc/>
    public Tensor AddBias(Tensor x, Weight bias)
    {
        TapeTensor from = Of(x);
        var parameter = bias as Parameter;
        var y = new TapeTensor(inner.AddBias(from.Value, CurrentOf(bias)), from.NeedsGradient || parameter is not null);
        if (!y.NeedsGradient) return y;
        _steps.Add(new Step(() =>
        {
            if (y.Gradient is not { } dy) return;
            if (parameter is not null) inner.AddBiasBackward(dy.Tensor, parameter);
            PassOn(dy, from, 1f);
        }, y, []));
        return y;
    }

    /// <inheritdoc/>
    public void Rotary(Tensor x, RotaryTable table, SequenceBatch batch)
    {
        TapeTensor turned = Of(x);
        inner.Rotary(turned.Value, table, batch);
        if (!turned.NeedsGradient) return;
        _steps.Add(new Step(() =>
        {
            if (turned.Gradient is not null) inner.RotaryBackward(TargetOf(turned).Tensor, table, batch);
        }, null, []));
    }

    /// <inheritdoc/>
    public Tensor Attention(Tensor q, Tensor k, Tensor v, AttentionShape shape, SequenceBatch batch, int layer)
    {
        TapeTensor queries = Of(q), keys = Of(k), values = Of(v);
        Tensor y = inner.Attention(queries.Value, keys.Value, values.Value, shape, batch, layer);
        if (!queries.NeedsGradient && !keys.NeedsGradient && !values.NeedsGradient) return new TapeTensor(y, needsGradient: false);
        return Record(y, [queries, keys, values], dy =>
        {
            using Scrap dq = ScrapOf(queries), dk = ScrapOf(keys), dv = ScrapOf(values);
            inner.AttentionBackward(dy, queries.Value, keys.Value, values.Value, shape, batch, dq.Target, dk.Target, dv.Target);
        });
    }

    /// <inheritdoc/>
    public Tensor SiluMultiply(Tensor gate, Tensor up)
    {
        TapeTensor gates = Of(gate), factors = Of(up);
        Tensor y = inner.SiluMultiply(gates.Value, factors.Value);
        if (!gates.NeedsGradient && !factors.NeedsGradient) return new TapeTensor(y, needsGradient: false);
        return Record(y, [gates, factors], dy =>
        {
            using Scrap dgate = ScrapOf(gates), dup = ScrapOf(factors);
            inner.SiluMultiplyBackward(dy, gates.Value, factors.Value, dgate.Target, dup.Target);
        });
    }

    /// <inheritdoc/>
    public Tensor AddScaled(Tensor x, Tensor addend, float scale)
    {
        TapeTensor first = Of(x), second = Of(addend);
        var y = new TapeTensor(inner.AddScaled(first.Value, second.Value, scale), first.NeedsGradient || second.NeedsGradient);
        if (!y.NeedsGradient) return y;
        _steps.Add(new Step(() =>
        {
            if (y.Gradient is not { } dy) return;
            PassOn(dy, second, scale);
            PassOn(dy, first, 1f);
        }, y, []));
        return y;
    }

    /// <inheritdoc/>
    public void Read(Tensor x, Span<float> destination) => inner.Read(Of(x).Value, destination);

    /// <summary>
    /// Σ −log softmax(hidden · headᵀ)[target], nats; leaves scale times its gradient at <paramref name="hidden"/> for <see cref="Backward"/>.
    /// </summary>
    /// <param name="hidden">Hidden states of the rows before the targets, [rows, hidden].</param>
    /// <param name="head">The language-model head, [vocab, hidden].</param>
    /// <param name="targets">The tokens to predict, [rows].</param>
    /// <param name="scale">1 / targets of the whole step.</param>
    public double CrossEntropy(Tensor hidden, Weight head, ReadOnlySpan<int> targets, float scale)
    {
        TapeTensor states = Of(hidden);
        if (!states.NeedsGradient && head is not Parameter) return inner.CrossEntropy(states.Value, head, targets, scale, null);
        var gradient = new TapeGradient(inner.CreateTensor(states.Rows, states.Columns));
        double loss = inner.CrossEntropy(states.Value, head, targets, scale, gradient.Tensor);
        if (states.NeedsGradient && states.Gradient is null) states.Gradient = gradient;
        else
        {
            if (states.NeedsGradient) PassOn(gradient, states, 1f);
            gradient.Release();
        }
        return loss;
    }

    /// <summary>Σ −log softmax(hidden · headᵀ)[target], nats, without a step back.</summary>
    public double LossOf(Tensor hidden, Weight head, ReadOnlySpan<int> targets) => inner.CrossEntropy(Of(hidden).Value, head, targets, 1f, null);

    /// <summary>Takes the recorded steps back, adding to the gradients of <see cref="Parameters"/>, and forgets them.</summary>
    public void Backward()
    {
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            _steps[i].Back();
            _steps[i].Finish();
        }
        _steps.Clear();
    }

    /// <summary>Forgets the recorded steps.</summary>
    public void Clear()
    {
        foreach (Step step in _steps) step.Finish();
        _steps.Clear();
    }

    /// <summary>Frees the parameters.</summary>
    public void Dispose()
    {
        Clear();
        foreach (Parameter parameter in _parameters) parameter.Dispose();
        _parameters.Clear();
    }

    /// <summary>A result with one step back, which keeps the values it needs until it is taken or forgotten.</summary>
    private TapeTensor Record(Tensor value, TapeTensor[] kept, Action<Tensor> backward)
    {
        var y = new TapeTensor(value, needsGradient: true);
        foreach (TapeTensor x in kept) x.Keep();
        _steps.Add(new Step(() =>
        {
            if (y.Gradient is { } dy) backward(dy.Tensor);
        }, y, kept));
        return y;
    }

    /// <summary>Gives or adds scale · dy to a tensor's gradient.</summary>
    private void PassOn(TapeGradient dy, TapeTensor x, float scale)
    {
        if (!x.NeedsGradient) return;
        if (x.Gradient is null && scale == 1f) x.Gradient = dy.Share();
        else inner.ScaleInto(dy.Tensor, scale, TargetOf(x));
    }

    /// <summary>Where to write or add the gradient of x; a shared one becomes its own first.</summary>
    private GradientTarget TargetOf(TapeTensor x)
    {
        if (x.Gradient is null)
        {
            x.Gradient = new TapeGradient(inner.CreateTensor(x.Rows, x.Columns));
            return new GradientTarget(x.Gradient.Tensor, Accumulate: false);
        }
        if (x.Gradient.IsShared)
        {
            var own = new TapeGradient(inner.CreateTensor(x.Rows, x.Columns));
            inner.ScaleInto(x.Gradient.Tensor, 1f, new GradientTarget(own.Tensor, Accumulate: false));
            x.Gradient.Release();
            x.Gradient = own;
        }
        return new GradientTarget(x.Gradient.Tensor, Accumulate: true);
    }

    private GradientTarget? OptionalTargetOf(TapeTensor x) => x.NeedsGradient ? TargetOf(x) : null;

    /// <summary>Where to write a gradient that an operation computes whether it is needed or not.</summary>
    private Scrap ScrapOf(TapeTensor x)
    {
        if (x.NeedsGradient) return new Scrap(TargetOf(x), null);
        Tensor unused = inner.CreateTensor(x.Rows, x.Columns);
        return new Scrap(new GradientTarget(unused, Accumulate: false), unused);
    }

    /// <summary>A step back, what gradient it uses up, and which values it keeps.</summary>
    private sealed record Step(Action Back, TapeTensor? Output, TapeTensor[] Kept)
    {
        public void Finish()
        {
            if (Output is not null)
            {
                Output.Gradient?.Release();
                Output.Gradient = null;
            }
            foreach (TapeTensor x in Kept) x.Drop();
        }
    }

    private readonly record struct Scrap(GradientTarget Target, Tensor? Unused) : IDisposable
    {
        public void Dispose() => Unused?.Dispose();
    }

    private static Weight CurrentOf(Weight weight) => weight is Parameter parameter ? parameter.Current : weight;

    private static TapeTensor Of(Tensor x) => x as TapeTensor ?? throw new TensorException($"{x} was not made by this tape ({x.GetType().Name}).");
}
