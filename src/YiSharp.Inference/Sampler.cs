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
    private double[] _probabilities = [];

    /// <summary>A sampler for logits over <paramref name="vocabSize"/> ids.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Sampler(SamplingOptions options, int vocabSize)
        : this(options.Validate(), vocabSize, options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))), "sampling")
    {
    }

    private Sampler(SamplingOptions options, int vocabSize, ulong seed, string use)
    {
        _options = options;
        Seed = seed;
        _random = RandomStream.For(seed, use);
        _order = Cuts(vocabSize) ? new int[vocabSize] : [];
        _isSeen = options.RepetitionPenalty != 1 ? new bool[vocabSize] : [];
        if (_isSeen.Length > 0) _seen.EnsureCapacity(Math.Min(vocabSize, 4096));
    }

    /// <summary>The seed in use: the one given, or the one drawn.</summary>
    public ulong Seed { get; }

    /// <summary>Whether the options leave one id to choose.</summary>
    internal bool IsGreedy => _options.Temperature == 0;

    /// <summary>Number of different ids that occurred; 0 where no penalty asks for it.</summary>
    internal int SeenCount => _seen.Count;

    /// <summary>A sampler of the same options for a model that guesses, with random numbers of its own.</summary>
    internal Sampler ForDraft(int vocabSize) => new(_options, vocabSize, Seed, "draft");

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
    public void Forget() => Rewind(0);

    /// <summary>Forgets the ids that occurred since <see cref="SeenCount"/> was <paramref name="seenCount"/>.</summary>
    internal void Rewind(int seenCount)
    {
        for (int i = seenCount; i < _seen.Count; i++) _isSeen[_seen[i]] = false;
        _seen.RemoveRange(seenCount, _seen.Count - seenCount);
    }

    /// <summary>Chooses an id.</summary>
    /// <param name="logits">Unnormalized scores, [vocab]; changed by this.</param>
    /// <exception cref="InvalidDataException">No logit is a finite number.</exception>
    public int Sample(Span<float> logits)
    {
        int best = Best(logits);
        if (IsGreedy) return best;
        float highest = logits[best];
        return _order.Length > 0 ? SampleFromLikeliest(logits, highest) : SampleFromAll(logits, highest);
    }

    /// <summary>Chooses an id, which is <paramref name="proposal"/> as often as it can be.</summary>
    /// <param name="logits">Unnormalized scores, [vocab]; changed by this.</param>
    /// <param name="proposal">A guess.</param>
    /// <param name="draft">The distribution that the guess was drawn from, [vocab]; empty where it was certain.</param>
    /// <exception cref="InvalidDataException">No logit is a finite number.</exception>
    internal int Sample(Span<float> logits, int proposal, ReadOnlySpan<double> draft)
    {
        // A certain guess is right with the model's own probability of it, and wrong guesses leave the rest: drawing as if there were none does just that.
        if (draft.IsEmpty) return Sample(logits);
        if (_probabilities.Length == 0) _probabilities = new double[logits.Length];
        Distribute(logits, _probabilities);
        return RejectionRule.Choose(_probabilities, draft, proposal, _random);
    }

    /// <summary>Chooses an id and tells the distribution that it came from.</summary>
    /// <param name="logits">Unnormalized scores, [vocab]; changed by this.</param>
    /// <param name="probabilities">After everything that the options change, [vocab].</param>
    /// <exception cref="InvalidDataException">No logit is a finite number.</exception>
    internal int Sample(Span<float> logits, Span<double> probabilities)
    {
        Distribute(logits, probabilities);
        return RejectionRule.Draw(probabilities, 1, _random);
    }

    /// <summary>What <see cref="Sample(Span{float})"/> chooses from.</summary>
    /// <param name="logits">Unnormalized scores, [vocab]; changed by this.</param>
    /// <param name="probabilities">Filled, [vocab]; the sum is 1.</param>
    /// <exception cref="InvalidDataException">No logit is a finite number.</exception>
    internal void Distribute(Span<float> logits, Span<double> probabilities)
    {
        int best = Best(logits);
        float highest = logits[best];
        if (IsGreedy)
        {
            probabilities.Clear();
            probabilities[best] = 1;
        }
        else if (_order.Length > 0)
        {
            probabilities.Clear();
            int staying = Cut(logits, highest, out double reached);
            foreach (int id in _order.AsSpan(^staying..)) probabilities[id] = Mass(logits[id], highest) / reached;
        }
        else
        {
            double total = TotalMass(logits, highest);
            for (int id = 0; id < logits.Length; id++) probabilities[id] = Mass(logits[id], highest) / total;
        }
    }

    /// <summary>The likeliest id after the penalty.</summary>
    private int Best(Span<float> logits)
    {
        var penalty = (float)_options.RepetitionPenalty;
        foreach (int id in _seen) logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
        int best = LogProbs.ArgMax(logits);
        return float.IsFinite(logits[best]) ? best : throw new InvalidDataException("The model's logits hold no finite number; its weights may be damaged.");
    }

    private bool Cuts(int vocabSize) =>
        _options.Temperature > 0 && ((_options.TopK > 0 && _options.TopK < vocabSize) || _options.TopP < 1 || _options.MinP > 0);

    /// <summary>Probability times a common factor, at the temperature.</summary>
    private double Mass(float logit, float highest) => Math.Exp(((double)logit - highest) / _options.Temperature);

    private int SampleFromAll(Span<float> logits, float highest)
    {
        double rest = _random.NextDouble() * TotalMass(logits, highest);
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

    private int SampleFromLikeliest(Span<float> logits, float highest)
    {
        int staying = Cut(logits, highest, out double reached);
        double rest = _random.NextDouble() * reached;
        for (int i = 0; i < staying; i++)
        {
            rest -= Mass(logits[_order[^(i + 1)]], highest);
            if (rest < 0) return _order[^(i + 1)];
        }
        return _order[^staying];
    }

    /// <summary>Takes ids from the likeliest on, in a fixed order, as long as top-k, top-p and min-p let them stay.</summary>
    /// <returns>Number of ids that stay, at the end of the order, the likeliest last; their mass is <paramref name="reached"/>.</returns>
    private int Cut(Span<float> logits, float highest, out double reached)
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

        reached = 0;
        int staying = 0;
        while (staying < most)
        {
            if (staying == kept) Pop(heap, kept++, logits);
            double mass = Mass(logits[heap[^(staying + 1)]], highest);
            if (staying > 0 && (reached >= _options.TopP * total || mass < _options.MinP || mass <= 0)) break;
            reached += mass;
            staying++;
        }
        return staying;
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
