using YiSharp.Inference;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>Our own engine, passes as <see cref="Engine"/> makes them, without texts and sampling.</summary>
internal sealed class OwnEngine : IBenchEngine
{
    /// <summary>A whole number of any cache's blocks.</summary>
    private const int ManyTokens = 1024;

    /// <summary>Most tokens that one pass of a prompt takes.</summary>
    private static readonly int PrefillTokens = new EngineOptions().PrefillTokens;

    private readonly LlamaModel _model;
    private readonly IBackend _backend;
    private readonly KvCache _cache;
    private readonly SequenceBatch _batch = new();
    private readonly float[] _logits;

    /// <summary>Takes a model that is loaded; it and the backend belong to the caller.</summary>
    public OwnEngine(LlamaModel model, IBackend backend, int maxTokens)
    {
        (_model, _backend) = (model, backend);
        _cache = model.CreateKvCache(backend, maxTokens);
        _logits = new float[model.Config.VocabSize];
    }

    /// <inheritdoc/>
    public string Name => "YiSharp";

    /// <inheritdoc/>
    public int Length => _cache.Length;

    /// <summary>Bytes that a token takes in the cache.</summary>
    public long TokenBytes => _cache.BytesOf(ManyTokens) / ManyTokens;

    /// <inheritdoc/>
    public void Truncate(int length) => _cache.Truncate(length);

    /// <inheritdoc/>
    public int Prefill(ReadOnlySpan<int> ids)
    {
        int length = _cache.Length + ids.Length, next = 0;
        for (int start = 0; start < ids.Length; start += PrefillTokens)
        {
            int count = Math.Min(PrefillTokens, ids.Length - start);
            next = Pass(ids.Slice(start, count), length, withLogits: start + count == ids.Length);
        }
        return next;
    }

    /// <inheritdoc/>
    public void Decode(int id, int count)
    {
        for (int i = 0; i < count; i++) id = Pass([id], 0, withLogits: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private int Pass(ReadOnlySpan<int> ids, int length, bool withLogits)
    {
        _batch.Clear();
        _batch.Add(ids.Length, _cache, length);
        using Tensor hidden = _model.Forward(_backend, ids, _batch, [ids.Length - 1]);
        if (!withLogits) return 0;
        using Tensor logits = _model.Logits(_backend, hidden);
        _backend.Read(logits, _logits);
        return LogProbs.ArgMax(_logits);
    }
}
