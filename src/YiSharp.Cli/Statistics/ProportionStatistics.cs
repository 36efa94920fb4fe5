using System.Text.Json;
using YiSharp.Evaluation;
using YiSharp.Reports;

namespace YiSharp.Cli;

/// <summary>The names of <c>yi stats</c> about shares of right answers and their tests.</summary>
internal static class ProportionStatistics
{
    public static Action<Utf8JsonWriter> Binomial(JsonFields fields)
    {
        int count = fields.Count("n"), successes = fields.Count("successes", most: count);
        double level = fields.Level();
        Interval wilson = Proportion.Wilson(successes, count, level), exact = Proportion.ClopperPearson(successes, count, level), agresti = Proportion.AgrestiCoull(successes, count, level);
        return writer =>
        {
            if (count == 0) writer.WriteBoolean("convention", true);
            writer.WriteReal("mean", count == 0 ? null : (double)successes / count);
            writer.WriteReal("se_sample", Proportion.StandardError(successes, count));
            writer.WriteReal("se_bernoulli", Proportion.BernoulliError(successes, count));
            writer.WriteInterval("wilson", wilson);
            writer.WriteInterval("clopper_pearson", exact);
            writer.WriteInterval("agresti_coull", agresti);
        };
    }

    public static Action<Utf8JsonWriter> McNemar(JsonFields fields)
    {
        (int b, int c) = (fields.Count("b"), fields.Count("c"));
        double exact = Evaluation.McNemar.ExactP(b, c), mid = Evaluation.McNemar.MidP(b, c);
        double? plain = Evaluation.McNemar.ChiSquared(b, c), corrected = Evaluation.McNemar.CorrectedChiSquared(b, c);
        return writer =>
        {
            writer.WriteReal("p_exact", exact);
            writer.WriteReal("p_mid", mid);
            writer.WriteReal("chi2", plain);
            writer.WriteReal("p_chi2", plain is { } chi2 ? Evaluation.McNemar.ChiSquaredP(chi2) : null);
            writer.WriteReal("chi2_continuity", corrected);
            writer.WriteReal("p_chi2_continuity", corrected is { } continuity ? Evaluation.McNemar.ChiSquaredP(continuity) : null);
        };
    }

    public static Action<Utf8JsonWriter> AdjustP(JsonFields fields)
    {
        double[] p = fields.Numbers("p");
        double[] bonferroni = MultipleTests.Bonferroni(p);
        return writer =>
        {
            writer.WriteReals("bonferroni", bonferroni);
            writer.WriteReals("holm", Holm.Adjust(p));
            writer.WriteReals("hochberg", MultipleTests.Hochberg(p));
            writer.WriteReals("benjamini_hochberg", MultipleTests.BenjaminiHochberg(p));
            writer.WriteReals("benjamini_yekutieli", MultipleTests.BenjaminiYekutieli(p));
        };
    }

    public static Action<Utf8JsonWriter> NonInferiority(JsonFields fields)
    {
        int count = fields.Count("n", least: 1), onlyNew = fields.Count("b", most: count), onlyOld = fields.Count("c", most: count);
        if (onlyNew > count - onlyOld) throw new ArgumentException($"Fields \"b\" and \"c\" are {onlyNew} and {onlyOld} of {Sizes.Of(count, "item", "items")}; on no item is only the one and only the other right.");
        var test = Evaluation.NonInferiority.Test(onlyNew, onlyOld, count, fields.Within("margin", -1, 1), fields.Between("alpha", 0, 0.5));
        return writer =>
        {
            writer.WriteReal("difference", test.Difference);
            writer.WriteReal("se_wald", test.WaldError);
            writer.WriteReal("z_wald", test.WaldZ);
            writer.WriteReal("p_wald", test.WaldP);
            writer.WriteReal("lower_wald", test.WaldLower);
            writer.WriteReal("z_score", test.ScoreZ);
            writer.WriteReal("p_score", test.ScoreP);
            writer.WriteInterval("tango_interval", test.Tango);
            writer.WriteBoolean("non_inferior_wald", test.IsNonInferiorByWald);
            writer.WriteBoolean("non_inferior_score", test.IsNonInferior);
        };
    }

    /// <summary><c>sample_size</c> is absent where nothing differs, <c>power_exact_mcnemar</c> where it is not summed.</summary>
    public static Action<Utf8JsonWriter> Power(JsonFields fields)
    {
        double p10 = fields.Within("p10", 0, 1), p01 = fields.Within("p01", 0, 1);
        if (p10 + p01 > 1 + 1e-12) throw new ArgumentException($"Fields \"p10\" and \"p01\" sum to {p10 + p01}; at most 1 was expected.");
        double alpha = fields.Between("alpha", 0, 1), targetPower = fields.Between("target_power", 0, 1);
        if (targetPower <= alpha) throw new ArgumentException($"Field \"target_power\" is {targetPower} and \"alpha\" {alpha}; a larger power was expected, for a test finds a difference in a share alpha of the cases where there is none.");
        var power = PairedPower.Of(p10, p01, fields.Count("n", least: 1), alpha, targetPower);
        return writer =>
        {
            if (power.SampleSize is { } size)
            {
                writer.WriteReal("sample_size", PairedPower.WholeItems(size));
                writer.WriteReal("sample_size_raw", size);
            }
            writer.WriteReal("power_normal", power.NormalPower);
            if (power.ExactPower is { } exact) writer.WriteReal("power_exact_mcnemar", exact);
            writer.WriteReal("detectable_miller", power.DetectableByMiller);
            writer.WriteReal("detectable_connor", power.DetectableByConnor);
        };
    }

    /// <summary><c>first</c> and <c>second</c> are points from 0 to 100; table and row are the asker's own names for the pair.</summary>
    public static Action<Utf8JsonWriter> PublishedZ(JsonFields fields)
    {
        _ = (fields.String("table"), fields.String("row"));
        (double first, double second, int count) = (fields.Within("first", 0, 100), fields.Within("second", 0, 100), fields.Count("n", least: 1));
        UnpairedProportions compared = UnpairedProportions.Of(first / 100, second / 100, count);
        return writer =>
        {
            writer.WriteReal("z", compared.Z);
            writer.WriteReal("se_points_first", 100 * compared.FirstStandardError);
            writer.WriteReal("p_two_sided", compared.P);
        };
    }
}
