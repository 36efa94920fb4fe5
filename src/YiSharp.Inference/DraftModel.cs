using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Inference;

/// <summary>A smaller model of the same vocabulary, which guesses how the sequences of an <see cref="Engine"/> go on. Not for several threads at once.</summary>
public sealed class DraftModel
{
    /// <summary>Most ids of a prompt that go through it at once.</summary>
    private const int PrefillTokens = 256;

    private readonly LlamaModel _model;
    private readonly IBackend _backend;

    /// <summary>Stays empty; says what caches take.</summary>
    private KvCache? _measure;
    private readonly SequenceBatch _batch = new();
    private readonly int[] _row = new int[1];
    private readonly float[] _logits;

    /// <summary>A model that guesses.</summary>
    /// <param name="model">The smaller model.</param>
    /// <param name="backend">Where its weights are.</param>
    /// <param name="relativeCost">What one of its passes costs, as a share of a pass of the model that answers; above 0.</param>
    /// <exception cref="ArgumentException">The cost is not above 0.</exception>
    public DraftModel(LlamaModel model, IBackend backend, double relativeCost)
    {
        if (!(relativeCost > 0)) throw new ArgumentException($"The draft model's relative cost is {relativeCost}; more than 0 was expected.");
        _model = model;
        _backend = backend;
        RelativeCost = relativeCost;
        _logits = new float[model.Config.VocabSize];
    }

    /// <summary>What one of its passes costs, as a share of a pass of the model that answers.</summary>
    public double RelativeCost { get; }

    /// <summary>Number of ids it knows.</summary>
    public int VocabSize => _model.Config.VocabSize;

    /// <summary>Longest sequence that it can go on from, tokens: beyond, its keys would depend on the length.</summary>
    internal int MaxTokens => Math.Min(_model.Config.ContextLength, _model.FixedLength);

    /// <summary>Bytes of keys and values of a sequence.</summary>
    internal long CacheBytesOf(int tokenCount)
    {
        _measure ??= CreateKvCache(MaxTokens);
        return _measure.BytesOf(Math.Min(tokenCount, MaxTokens));
    }

    internal KvCache CreateKvCache(int maxTokens) => _model.CreateKvCache(_backend, Math.Min(maxTokens, MaxTokens));

    /// <summary>Takes ids into the cache and gives the logits after the last, [vocab].</summary>
    internal Span<float> Forward(ReadOnlySpan<int> ids, KvCache cache)
    {
        while (true)
        {
            int count = Math.Min(ids.Length, PrefillTokens);
            _batch.Clear();
            _batch.Add(count, cache);
            _row[0] = count - 1;
            using Tensor hidden = _model.Forward(_backend, ids[..count], _batch, _row);
            ids = ids[count..];
            if (ids.Length > 0) continue;
            using Tensor logits = _model.Logits(_backend, hidden);
            _backend.Read(logits, _logits);
            return _logits;
        }
    }
}
