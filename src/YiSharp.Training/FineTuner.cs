using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Training;

/// <summary>A model in training: takes optimizer steps over examples, and knows its trained weights.</summary>
public sealed class FineTuner : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    /// <summary>Keeps clipping finite, as torch's <c>clip_grad_norm_</c> does.</summary>
    private const double ClipEpsilon = 1e-6;

    private readonly ITrainingBackend _backend;
    private readonly TapeBackend _tape;
    private readonly LlamaModel _model;
    private readonly TrainOptions _options;
    private readonly LoraAdapter? _start;
    private readonly SequenceBatch _batch = new();

    /// <summary>Takes a model's weights, and an adapter to go on from when a LoRA is trained.</summary>
    /// <param name="backend">Where to compute; not disposed of with this.</param>
    /// <param name="config">What the model is made of.</param>
    /// <param name="weights">Its weights; their memory must outlive this.</param>
    /// <param name="options">How to train.</param>
    /// <param name="start">The adapter at first; null takes <see cref="LoraStart"/>. Ignored in full fine-tuning.</param>
    public FineTuner(ITrainingBackend backend, LlamaConfig config, IReadOnlyDictionary<string, WeightData> weights, TrainOptions options, LoraAdapter? start = null)
    {
        options.Validate();
        (_backend, _options) = (backend, options);
        if (options.Method == TrainMethod.Full)
        {
            _tape = new TapeBackend(backend, static _ => true);
            _model = LlamaModel.Load(config, weights, _tape);
            return;
        }
        _start = start ?? LoraStart.Create(config, options);
        HashSet<string> names = [.. _start.Modules.Keys.Select(LoraAdapter.NameOfA), .. _start.Modules.Keys.Select(LoraAdapter.NameOfB)];
        _tape = new TapeBackend(backend, names.Contains);
        _model = LlamaModel.Load(config, weights, _tape, _start);
    }

    /// <summary>The trained weights, in the order of the forward pass.</summary>
    public IReadOnlyList<Parameter> Parameters => _tape.Parameters;

    /// <summary>
    /// One optimizer step. The loss is Σ −log p over the step's targets / their number, over all micro-batches; without any target nothing changes.
    /// </summary>
    /// <param name="microBatches">Examples of each forward pass.</param>
    /// <param name="stepNumber">1-based; decides Adam's correction and the noise.</param>
    /// <param name="learningRate">Rate of the step.</param>
    /// <param name="cancellationToken">Looked at before each forward pass; the weights are then those before the step.</param>
    /// <returns>The loss before the step, nats a target, and the norm of all gradients before clipping.</returns>
    public (double Loss, double GradientNorm) Step(
        IReadOnlyList<IReadOnlyList<EncodedExample>> microBatches, int stepNumber, double learningRate, CancellationToken cancellationToken = default)
    {
        (double sum, int targets) = Gradients(microBatches, stepNumber, cancellationToken);
        return targets == 0 ? (0, 0) : (sum / targets, Apply(sum / targets, stepNumber, learningRate));
    }

    /// <summary>Clips the gradients that are there, changes the weights by them, and zeroes them.</summary>
    /// <returns>The norm of all gradients before clipping.</returns>
    internal double Apply(double loss, int stepNumber, double learningRate)
    {
        double norm = Math.Sqrt(Parameters.Sum(_backend.GradientSumOfSquares));
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Training has diverged: step {stepNumber} has loss {loss} and gradient norm {norm}. Lower the learning rate ({learningRate} here) or add warm-up steps."));
        }
        double factor = _options.MaxGradNorm > 0 ? Math.Min(1, _options.MaxGradNorm / (norm + ClipEpsilon)) : 1;
        foreach (Parameter parameter in Parameters)
        {
            double decay = LlamaTensors.IsVector(parameter.Name) ? 0 : _options.WeightDecay;
            _backend.Update(parameter, new AdamWUpdate(learningRate, Beta1, Beta2, Epsilon, decay, stepNumber, factor));
        }
        return norm;
    }

    /// <summary>Adds the gradients of a step's loss to the trained weights, and changes nothing else.</summary>
    /// <returns>Σ −log p over the step's targets, nats, and their number.</returns>
    internal (double Sum, int TargetCount) Gradients(IReadOnlyList<IReadOnlyList<EncodedExample>> microBatches, int stepNumber = 1, CancellationToken cancellationToken = default)
    {
        int targets = microBatches.Sum(micro => micro.Sum(example => example.TargetCount));
        double sum = 0;
        for (int i = 0; i < microBatches.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum += ForwardAndBack(microBatches[i], 1f / targets, FormattableString.Invariant($"neftune {stepNumber} {i}"));
        }
        return (sum, targets);
    }

    /// <summary>Mean −log p of the targets of some examples, nats; nothing is trained.</summary>
    public double LossOf(IReadOnlyList<EncodedExample> examples)
    {
        (int[] ids, int[] rows, int[] targets) = LayOut(examples);
        if (targets.Length == 0) return 0;
        using Tensor hidden = _model.Forward(_tape, ids, _batch, rows);
        double sum = _tape.LossOf(hidden, _model.LmHead, targets);
        _tape.Clear();
        return sum / targets.Length;
    }

    /// <summary>The trained factors as an adapter.</summary>
    /// <exception cref="InvalidOperationException">All weights are trained; there is no adapter.</exception>
    public LoraAdapter ToAdapter(string? baseModel = null)
    {
        if (_start is null) throw new InvalidOperationException("All weights are trained; there is no adapter.");
        Dictionary<string, Parameter> trained = Parameters.ToDictionary(parameter => parameter.Name);
        return new LoraAdapter
        {
            Rank = _start.Rank,
            Alpha = _start.Alpha,
            UseRslora = _start.UseRslora,
            BaseModel = baseModel,
            Modules = _start.Modules.Keys.ToDictionary(
                name => name, name => new LoraModule(name, _start.Rank, Values(trained[LoraAdapter.NameOfA(name)]), Values(trained[LoraAdapter.NameOfB(name)]))),
        };
    }

    /// <summary>The trained weights of a full fine-tuning, to be written; valid until this is disposed of.</summary>
    public IEnumerable<WeightSource> ToWeights() => Parameters.Select(parameter =>
    {
        var values = new Lazy<float[]>(() => Values(parameter));
        return new WeightSource(parameter.Name, parameter.Rows, parameter.Columns, (row, to) => values.Value.AsSpan(row * parameter.Columns, parameter.Columns).CopyTo(to));
    });

    /// <inheritdoc/>
    public void Dispose() => _tape.Dispose();

    /// <summary>Σ −log p over a micro-batch's targets; adds the gradients of scale times it.</summary>
    private double ForwardAndBack(IReadOnlyList<EncodedExample> examples, float scale, string noiseName)
    {
        (int[] ids, int[] rows, int[] targets) = LayOut(examples);
        if (targets.Length == 0) return 0;
        if (_options.NeftuneAlpha > 0) _tape.EmbeddingNoise = NoiseFor(examples, noiseName);
        double sum;
        using (Tensor hidden = _model.Forward(_tape, ids, _batch, rows)) sum = _tape.CrossEntropy(hidden, _model.LmHead, targets, scale);
        _tape.Backward();
        return sum;
    }

    /// <summary>Examples end to end: their ids, the rows whose next token is a target, and those tokens. Examples without a target take no part.</summary>
    private (int[] Ids, int[] Rows, int[] Targets) LayOut(IReadOnlyList<EncodedExample> examples)
    {
        _batch.Clear();
        List<int> ids = [], rows = [], targets = [];
        foreach (EncodedExample example in examples)
        {
            if (example.TargetCount == 0) continue;
            for (int i = 1; i < example.Ids.Length; i++)
            {
                if (!example.LossMask[i]) continue;
                rows.Add(ids.Count + i - 1);
                targets.Add(example.Ids[i]);
            }
            ids.AddRange(example.Ids);
            _batch.Add(example.Ids.Length);
        }
        return ([.. ids], [.. rows], [.. targets]);
    }

    private float[] NoiseFor(IReadOnlyList<EncodedExample> examples, string name)
    {
        RandomStream random = RandomStream.For(_options.Seed, name);
        int hidden = _model.Config.HiddenSize;
        EncodedExample[] used = [.. examples.Where(example => example.TargetCount > 0)];
        var noise = new float[used.Sum(example => example.Ids.Length) * hidden];
        int at = 0;
        foreach (EncodedExample example in used)
        {
            float bound = (float)(_options.NeftuneAlpha / Math.Sqrt((double)example.Ids.Length * hidden));
            for (int end = at + example.Ids.Length * hidden; at < end; at++) noise[at] = random.NextSigned() * bound;
        }
        return noise;
    }

    private static float[] Values(Parameter parameter)
    {
        var values = new float[parameter.Rows * parameter.Columns];
        parameter.Read(ParameterPart.Values, values);
        return values;
    }
}
