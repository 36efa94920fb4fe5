using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary>The names of <c>yi stats</c> about raters, votes, orders and confidence.</summary>
internal static class AgreementStatistics
{
    /// <summary><c>linear</c> and <c>quadratic</c> are there where all categories are whole numbers and kappa is defined; distances count the categories that occur.</summary>
    public static Action<Utf8JsonWriter> CohenKappa(JsonFields fields)
    {
        (string[] a, string[] b) = (fields.Labels("a"), fields.Labels("b"));
        bool isRanked = fields.AreIntegers("a") && fields.AreIntegers("b");
        string[] categories = [.. isRanked ? a.Union(b).OrderBy(label => double.Parse(label, System.Globalization.CultureInfo.InvariantCulture)) : a.Union(b)];
        Dictionary<string, int> index = categories.Select((category, i) => (category, i)).ToDictionary(pair => pair.category, pair => pair.i, StringComparer.Ordinal);
        int[] first = [.. a.Select(label => index[label])], second = [.. b.Select(label => index[label])];

        var agreement = Evaluation.CohenKappa.Agreement(first, second, categories.Length);
        double? kappa = Evaluation.CohenKappa.Of(first, second, categories.Length);
        return writer =>
        {
            writer.WriteReal("observed", agreement?.Observed);
            writer.WriteReal("expected", agreement?.Expected);
            writer.WriteReal("kappa", kappa);
            if (kappa is null || !isRanked) return;
            writer.WriteReal("linear", Evaluation.CohenKappa.Of(first, second, categories.Length, KappaWeights.Linear));
            writer.WriteReal("quadratic", Evaluation.CohenKappa.Of(first, second, categories.Length, KappaWeights.Quadratic));
        };
    }

    public static Action<Utf8JsonWriter> KrippendorffAlpha(JsonFields fields)
    {
        double?[][] ratings = fields.RowsOrNull("raters_by_items");
        double? nominal = Evaluation.KrippendorffAlpha.Of(ratings, RatingScale.Nominal);
        return writer =>
        {
            writer.WriteReal("nominal", nominal);
            writer.WriteReal("ordinal", Evaluation.KrippendorffAlpha.Of(ratings, RatingScale.Ordinal));
            writer.WriteReal("interval", Evaluation.KrippendorffAlpha.Of(ratings, RatingScale.Interval));
        };
    }

    /// <summary>Where there are no estimates, <c>estimable</c> is all there is.</summary>
    public static Action<Utf8JsonWriter> BradleyTerry(JsonFields fields)
    {
        var fit = Evaluation.BradleyTerry.Fit(fields.Rows("wins"), fields.Number("ridge", 0));
        return writer =>
        {
            writer.WriteBoolean("estimable", fit is not null);
            if (fit is null) return;
            writer.WriteReals("log_strength", fit.LogStrengths);
            writer.WriteReals("se", fit.StandardErrors);
            WriteRows(writer, "interval", fit.Intervals().Select(ends => new[] { ends.Low, ends.High }));
            writer.WriteReals("elo", fit.LogStrengths.Select(theta => Evaluation.BradleyTerry.EloCentre + Evaluation.BradleyTerry.EloPerLogStrength * theta));
            writer.WriteReals("elo_se", fit.StandardErrors.Select(error => Evaluation.BradleyTerry.EloPerLogStrength * error));
            WriteRows(writer, "covariance", fit.Covariance);
        };
    }

    public static Action<Utf8JsonWriter> RankCorrelation(JsonFields fields)
    {
        var correlation = Evaluation.RankCorrelation.Of(fields.Numbers("x"), fields.Numbers("y"));
        return writer =>
        {
            writer.WriteReal("kendall_tau_b", correlation.KendallTauB);
            writer.WriteReal("spearman", correlation.Spearman);
        };
    }

    public static Action<Utf8JsonWriter> Calibration(JsonFields fields)
    {
        int bins = fields.Has("bins") ? fields.Count("bins", least: 1, most: Evaluation.Calibration.MaxBins) : Evaluation.Calibration.DefaultBins;
        var calibration = Evaluation.Calibration.Of(fields.Numbers("confidence"), fields.Numbers("correct"), bins);
        return writer =>
        {
            writer.WriteStartArray("bins");
            foreach (CalibrationBin bin in calibration.Bins)
            {
                writer.WriteStartObject();
                writer.WriteNumber("count", bin.Count);
                writer.WriteReal("confidence", bin.Confidence);
                writer.WriteReal("accuracy", bin.Accuracy);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteReal("ece", calibration.ExpectedError);
            writer.WriteReal("mce", calibration.MaximumError);
            writer.WriteReal("brier_top", calibration.Brier);
            writer.WriteReal("ece_equal_count", calibration.EqualCountError);
        };
    }

    private static void WriteRows(Utf8JsonWriter writer, string name, IEnumerable<double[]> rows)
    {
        writer.WriteStartArray(name);
        foreach (double[] row in rows) writer.WriteRealValues(row);
        writer.WriteEndArray();
    }
}
