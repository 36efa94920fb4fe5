using CsCheck;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>What holds for all inputs, and slow plain references for what is computed in a clever way.</summary>
public sealed class StatisticsPropertyTests
{
    private const int Cases = 300;

    private static readonly Gen<double> Score = Gen.Int[-40, 40].Select(tenths => tenths / 10.0);

    private static void Near(double? expected, double? actual, double tolerance = 1e-9)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is { } value) Assert.True(Math.Abs(value - actual!.Value) <= tolerance * Math.Max(1, Math.Abs(value)), $"{actual} instead of {expected}");
    }

    [Fact]
    public void Binomial_tails_are_the_sums_of_their_terms() => Gen.Select(Gen.Int[1, 300], Gen.Int[0, 300], Gen.Double[0.001, 0.999]).Sample((n, k, p) =>
    {
        k = Math.Min(k, n);
        double term = Math.Pow(1 - p, n), sum = 0;
        if (term < 1e-280) return; // the plain recursion starts from here
        for (int i = 0; i <= k; i++)
        {
            sum += term;
            if (i == k && term > 1e-280) Assert.True(Math.Abs(Binomial.Pmf(k, n, p) / term - 1) < 1e-10);
            term *= (double)(n - i) / (i + 1) * p / (1 - p);
        }
        Assert.True(Math.Abs(Binomial.Cdf(k, n, p) / sum - 1) < 1e-10, $"P(X ≤ {k}) of {n} at {p}: {Binomial.Cdf(k, n, p)} instead of {sum}");
    }, iter: Cases);

    [Fact]
    public void Students_quantiles_are_those_of_closed_forms_and_undo_its_tails() => Gen.Select(Gen.Double[0.01, 0.999], Gen.Double[1, 500]).Sample((level, freedom) =>
    {
        Assert.Equal(Math.Tan(Math.PI / 2 * level), Student.CentralQuantile(level, 1), 1e-9 * Math.Tan(Math.PI / 2 * level));
        Assert.Equal(level * Math.Sqrt(2 / (1 - level * level)), Student.CentralQuantile(level, 2), 1e-9);
        Assert.Equal(1 - level, Student.TwoSidedTail(Student.CentralQuantile(level, freedom), freedom), 1e-10);
        Assert.True(Student.CentralQuantile(level, freedom) > Normal.CentralQuantile(level));
        Assert.Equal(Normal.CentralQuantile(level), Student.CentralQuantile(level, 99_999), 1e-4);
        Assert.Equal(Normal.CentralQuantile(level), Student.CentralQuantile(level, double.PositiveInfinity));
    });

    [Fact]
    public void Intervals_of_a_share_turn_with_it_hold_it_and_widen_with_the_level() => Gen.Select(Gen.Int[0, 60], Gen.Int[1, 60], Gen.Double[0.05, 0.98]).Sample((k, n, level) =>
    {
        k = Math.Min(k, n);
        foreach (Func<int, int, double, Interval> method in new Func<int, int, double, Interval>[] { Proportion.Wilson, Proportion.ClopperPearson, Proportion.AgrestiCoull })
        {
            Interval one = method(k, n, level), other = method(n - k, n, level), wider = method(k, n, level + 0.01);
            Near(1 - other.High, one.Low, 1e-12);
            Assert.True(one.Contains((double)k / n) && one.Low >= 0 && one.High <= 1);
            Assert.True(wider.Low <= one.Low + 1e-12 && wider.High >= one.High - 1e-12);
        }
        Interval exact = Proportion.ClopperPearson(k, n, level);
        if (k > 0) Near((1 - level) / 2, 1 - Binomial.Cdf(k - 1, n, exact.Low), 1e-9);
        if (k < n) Near((1 - level) / 2, Binomial.Cdf(k, n, exact.High), 1e-9);
    }, iter: Cases);

    [Fact]
    public void Clusters_of_one_change_nothing_and_names_do_not_matter() => Gen.Select(Score.Array[2, 30], Gen.Int[0, 5].Array[30]).Sample((values, clusters) =>
    {
        var alone = ClusteredEstimate.Of(values, [.. values.Select((_, i) => $"{i}")]);
        Near(alone.StandardError, alone.MillerError);
        Near(alone.StandardError, alone.Cr1Error);
        string[] names = [.. clusters.Take(values.Length).Select(c => $"{c}")];
        var one = ClusteredEstimate.Of(values, names);
        Assert.Equal(one, ClusteredEstimate.Of(values, [.. names.Select(name => $"passage {name}")]));
        double[] e = [.. values.Select(value => value - one.Mean!.Value)];
        double cross = 0;
        for (int i = 0; i < e.Length; i++)
            for (int j = 0; j < e.Length; j++) cross += i != j && names[i] == names[j] ? e[i] * e[j] : 0;
        Near(Math.Sqrt(Math.Max(0, Math.Pow(one.StandardError!.Value, 2) + cross / e.Length / e.Length)), one.MillerError, 1e-7);
    }, iter: Cases);

    [Fact]
    public void Equal_values_have_no_spread() => Gen.Select(Gen.Double[-10, 10], Gen.Int[2, 200]).Sample((value, count) =>
    {
        var mean = MeanEstimate.Of(Enumerable.Repeat(value, count).ToArray());
        Assert.Equal((value, 0.0, 0.0), (mean.Mean, mean.StandardDeviation, mean.StandardError));
    }, iter: Cases);

    [Fact]
    public void Sign_changes_are_counted_as_by_going_through_all()
    {
        Gen<double> unequal = Gen.Double[-3, 3];
        Gen.OneOf(Score.Array[1, 11], unequal.Array[1, 11], Gen.Int[-1, 1].Select(i => (double)i).Array[1, 11]).Sample(differences =>
        {
            int n = differences.Length, atLeast = 0, atLeastSize = 0;
            double observed = differences.Sum(), slack = 1e-9 * differences.Sum(Math.Abs);
            for (int mask = 0; mask < 1 << n; mask++)
            {
                double sum = 0;
                for (int i = 0; i < n; i++) sum += (mask >> i & 1) == 0 ? differences[i] : -differences[i];
                if (sum >= observed - slack) atLeast++;
                if (Math.Abs(sum) >= Math.Abs(observed) - slack) atLeastSize++;
            }
            var test = SignFlipTest.Of(differences);
            Near((double)atLeast / (1 << n), test.GreaterP, 1e-12);
            Near((double)atLeastSize / (1 << n), test.TwoSidedP, 1e-12);
        }, iter: Cases);
    }

    [Fact]
    public void Long_lists_with_a_common_step_agree_with_what_zeros_and_equal_sizes_say() => Gen.Int[-1, 1].Array[45, 90].Sample(signs =>
    {
        // More than are met in the middle: McNemar's test where all are alike, the distribution over steps where ones and twos mix.
        double[] alike = [.. signs.Select(sign => (double)sign)];
        int b = signs.Count(sign => sign > 0), c = signs.Count(sign => sign < 0);
        Near(McNemar.ExactP(b, c), SignFlipTest.Of(alike).TwoSidedP, 1e-10);
        double[] mixed = [.. alike.Select((sign, i) => i % 2 == 0 ? sign : 2 * sign)];
        var one = SignFlipTest.Of(mixed);
        var shuffled = SignFlipTest.Of([.. mixed.Reverse().Select(difference => difference * 0.3)]);
        Near(one.TwoSidedP, shuffled.TwoSidedP, 1e-10);
        Near(one.GreaterP, shuffled.GreaterP, 1e-10);
    }, iter: 60);

    [Fact]
    public void Adjusted_p_values_keep_order_and_rank_the_methods() => Gen.Double[0, 1].Array[0, 30].Sample(p =>
    {
        double[] bonferroni = MultipleTests.Bonferroni(p), holm = Holm.Adjust(p), hochberg = MultipleTests.Hochberg(p), bh = MultipleTests.BenjaminiHochberg(p), by = MultipleTests.BenjaminiYekutieli(p);
        for (int i = 0; i < p.Length; i++)
        {
            Assert.True(p[i] <= bh[i] + 1e-15 && bh[i] <= hochberg[i] + 1e-15 && hochberg[i] <= holm[i] + 1e-15 && holm[i] <= bonferroni[i] + 1e-15 && bh[i] <= by[i] + 1e-15 && by[i] <= 1);
            for (int j = 0; j < p.Length; j++)
            {
                if (p[i] > p[j]) continue;
                foreach (double[] adjusted in new[] { bonferroni, holm, hochberg, bh, by }) Assert.True(adjusted[i] <= adjusted[j] + 1e-15);
            }
        }
    }, iter: Cases);

    [Fact]
    public void The_score_test_rejects_just_where_its_interval_lies_above_the_margin() => Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[1, 100], Gen.Double[0.01, 0.3]).Sample((b, c, agreeing, margin) =>
    {
        var test = NonInferiority.Test(b, c, b + c + agreeing, margin, 0.05);
        if (Math.Abs(test.Tango.Low + margin) > 1e-9) Assert.Equal(test.Tango.Low > -margin, test.IsNonInferior);
    }, iter: Cases);

    [Fact]
    public void Power_at_the_needed_size_is_what_was_asked_for() => Gen.Select(Gen.Double[0.01, 0.4], Gen.Double[0.01, 0.4], Gen.Double[0.5, 0.95]).Sample((p10, p01, target) =>
    {
        if (Math.Abs(p10 - p01) < 0.01) return;
        double size = PairedPower.Of(p10, p01, 100, 0.05, target).SampleSize!.Value;
        int count = (int)PairedPower.WholeItems(size);
        var power = PairedPower.Of(p10, p01, count, 0.05, target);
        Assert.True(power.NormalPower >= target - 1e-9);
        Assert.True(power.DetectableByConnor <= Math.Abs(p10 - p01) + 1e-9 || power.DetectableByConnor is null);
        Assert.True(count == 1 || PairedPower.Of(p10, p01, count - 1, 0.05, target).NormalPower < target);
    }, iter: Cases);

    [Fact]
    public void Kappa_and_alpha_agree_with_their_definitions_pair_by_pair() => Gen.Select(Gen.Int[0, 4].Array[2, 25], Gen.Int[0, 4].Array[25]).Sample((a, second) =>
    {
        int[] b = second[..a.Length];
        foreach (KappaWeights weights in Enum.GetValues<KappaWeights>())
        {
            double Distance(int i, int j) => weights switch { KappaWeights.Linear => Math.Abs(i - j), KappaWeights.Quadratic => (i - j) * (i - j), _ => i == j ? 0 : 1 };
            double observed = a.Zip(b, Distance).Average(), expected = a.Average(i => b.Average(j => Distance(i, j)));
            Near(expected == 0 ? null : 1 - observed / expected, CohenKappa.Of(a, b, 5, weights));
            Near(CohenKappa.Of(a, b, 5, weights), CohenKappa.Of(b, a, 5, weights));
        }
        double[] all = [.. a.Concat(b).Select(i => (double)i)];
        double Between(double low, double high) => low == high ? 0 : all.Count(v => v > low && v < high) + (all.Count(v => v == low) + all.Count(v => v == high)) / 2.0;
        foreach (RatingScale scale in Enum.GetValues<RatingScale>())
        {
            double Squared(double i, double j) => scale switch { RatingScale.Nominal => i == j ? 0 : 1, RatingScale.Interval => (i - j) * (i - j), _ => Math.Pow(Between(Math.Min(i, j), Math.Max(i, j)), 2) };
            double observed = 2 * a.Zip(b, (i, j) => Squared(i, j)).Sum(), expected = all.Sum(i => all.Sum(j => Squared(i, j))) / (all.Length - 1);
            double?[][] ratings = [[.. a.Select(i => (double?)i)], [.. b.Select(i => (double?)i)]];
            Near(expected == 0 ? null : 1 - observed / expected, KrippendorffAlpha.Of(ratings, scale));
        }
    }, iter: Cases);

    [Fact]
    public void Ratings_turn_with_the_players_and_balance_wins() => Gen.Int[0, 6].Array[25].Sample(votes =>
    {
        double[][] wins = [.. Enumerable.Range(0, 5).Select(i => Enumerable.Range(0, 5).Select(j => i == j ? 0.0 : votes[5 * i + j]).ToArray())];
        double[][] turned = [.. Enumerable.Range(0, 5).Select(i => Enumerable.Range(0, 5).Select(j => wins[4 - i][4 - j]).ToArray())];
        var fit = BradleyTerry.Fit(wins);
        var other = BradleyTerry.Fit(turned);
        Assert.Equal(fit is null, other is null);
        Assert.NotNull(BradleyTerry.Fit(wins, 0.1));
        if (fit is null) return;
        Near(0, fit.LogStrengths.Sum());
        for (int i = 0; i < 5; i++)
        {
            Near(fit.LogStrengths[i], other!.LogStrengths[4 - i], 1e-8);
            // The likeliest strengths expect as many wins of each as there were.
            double expected = Enumerable.Range(0, 5).Where(j => j != i).Sum(j => (wins[i][j] + wins[j][i]) / (1 + Math.Exp(fit.LogStrengths[j] - fit.LogStrengths[i])));
            Near(wins[i].Sum(), expected, 1e-8);
            Near(0, fit.Covariance[i].Sum(), 1e-8);
        }
    }, iter: Cases);

    [Fact]
    public void Rank_correlations_agree_with_counting_pairs() => Gen.Select(Gen.Int[0, 6].Array[2, 30], Gen.Int[0, 6].Array[30]).Sample((first, second) =>
    {
        double[] x = [.. first.Select(i => (double)i)], y = [.. second.Take(x.Length).Select(i => (double)i)];
        double signs = 0, untiedX = 0, untiedY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                signs += Math.Sign(x[i] - x[j]) * Math.Sign(y[i] - y[j]);
                untiedX += x[i] != x[j] ? 1 : 0;
                untiedY += y[i] != y[j] ? 1 : 0;
            }
        }
        RankCorrelation correlation = RankCorrelation.Of(x, y);
        Near(untiedX == 0 || untiedY == 0 ? null : signs / Math.Sqrt(untiedX * untiedY), correlation.KendallTauB, 1e-12);
        RankCorrelation stretched = RankCorrelation.Of([.. x.Select(Math.Exp)], [.. y.Select(value => 3 * value - 7)]);
        Near(correlation.KendallTauB, stretched.KendallTauB, 1e-12);
        Near(correlation.Spearman, stretched.Spearman, 1e-12);
    }, iter: Cases);

    [Fact]
    public void Isotonic_curves_are_monotone_keep_the_mean_and_cannot_be_bettered() => Gen.Select(Score.Array[1, 20], Gen.Int[1, 9].Array[20], Gen.Bool).Sample((y, counts, increasing) =>
    {
        double[] weights = [.. counts.Take(y.Length).Select(count => (double)count)], fitted = IsotonicFit.Of(y, weights, increasing);
        for (int i = 1; i < y.Length; i++) Assert.True(increasing ? fitted[i] >= fitted[i - 1] - 1e-12 : fitted[i] <= fitted[i - 1] + 1e-12);
        Near(y.Zip(weights, (value, weight) => value * weight).Sum(), fitted.Zip(weights, (value, weight) => value * weight).Sum());
        // A point of a convex set is the closest just where the residual is at right angles to it (and the others stand on its far side).
        Near(0, y.Zip(fitted, (value, fit) => (value - fit) * fit).Zip(weights, (product, weight) => product * weight).Sum(), 1e-7);
        foreach (var (once, again) in fitted.Zip(IsotonicFit.Of(fitted, weights, increasing))) Near(once, again, 1e-12);
    }, iter: Cases);

    [Fact]
    public void No_knee_on_a_fine_grid_fits_better() => Gen.Select(Score.Array[6, 10], Gen.Bool).Sample((means, plateau) =>
    {
        double[] doses = [.. means.Select((_, i) => i + 0.3 * (i % 3))];
        KneeShape shape = plateau ? KneeShape.Plateau : KneeShape.TwoSlopes;
        double[][] scores = [.. means.Select(mean => new[] { mean, mean + 0.2 })];
        var fit = KneeFit.Of(doses, scores, shape);
        double low = plateau ? doses[0] + 0.01 : doses[1], high = plateau ? doses[^1] : doses[^2];
        for (double knee = low; knee <= high; knee += 0.07) Assert.True(fit.SquaredError <= ErrorAt(knee, doses, scores, plateau) + 1e-9, $"{fit} is worse than {knee}");
        Near(fit.SquaredError, ErrorAt(fit.Knee, doses, scores, plateau), 1e-8);

        // Other units for doses and scores move the knee with them.
        var scaled = KneeFit.Of([.. doses.Select(dose => 100 * dose)], [.. scores.Select(row => row.Select(score => 5 - 2 * score).ToArray())], shape);
        Near(4 * fit.SquaredError, scaled.SquaredError, 1e-8);
    }, iter: 100);

    /// <summary>Least squares at a given knee, by orthogonalizing the columns one after the other.</summary>
    private static double ErrorAt(double knee, double[] doses, double[][] scores, bool plateau)
    {
        double[] x = [.. doses.SelectMany((dose, i) => scores[i].Select(_ => dose))], rest = [.. scores.SelectMany(row => row)];
        var columns = new List<double[]> { x.Select(_ => 1.0).ToArray(), x.Select(dose => Math.Min(dose, knee)).ToArray() };
        if (!plateau) columns.Add([.. x.Select(dose => Math.Max(dose - knee, 0))]);
        for (int c = 0; c < columns.Count; c++)
        {
            double square = columns[c].Sum(value => value * value);
            if (square < 1e-20) continue;
            foreach (double[] other in columns.Skip(c + 1).Append(rest))
            {
                double share = other.Zip(columns[c], (a, b) => a * b).Sum() / square;
                for (int i = 0; i < other.Length; i++) other[i] -= share * columns[c][i];
            }
        }
        return rest.Sum(value => value * value);
    }

    [Fact]
    public void Every_answer_falls_into_the_bin_whose_edges_hold_it() => Gen.Select(Gen.Int[0, 1000].Array[1, 40], Gen.Int[1, 20]).Sample((thousandths, binCount) =>
    {
        double[] confidence = [.. thousandths.Select(value => value / 1000.0)], correct = [.. thousandths.Select(value => (double)(value % 2))];
        var calibration = Calibration.Of(confidence, correct, binCount);
        for (int bin = 0; bin < binCount; bin++)
        {
            double low = (double)bin / binCount, high = (bin + 1.0) / binCount;
            Assert.Equal(confidence.Count(value => (value > low || (bin == 0 && value == 0)) && value <= high), calibration.Bins[bin].Count);
        }
        Assert.True(calibration.ExpectedError <= calibration.MaximumError + 1e-12);
        Near(Math.Abs(confidence.Average() - correct.Average()), Calibration.Of(confidence, correct, 1).ExpectedError);
    }, iter: Cases);

    [Fact]
    public void Bootstrap_intervals_move_and_stretch_with_the_values() => Score.Array[5, 12].Sample(values =>
    {
        var one = Bootstrap.Of(values);
        var other = Bootstrap.Of([.. values.Select(value => 3 * value + 1)]);
        Near(one.Acceleration, other.Acceleration, 1e-6);
        Near(3 * one.Percentile.Interval!.Value.Low + 1, other.Percentile.Interval!.Value.Low, 1e-9);
        Near(3 * one.Percentile.Interval!.Value.High + 1, other.Percentile.Interval!.Value.High, 1e-9);
        Assert.True(one.Percentile.Interval.Value.Low >= values.Min() && one.Percentile.Interval.Value.High <= values.Max());
    }, iter: 5);

    [Fact]
    public void A_group_of_alike_tasks_is_as_sure_as_all_items_together() => Gen.Select(Gen.Double[0.1, 0.9], Gen.Int[2, 50], Gen.Int[1, 8]).Sample((mean, size, count) =>
    {
        double error = Math.Sqrt(mean * (1 - mean) / (size - 1));
        var group = GroupEstimate.Of(Enumerable.Repeat(mean, count).ToArray(), Enumerable.Repeat(size, count).ToArray(), Enumerable.Repeat<double?>(error, count).ToArray());
        Near(mean, group.Micro);
        Near(mean, group.Macro);
        foreach (double? one in new[] { group.PooledError, group.MicroError, group.MacroError }) Near(error / Math.Sqrt(count), one);
    }, iter: Cases);
}
