using YiSharp.Tensors;

namespace YiSharp.Evaluation;

/// <summary>
/// Scores gathered by dose, in ascending order. All that a least-squares curve needs are each dose's mean and count: what the scores scatter around
/// their own mean no curve can take away.
/// </summary>
/// <param name="Doses">Distinct doses, ascending, [doses].</param>
/// <param name="Means">Mean score of each, [doses].</param>
/// <param name="Counts">Number of scores of each, [doses].</param>
/// <param name="WithinSquares">Σ of all scores' squared distances from their dose's mean.</param>
internal sealed record DosePoints(double[] Doses, double[] Means, double[] Counts, double WithinSquares)
{
    /// <summary>Gathers rows of scores whose doses may come in any order and twice.</summary>
    /// <param name="doses">The dose of each row.</param>
    /// <param name="scores">Rows of scores, none empty.</param>
    public static DosePoints Of(IReadOnlyList<double> doses, IReadOnlyList<double[]> scores)
    {
        var groups = doses.Zip(scores).GroupBy(row => row.First).OrderBy(group => group.Key)
            .Select(group => (Dose: group.Key, Scores: group.SelectMany(row => row.Second).ToArray())).ToArray();
        double within = 0;
        var means = new double[groups.Length];
        for (int i = 0; i < groups.Length; i++)
        {
            means[i] = MeanEstimate.Average(groups[i].Scores);
            foreach (double score in groups[i].Scores) within += (score - means[i]) * (score - means[i]);
        }
        return new DosePoints([.. groups.Select(group => group.Dose)], means, [.. groups.Select(group => (double)group.Scores.Length)], within);
    }

    /// <summary>The same with as many scores drawn, with replacement, from each row; the scatter within a dose, alike for all curves, stays.</summary>
    public DosePoints Redrawn(IReadOnlyList<double> doses, IReadOnlyList<double[]> scores, RandomStream random)
    {
        var sums = new double[Doses.Length];
        for (int row = 0; row < scores.Count; row++)
        {
            double[] all = scores[row];
            double sum = 0;
            for (int i = 0; i < all.Length; i++) sum += all[random.NextBelow(all.Length)];
            sums[Array.BinarySearch(Doses, doses[row])] += sum;
        }
        return this with { Means = [.. sums.Select((sum, i) => sum / Counts[i])] };
    }

    /// <summary>Weighted least squares of a line through the doses from … to − 1: its mean point and slope.</summary>
    /// <returns>Slope 0 where there is one dose only.</returns>
    public (double MeanDose, double MeanScore, double Slope) Line(int from, int to)
    {
        (double meanDose, double meanScore) = (Mean(Doses, from, to), Mean(Means, from, to));
        double squares = 0, products = 0;
        for (int i = from; i < to; i++)
        {
            squares += Counts[i] * (Doses[i] - meanDose) * (Doses[i] - meanDose);
            products += Counts[i] * (Doses[i] - meanDose) * (Means[i] - meanScore);
        }
        return (meanDose, meanScore, squares > 0 ? products / squares : 0);
    }

    private double Mean(double[] values, int from, int to)
    {
        double sum = 0, weight = 0;
        for (int i = from; i < to; i++)
        {
            sum += Counts[i] * values[i];
            weight += Counts[i];
        }
        return sum / weight;
    }
}
