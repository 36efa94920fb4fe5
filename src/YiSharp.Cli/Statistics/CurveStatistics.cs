using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary>The names of <c>yi stats</c> about scores against doses.</summary>
internal static class CurveStatistics
{
    public static Action<Utf8JsonWriter> Isotonic(JsonFields fields)
    {
        double[] y = fields.Numbers("y");
        double[] weights = fields.Has("weights") ? fields.Numbers("weights") : [.. Enumerable.Repeat(1.0, y.Length)];
        double[] fitted = IsotonicFit.Of(y, weights, fields.Boolean("increasing", otherwise: true));
        return writer => writer.WriteReals("fitted", fitted);
    }

    /// <summary><c>true</c> is what made-up scores were made from; nothing is read from it. Where there is no knee, <c>knee</c> is null and <c>reason</c> says why.</summary>
    public static Action<Utf8JsonWriter> Knee(JsonFields fields)
    {
        (double[] doses, double[][] scores) = (fields.Numbers("doses"), fields.Rows("scores"));
        KneeShape shape = fields.Boolean("plateau", otherwise: true) ? KneeShape.Plateau : KneeShape.TwoSlopes;
        var fit = KneeFit.Of(doses, scores, shape);
        Interval? interval = KneeFit.Interval(doses, scores, shape);
        return writer =>
        {
            writer.WriteReal("knee", fit.WhyNone is null ? fit.Knee : null);
            writer.WriteReals("coefficients", fit.Coefficients);
            writer.WriteReal("sse", fit.SquaredError);
            writer.WriteInterval("bootstrap_interval", interval);
            if (fit.WhyNone is { } reason) writer.WriteString("reason", $"There is no knee: {reason}.");
        };
    }
}
