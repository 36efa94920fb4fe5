using System.Globalization;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>How often intervals of macro averages hold the truth, and how often a difference is found where there is none. More draws: YISHARP_DRAWS=6000.</summary>
public sealed class MacroCoverageTests
{
    private static readonly int Draws = int.Parse(Environment.GetEnvironmentVariable("YISHARP_DRAWS") ?? "1500", CultureInfo.InvariantCulture);

    /// <summary>2.5 standard errors of a share of 5 % of the draws.</summary>
    private static readonly double Noise = 2.5 * Math.Sqrt(0.05 * 0.95 / Draws);

    /// <summary>With one item a subject the count of right answers is all that there is: no draws are needed.</summary>
    [Theory]
    [InlineData(57, 0.5)]
    [InlineData(57, 0.25)]
    [InlineData(57, 0.7)]
    [InlineData(67, 0.5)]
    [InlineData(52, 0.5)]
    [InlineData(27, 0.5)]
    [InlineData(27, 0.25)]
    public void One_item_a_subject_is_enough_for_an_honest_interval(int subjects, double chance)
    {
        double Covered(Func<StratifiedMean, Interval> interval) => Enumerable.Range(0, subjects + 1)
            .Where(right => interval(StratifiedMean.OfCounts(Enumerable.Range(0, subjects).Select(s => (1, s < right ? 1 : 0)))).Contains(chance)).Sum(right => Binomial.Pmf(right, subjects, chance));
        double covered = Covered(mean => mean.Interval(0, 1)), byZ = Covered(mean => new ErrorEstimate(mean.StandardError, ErrorKind.Stratified, double.PositiveInfinity).Interval(mean.Mean, 0, 1));
        Say($"{subjects} x 1, {chance}: {100 * covered:0.0} %, with z {100 * byZ:0.0} %");
        Assert.InRange(covered, 0.945, 1);
        Assert.InRange(byZ, 0, covered);
    }

    [Theory]
    [InlineData(57, 1)]
    [InlineData(57, 2)]
    [InlineData(57, 5)]
    [InlineData(57, 20)]
    [InlineData(27, 2)]
    [InlineData(10, 5)]
    [InlineData(5, 2)]
    [InlineData(4, 25)]
    public void Macro_averages_of_few_items_a_subject_find_no_more_than_there_is(int subjects, int items)
    {
        var random = new Random(3);
        StratifiedMean Draw(Func<double[][], StratifiedMean> of, Func<double, double> value) =>
            of([.. Enumerable.Range(0, subjects).Select(_ => Enumerable.Range(0, items).Select(_ => value(random.NextDouble())).ToArray())]);
        foreach (double chance in (double[])[0.25, 0.1])
        {
            StratifiedMean[] drawn = [.. Enumerable.Range(0, Draws).Select(_ => Draw(StratifiedMean.OfDifferences, u => u < chance ? 1 : u < 2 * chance ? -1 : 0))];
            double found = Share(drawn, mean => mean.Error.P(mean.Mean) <= 0.05), byZ = Share(drawn, mean => Normal.TwoSidedTail(mean.Mean / mean.StandardError) <= 0.05);
            Say($"{subjects} x {items}, {chance} won and lost: {100 * found:0.0} % found, with z {100 * byZ:0.0} %");
            Assert.InRange(found, 0, 0.05 + Noise);
            Assert.Equal(found, Share(drawn, mean => !mean.Interval(-1, 1).Contains(0)));
        }
        foreach (double chance in (double[])[0.5, 0.6, 0.9])
        {
            StratifiedMean[] drawn = [.. Enumerable.Range(0, Draws).Select(_ => Draw(StratifiedMean.OfScores, u => u < chance ? 1 : 0))];
            double held = Share(drawn, mean => mean.Interval(0, 1).Contains(chance));
            Say($"{subjects} x {items}, {chance} right: {100 * held:0.0} % held, with z {100 * Share(drawn, mean => Math.Abs(mean.Mean - chance) <= 1.959964 * mean.StandardError):0.0} %");
            Assert.InRange(held, 0.945 - Noise, 1);
        }
    }

    private static double Share(StratifiedMean[] drawn, Func<StratifiedMean, bool> isOne) => drawn.Count(isOne) / (double)drawn.Length;

    private static void Say(FormattableString line) => TestContext.Current.TestOutputHelper?.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
