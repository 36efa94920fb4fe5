using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>One bin of a calibration table.</summary>
/// <param name="Count">Answers in it.</param>
/// <param name="Confidence">Their mean confidence; null for none.</param>
/// <param name="Accuracy">Share of them that is right; null for none.</param>
public readonly record struct CalibrationBin(int Count, double? Confidence, double? Accuracy)
{
    /// <summary>|confidence − accuracy|; 0 for none.</summary>
    public double Gap => Math.Abs((Confidence ?? 0) - (Accuracy ?? 0));
}

/// <summary>Whether answers given with a confidence are right that often. All but the table is null without answers.</summary>
/// <param name="Bins">Of equal width, the i-th from i/M (excluded, but for 0 itself) to (i + 1)/M (Guo et al. 2017, arXiv:1706.04599).</param>
/// <param name="ExpectedError">ECE: mean of the bins' gaps, weighted by their counts.</param>
/// <param name="MaximumError">MCE: the largest gap.</param>
/// <param name="Brier">Mean of (confidence − right)², of the answer given.</param>
/// <param name="EqualCountError">ECE with bins of equal counts (Nixon et al. 2019, arXiv:1904.01685), the first ones one larger where the counts do not divide.</param>
public sealed record Calibration(IReadOnlyList<CalibrationBin> Bins, double? ExpectedError, double? MaximumError, double? Brier, double? EqualCountError)
{
    /// <summary>Bins of most papers.</summary>
    public const int DefaultBins = 15;

    /// <summary>Most bins.</summary>
    public const int MaxBins = 100_000;

    /// <summary>Measures the calibration of answers, [count] each.</summary>
    /// <param name="confidence">Chance the model gave its answer, 0 to 1.</param>
    /// <param name="correct">1 where the answer is right, 0 where it is wrong.</param>
    /// <param name="binCount">Number of bins (M), at least 1.</param>
    /// <exception cref="ArgumentException">The lists have different lengths, or a value lies outside [0, 1].</exception>
    /// <exception cref="NotSupportedException">There are too many bins.</exception>
    public static Calibration Of(ReadOnlySpan<double> confidence, ReadOnlySpan<double> correct, int binCount = DefaultBins)
    {
        if (confidence.Length != correct.Length)
            throw new ArgumentException($"Every answer needs its confidence and whether it is right; found {confidence.Length} and {correct.Length}.", nameof(correct));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(binCount);
        if (binCount > MaxBins) throw new NotSupportedException($"{Sizes.Of(binCount, "bin was", "bins were")} asked for; at most {Sizes.Whole(MaxBins)} are made.");
        var bins = new Sums[binCount];
        double squares = 0;
        for (int i = 0; i < confidence.Length; i++)
        {
            RequireShare(confidence[i], i, nameof(confidence));
            RequireShare(correct[i], i, nameof(correct));
            bins[BinOf(confidence[i], binCount)].Add(confidence[i], correct[i]);
            squares += (confidence[i] - correct[i]) * (confidence[i] - correct[i]);
        }
        CalibrationBin[] table = [.. bins.Select(bin => bin.Mean())];
        int n = confidence.Length;
        if (n == 0) return new Calibration(table, null, null, null, null);
        return new Calibration(table, WeightedGap(table, n), table.Max(bin => bin.Gap), squares / n, WeightedGap(EqualCountBins(confidence, correct, binCount), n));
    }

    private static double WeightedGap(IEnumerable<CalibrationBin> bins, int count) => bins.Sum(bin => bin.Count * bin.Gap) / count;

    /// <summary>The first i with confidence ≤ (i + 1) / M.</summary>
    private static int BinOf(double confidence, int binCount)
    {
        int bin = Math.Clamp((int)(confidence * binCount), 0, binCount - 1);
        // The product is rounded; the edges decide.
        while (bin > 0 && confidence <= (double)bin / binCount) bin--;
        while (bin < binCount - 1 && confidence > (bin + 1.0) / binCount) bin++;
        return bin;
    }

    private static List<CalibrationBin> EqualCountBins(ReadOnlySpan<double> confidence, ReadOnlySpan<double> correct, int binCount)
    {
        double[] values = confidence.ToArray();
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])]; // stable: equal confidences keep their order
        int smaller = order.Length / binCount, larger = order.Length % binCount;
        var bins = new List<CalibrationBin>();
        for (int bin = 0, from = 0; bin < binCount && from < order.Length; bin++)
        {
            int to = from + smaller + (bin < larger ? 1 : 0);
            var sums = new Sums();
            for (; from < to; from++) sums.Add(values[order[from]], correct[order[from]]);
            bins.Add(sums.Mean());
        }
        return bins;
    }

    private static void RequireShare(double value, int index, string name)
    {
        if (value is not (>= 0 and <= 1)) throw new ArgumentException($"{name} has {value} at index {index}; a number between 0 and 1 was expected.", name);
    }

    private struct Sums
    {
        private int _count;
        private double _confidence, _correct;

        public void Add(double confidence, double correct)
        {
            _count++;
            _confidence += confidence;
            _correct += correct;
        }

        public readonly CalibrationBin Mean() => _count == 0 ? default : new CalibrationBin(_count, _confidence / _count, _correct / _count);
    }
}
