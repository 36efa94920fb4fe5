using YiSharp.Reports;
using YiSharp.Tensors;

namespace YiSharp.Evaluation;

/// <summary>
/// A broken stick through scores against doses: the dose beyond which more does not help as before. The exact least-squares fit (Hudson 1966, JASA 61,
/// 1097-1129): with the knee between two doses the sides are separate regressions that meet there, otherwise the knee is a dose; the best of all of these.
/// </summary>
/// <param name="Knee">k, in the doses' unit. Where every knee before the second dose fits as well, one of them.</param>
/// <param name="Coefficients">a, b and with two slopes c of <see cref="KneeShape"/>.</param>
/// <param name="SquaredError">Σ of the squared distances of all scores from the curve.</param>
public sealed record KneeFit(double Knee, IReadOnlyList<double> Coefficients, double SquaredError)
{
    /// <summary>Why no dose is the knee, a clause; null where one is.</summary>
    public string? WhyNone { get; init; }

    /// <summary>Most distinct doses: a fit costs their number's square.</summary>
    public const int MaxDoses = 250;

    /// <summary>Most scores whose interval is bootstrapped, about a second's.</summary>
    public const int MaxResampledScores = 100_000;

    /// <summary>Resamples of <see cref="Interval"/>.</summary>
    public const int Resamples = 400;

    private const double FlatKneeShare = 0.25;
    private const double LineRounding = 1e-12; // of the largest score: how far from a line rounding alone takes a mean
    private const ulong Seed = 0;

    /// <summary>Fits the curve.</summary>
    /// <param name="doses">The dose of each row.</param>
    /// <param name="scores">Rows of scores, such as those of several seeds; [doses][seeds], none empty.</param>
    /// <param name="shape">What the curve does beyond the knee.</param>
    /// <exception cref="ArgumentException">A row is empty, or there are too few distinct doses: two for a plateau, three for two slopes.</exception>
    /// <exception cref="NotSupportedException">There are too many distinct doses.</exception>
    public static KneeFit Of(IReadOnlyList<double> doses, IReadOnlyList<double[]> scores, KneeShape shape)
    {
        if (doses.Count != scores.Count) throw new ArgumentException($"Every dose needs its row of scores; found {Sizes.Of(doses.Count, "dose", "doses")} and {Sizes.Of(scores.Count, "row", "rows")}.", nameof(scores));
        int empty = scores.TakeWhile(row => row.Length > 0).Count();
        if (empty < scores.Count) throw new ArgumentException($"Dose {doses[empty]} has no score; leave it out.", nameof(scores));
        int distinct = doses.Distinct().Count(), least = shape == KneeShape.Plateau ? 2 : 3;
        if (distinct < least) throw new ArgumentException($"A knee needs {least} distinct doses at least; found {distinct}.", nameof(doses));
        if (distinct > MaxDoses) throw new NotSupportedException($"There are {distinct} distinct doses; a knee is fitted to at most {MaxDoses}.");
        var points = DosePoints.Of(doses, scores);
        return Best(points, shape) with { WhyNone = FindWhyNone(points) };
    }

    /// <summary>Where the means lie on a line, a knee at any dose fits as well as at any other.</summary>
    private static string? FindWhyNone(DosePoints points)
    {
        (double meanDose, double meanScore, double slope) = points.Line(0, points.Doses.Length);
        double size = points.Means.Max(Math.Abs), rounding = LineRounding * size;
        if (points.Means.Zip(points.Doses).Any(p => Math.Abs(p.First - meanScore - slope * (p.Second - meanDose)) > rounding)) return null;
        return Math.Abs(slope) * (points.Doses[^1] - points.Doses[0]) <= rounding ? "the scores do not change with the dose" : "the scores change with the dose in a straight line";
    }

    /// <summary>
    /// The 95 % percentile interval of the knee where the scores are drawn anew, with replacement, within each row. It spans most doses where there is no knee: report it, not the point.
    /// </summary>
    /// <returns>Null where no row's scores differ: there is nothing to draw from.</returns>
    /// <inheritdoc cref="Of"/>
    public static Interval? Interval(IReadOnlyList<double> doses, IReadOnlyList<double[]> scores, KneeShape shape)
    {
        _ = Of(doses, scores, shape);
        if (scores.All(row => row.All(score => score == row[0]))) return null;
        int count = scores.Sum(row => row.Length);
        if (count > MaxResampledScores) throw new NotSupportedException($"There are {Sizes.Of(count, "score", "scores")}; the knee's interval is bootstrapped from at most {Sizes.Whole(MaxResampledScores)}.");
        RandomStream random = RandomStream.For(Seed, "knee");
        var points = DosePoints.Of(doses, scores);
        var knees = new double[Resamples];
        for (int i = 0; i < Resamples; i++) knees[i] = Best(points.Redrawn(doses, scores, random), shape).Knee;
        Array.Sort(knees);
        return new Interval(SortedSample.Quantile(knees, 0.025), SortedSample.Quantile(knees, 0.975));
    }

    private static KneeFit Best(DosePoints points, KneeShape shape)
    {
        KneeFit? best = null;
        int last = points.Doses.Length - 1;
        bool isPlateau = shape == KneeShape.Plateau;
        // With two slopes each side has a second dose; a plateau may begin anywhere after the first.
        for (int left = isPlateau ? 0 : 1; left <= (isPlateau ? last : last - 1); left++)
        {
            Consider(left > 0 ? AtDose(points, shape, left) : null);
            if (left < (isPlateau ? last : last - 1)) Consider(isPlateau && left == 0 ? BeforeSecondDose(points) : BetweenDoses(points, shape, left));
        }
        return best!;

        void Consider(KneeFit? fit)
        {
            if (fit is not null && (best is null || fit.SquaredError < best.SquaredError)) best = fit;
        }
    }

    /// <summary>The knee between doses <paramref name="left"/> and left + 1, where the regressions of both sides meet; null where they do not.</summary>
    private static KneeFit? BetweenDoses(DosePoints points, KneeShape shape, int left)
    {
        var (x1, y1, b) = points.Line(0, left + 1);
        var (x2, y2, slope) = points.Line(left + 1, points.Doses.Length);
        double c = shape == KneeShape.Plateau ? 0 : slope;
        double knee = (y2 - y1 + b * x1 - c * x2) / (b - c);
        return knee > points.Doses[left] && knee < points.Doses[left + 1] ? Curve(points, shape, knee, y1 - b * x1, b, c) : null;
    }

    /// <summary>A plateau from before the second dose: any knee there fits the first mean and the mean of the others.</summary>
    private static KneeFit BeforeSecondDose(DosePoints points)
    {
        double first = points.Doses[0], knee = first + FlatKneeShare * (points.Doses[1] - first);
        double level = points.Line(1, points.Doses.Length).MeanScore, slope = (level - points.Means[0]) / (knee - first);
        return Curve(points, KneeShape.Plateau, knee, points.Means[0] - slope * first, slope, 0);
    }

    /// <summary>The best curve whose knee is a dose: regression on distances from the knee, before it and (with two slopes) after it.</summary>
    private static KneeFit AtDose(DosePoints points, KneeShape shape, int dose)
    {
        double knee = points.Doses[dose];
        // Normal equations of y = level + b·before + c·after, where before·after = 0: b and c follow from the level.
        double n = 0, sum = 0, before = 0, before2 = 0, beforeY = 0, after = 0, after2 = 0, afterY = 0;
        for (int i = 0; i < points.Doses.Length; i++)
        {
            double weight = points.Counts[i], y = points.Means[i], distance = points.Doses[i] - knee;
            n += weight;
            sum += weight * y;
            if (distance < 0) (before, before2, beforeY) = (before + weight * distance, before2 + weight * distance * distance, beforeY + weight * distance * y);
            else if (shape == KneeShape.TwoSlopes) (after, after2, afterY) = (after + weight * distance, after2 + weight * distance * distance, afterY + weight * distance * y);
        }
        double free = n, target = sum;
        if (before2 > 0) (free, target) = (free - before * before / before2, target - before * beforeY / before2);
        if (after2 > 0) (free, target) = (free - after * after / after2, target - after * afterY / after2);
        double level = target / free;
        double b = before2 > 0 ? (beforeY - level * before) / before2 : 0, c = after2 > 0 ? (afterY - level * after) / after2 : 0;
        return Curve(points, shape, knee, level - b * knee, b, c);
    }

    private static KneeFit Curve(DosePoints points, KneeShape shape, double knee, double a, double b, double c)
    {
        double squares = points.WithinSquares;
        for (int i = 0; i < points.Doses.Length; i++)
        {
            double x = points.Doses[i], miss = points.Means[i] - (a + b * Math.Min(x, knee) + c * Math.Max(x - knee, 0));
            squares += points.Counts[i] * miss * miss;
        }
        return new KneeFit(knee, shape == KneeShape.Plateau ? [a, b] : [a, b, c], squares);
    }
}
