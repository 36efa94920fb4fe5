using System.Runtime.InteropServices;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Inference;

/// <summary>Log-likelihood of a continuation.</summary>
/// <param name="LogProb">Sum of its ids' log-probabilities, nats.</param>
/// <param name="TokenCount">Number of its ids.</param>
/// <param name="IsGreedy">Whether each of its ids was the likeliest.</param>
public readonly record struct ContinuationScore(double LogProb, int TokenCount, bool IsGreedy);

/// <summary>
/// How likely a model finds given ids. Texts go through in chunks, so logits of a long text are never held whole, and the cache
/// stays from call to call: choices after the same question are scored without computing the question again.
/// </summary>
public sealed class Scorer : IDisposable
{
    /// <summary>Rows whose logits are held at once.</summary>
    private const int LogitRows = 32;

    private readonly LlamaModel _model;
    private readonly IBackend _backend;
    private readonly Engine _engine;
    private readonly Sequence _sequence;
    private readonly SequenceBatch _batch = new();
    private readonly int[] _rows;
    private readonly float[] _logits;
    private readonly List<int> _cachedIds = [];
    private int _cachedLength;

    /// <summary>A scorer that shares an engine's model and limits.</summary>
    public Scorer(LlamaModel model, IBackend backend, Engine engine)
    {
        _model = model;
        _backend = backend;
        _engine = engine;
        _sequence = engine.CreateSequence();
        _rows = new int[Math.Max(LogitRows, engine.Options.PrefillTokens)];
        _logits = new float[LogitRows * model.Config.VocabSize];
    }

    /// <summary>ln p(ids[i + 1] | ids[0 … i]) for each id after the first, nats, [ids - 1].</summary>
    /// <exception cref="ArgumentException">There are no ids, too many, or some that the model does not know.</exception>
    public double[] Score(ReadOnlySpan<int> ids)
    {
        var logProbs = new double[Math.Max(ids.Length - 1, 0)];
        Score(ids, contextCount: 1, logProbs);
        return logProbs;
    }

    /// <summary>Log-likelihood of <paramref name="continuation"/> after <paramref name="context"/>.</summary>
    /// <param name="context">At least one id.</param>
    /// <param name="continuation">May be empty: its log-likelihood is 0.</param>
    /// <exception cref="ArgumentException">There is no context, or the ids are too many or not the model's.</exception>
    public ContinuationScore Score(ReadOnlySpan<int> context, ReadOnlySpan<int> continuation)
    {
        _engine.RequireValidIds(context, "The context");
        if (continuation.Length == 0) return new ContinuationScore(0, 0, IsGreedy: true);
        int[] ids = [.. context, .. continuation];
        var logProbs = new double[continuation.Length];
        bool isGreedy = Score(ids, context.Length, logProbs);
        double sum = 0;
        foreach (double logProb in logProbs) sum += logProb;
        return new ContinuationScore(sum, continuation.Length, isGreedy);
    }

    /// <inheritdoc/>
    public void Dispose() => _sequence.Dispose();

    /// <summary>Log-probabilities of the ids from <paramref name="contextCount"/> on; whether each is the likeliest.</summary>
    private bool Score(ReadOnlySpan<int> ids, int contextCount, Span<double> logProbs)
    {
        _engine.RequireValidIds(ids, "The text");
        if (ids.Length - 1 > _engine.MaxTokens)
        {
            throw new ArgumentException($"The text has {ids.Length} tokens; the model reads at most {_engine.MaxTokens}: split it.");
        }

        KvCache cache = _sequence.Cache;
        int shared = Math.Min(CollectionsMarshal.AsSpan(_cachedIds)[..cache.Length].CommonPrefixLength(ids), contextCount - 1);
        if (Math.Max(_cachedLength, ids.Length) > _model.FixedLength) shared = 0;
        _cachedLength = ids.Length;
        cache.Truncate(shared);
        _cachedIds.RemoveRange(shared, _cachedIds.Count - shared);

        bool isGreedy = true;
        while (cache.Length < ids.Length - 1)
        {
            int start = cache.Length;
            int count = Math.Min(_engine.Options.PrefillTokens, ids.Length - 1 - start);
            int firstWanted = Math.Max(contextCount - 1 - start, 0);
            int wantedCount = Math.Max(count - firstWanted, 0);

            // A chunk of context alone has no wanted row, but a model wants one.
            int rowCount = Math.Max(wantedCount, 1);
            for (int i = 0; i < rowCount; i++) _rows[i] = count - rowCount + i;
            _batch.Clear();
            _batch.Add(count, cache, ids.Length);
            using Tensor hidden = _model.Forward(_backend, ids.Slice(start, count), _batch, _rows.AsSpan(0, rowCount));
            _cachedIds.AddRange(ids.Slice(start, count));

            int target = start + firstWanted + 1;
            isGreedy &= Read(hidden, ids.Slice(target, wantedCount), logProbs.Slice(target - contextCount, wantedCount));
        }
        return isGreedy;
    }

    private bool Read(Tensor hidden, ReadOnlySpan<int> targets, Span<double> logProbs)
    {
        int vocabSize = _model.Config.VocabSize;
        bool isGreedy = true;
        for (int first = 0; first < targets.Length; first += LogitRows)
        {
            int count = Math.Min(LogitRows, targets.Length - first);
            for (int i = 0; i < count; i++) _rows[i] = first + i;
            using Tensor part = _backend.SelectRows(hidden, _rows.AsSpan(0, count));
            using Tensor logits = _model.Logits(_backend, part);
            _backend.Read(logits, _logits.AsSpan(0, count * vocabSize));
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> row = _logits.AsSpan(i * vocabSize, vocabSize);
                logProbs[first + i] = row[targets[first + i]] - LogProbs.LogSumExp(row);
                isGreedy &= LogProbs.ArgMax(row) == targets[first + i];
            }
        }
        return isGreedy;
    }
}
