using LLama;
using LLama.Common;
using LLama.Native;

namespace YiSharp.Oracles.Tests.Inference;

/// <summary>A GGUF file as llama.cpp computes it, through LLamaSharp: ids in, logits out; no text and no sampling in between.</summary>
internal sealed class LlamaCppModel : IDisposable
{
    private const int MaxTokens = 1024;
    private const int BatchTokens = 256;

    /// <summary>More would spin while they wait for each other, and other tests run beside.</summary>
    private const int ThreadCount = 1;

    private readonly LLamaWeights _weights;
    private readonly LLamaContext _context;
    private readonly LLamaBatch _batch = new();
    private int _position;

    static LlamaCppModel() => NativeLogConfig.llama_log_set((_, _) => { });

    /// <summary>Loads a file; keys and values are kept in single precision.</summary>
    public LlamaCppModel(string path)
    {
        var options = new ModelParams(path)
        {
            ContextSize = MaxTokens,
            BatchSize = BatchTokens,
            UBatchSize = BatchTokens,
            GpuLayerCount = 0,
            Threads = ThreadCount,
            BatchThreads = ThreadCount,
            TypeK = GGMLType.GGML_TYPE_F32,
            TypeV = GGMLType.GGML_TYPE_F32,
            FlashAttention = false,
        };
        _weights = LLamaWeights.LoadFromFile(options);
        _context = new LLamaContext(_weights, options);
    }

    /// <summary>Takes a logits row, [vocab], and its number among the rows of a call.</summary>
    public delegate void UseLogits(int row, ReadOnlySpan<float> logits);

    /// <summary>ln p(ids[i + 1] | ids[0 … i]) for each id after the first, nats, [ids - 1].</summary>
    public double[] Score(int[] ids)
    {
        var logProbs = new double[ids.Length - 1];
        Restart();
        Append(ids.AsSpan(..^1), (row, logits) => logProbs[row] = LogProb(logits, ids[row + 1]));
        return logProbs;
    }

    /// <summary>The likeliest ids after a prompt, up to a stop id or a count, and the gap between the two highest logits at each.</summary>
    public (List<int> Ids, List<float> Gaps) Greedy(int[] prompt, int count, IReadOnlyList<int> stopIds)
    {
        var ids = new List<int>();
        var gaps = new List<float>();
        Restart();
        ReadOnlySpan<int> next = prompt;
        while (true)
        {
            int best = 0;
            float gap = 0;
            Append(next, (_, logits) => (best, gap) = Best(logits)); // the last row's stays
            ids.Add(best);
            gaps.Add(gap);
            if (ids.Count == count || stopIds.Contains(best)) return (ids, gaps);
            next = new[] { best };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }

    private void Restart()
    {
        _context.NativeHandle.MemoryClear();
        _position = 0;
    }

    private void Append(ReadOnlySpan<int> ids, UseLogits use)
    {
        for (int start = 0; start < ids.Length; start += BatchTokens)
        {
            int count = Math.Min(BatchTokens, ids.Length - start);
            _batch.Clear();
            for (int i = 0; i < count; i++) _batch.Add(ids[start + i], _position++, LLamaSeqId.Zero, logits: true);
            Assert.Equal(DecodeResult.Ok, _context.Decode(_batch));
            for (int i = 0; i < count; i++) use(start + i, _context.NativeHandle.GetLogitsIth(i));
        }
    }

    private static double LogProb(ReadOnlySpan<float> logits, int id)
    {
        double highest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits) highest = Math.Max(highest, logit);
        foreach (float logit in logits) sum += Math.Exp(logit - highest);
        return logits[id] - highest - Math.Log(sum);
    }

    private static (int Id, float Gap) Best(ReadOnlySpan<float> logits)
    {
        int best = 0;
        float second = float.NegativeInfinity;
        for (int id = 1; id < logits.Length; id++)
        {
            if (logits[id] > logits[best])
            {
                second = logits[best];
                best = id;
            }
            else second = Math.Max(second, logits[id]);
        }
        return (best, logits[best] - second);
    }
}
