using System.Security.Cryptography;
using YiSharp.Tensors;

namespace YiSharp.Inference;

/// <summary>
/// Chooses the next token of one sequence from its logits. Its random numbers are its own, so a seed repeats to the bit whatever
/// else runs; choosing a token allocates nothing.
/// </summary>
public sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly RandomStream _random;
    private readonly int[] _order;
    private readonly bool[] _isSeen;
    private readonly List<int> _seen = [];

    /// <summary>A sampler for logits over <paramref name="vocabSize"/> ids.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Sampler(SamplingOptions options, int vocabSize)
    {
        _options = options.Validate();
        Seed = options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        _random = RandomStream.For(Seed, "sampling");
        _order = Cuts(vocabSize) ? new int[vocabSize] : [];
        _isSeen = options.RepetitionPenalty != 1 ? new bool[vocabSize] : [];
        if (_isSeen.Length > 0) _seen.EnsureCapacity(Math.Min(vocabSize, 4096));
    }

    /// <summary>The seed in use: the one given, or the one drawn.</summary>
    public ulong Seed { get; }

    /// <summary>Counts ids as occurring, for the repetition penalty.</summary>
    public void Observe(ReadOnlySpan<int> ids)
    {
        if (_isSeen.Length == 0) return;
        foreach (int id in ids)
        {
            if (_isSeen[id]) continue;
            _isSeen[id] = true;
            _seen.Add(id);
        }
    }

    /// <summary>Forgets which ids occurred; the random numbers go on.</summary>
    public void Forget()
    {
        foreach (int id in _seen) _isSeen[id] = false;
        _seen.Clear();
    }

    /// <summary>Chooses an id.</summary>
    /// <param name="logits">Unnormalized scores, [vocab]; changed by this.</param>
    /// <exception cref="InvalidDataException">No logit is a finite number.</exception>
    public int Sample(Span<float> logits)
    {
        Penalize(logits);
        int best = LogProbs.ArgMax(logits);
        if (!float.IsFinite(logits[best])) throw new InvalidDataException("The model's logits hold no finite number; its weights may be damaged.");
        if (_options.Temperature == 0) return best;

        float highest = logits[best];
        return _order.Length > 0 ? SampleFromLikeliest(logits, highest) : SampleFromAll(logits, highest);
    }

    private void Penalize(Span<float> logits)
    {
        var penalty = (float)_options.RepetitionPenalty;
        foreach (int id in _seen) logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
    }

    private bool Cuts(int vocabSize) =>
        _options.Temperature > 0 && ((_options.TopK > 0 && _options.TopK < vocabSize) || _options.TopP < 1 || _options.MinP > 0);

    /// <summary>Probability times a common factor, at the temperature.</summary>
    private double Mass(float logit, float highest) => Math.Exp(((double)logit - highest) / _options.Temperature);

    private int SampleFromAll(Span<float> logits, float highest)
    {
        double total = 0;
        foreach (float logit in logits) total += Mass(logit, highest);
        double rest = _random.NextDouble() * total;
        int last = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            double mass = Mass(logits[id], highest);
            if (mass <= 0) continue;
            last = id;
            rest -= mass;
            if (rest < 0) break;
        }
        return last;
    }

    /// <summary>Takes ids from the likeliest on, in a fixed order, as long as top-k, top-p and min-p let them stay.</summary>
    private int SampleFromLikeliest(Span<float> logits, float highest)
    {
        Span<int> heap = _order;
        for (int i = 0; i < heap.Length; i++) heap[i] = i;
        for (int i = heap.Length / 2 - 1; i >= 0; i--) SiftDown(heap, i, heap.Length, logits);

        // Popped ids gather at the end of the array, likeliest last.
        int most = _options.TopK > 0 ? Math.Min(_options.TopK, heap.Length) : heap.Length;
        double total = _options.TopK > 0 ? 0 : TotalMass(logits, highest);
        int kept = 0;
        if (_options.TopK > 0)
        {
            for (; kept < most; kept++) total += Mass(logits[Pop(heap, kept, logits)], highest);
        }

        double reached = 0;
        int staying = 0;
        while (staying < most)
        {
            if (staying == kept) Pop(heap, kept++, logits);
            double mass = Mass(logits[heap[^(staying + 1)]], highest);
            if (staying > 0 && (reached >= _options.TopP * total || mass < _options.MinP || mass <= 0)) break;
            reached += mass;
            staying++;
        }

        double rest = _random.NextDouble() * reached;
        for (int i = 0; i < staying; i++)
        {
            rest -= Mass(logits[heap[^(i + 1)]], highest);
            if (rest < 0) return heap[^(i + 1)];
        }
        return heap[^staying];
    }

    private double TotalMass(Span<float> logits, float highest)
    {
        double total = 0;
        foreach (float logit in logits) total += Mass(logit, highest);
        return total;
    }

    /// <summary>Moves the heap's first id behind it; <paramref name="popped"/> were moved so far.</summary>
    private static int Pop(Span<int> heap, int popped, Span<float> logits)
    {
        int length = heap.Length - popped;
        (heap[0], heap[length - 1]) = (heap[length - 1], heap[0]);
        SiftDown(heap, 0, length - 1, logits);
        return heap[length - 1];
    }

    private static void SiftDown(Span<int> heap, int parent, int length, Span<float> logits)
    {
        while (2 * parent + 1 < length)
        {
            int child = 2 * parent + 1;
            if (child + 1 < length && IsBefore(heap[child + 1], heap[child], logits)) child++;
            if (!IsBefore(heap[child], heap[parent], logits)) return;
            (heap[parent], heap[child]) = (heap[child], heap[parent]);
            parent = child;
        }
    }

    /// <summary>Likelier first; of equals, the lower id.</summary>
    private static bool IsBefore(int a, int b, Span<float> logits) => logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
}
