using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>A comparison for scripts: one JSON object (see <c>docs/formats.md</c>).</summary>
public static class ComparisonJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object, with a line end.</summary>
    public static string Write(ComparisonTable comparison) => Object(json =>
    {
        json.WriteString("baseline", comparison.Runs[0]);
        WriteNames(json, "runs", comparison.Runs);
        WriteNames(json, "models", comparison.Models);
        json.WriteNumber("left_out", comparison.LeftOut);
        WriteNames(json, "read_differently", comparison.ReadDifferently);
        json.WriteNumber("level", Interval.DefaultLevel);
        json.WriteStartArray("scores");
        foreach (RunScore score in comparison.Scores) WriteScore(json, score);
        json.WriteEndArray();
        json.WriteStartArray("comparisons");
        foreach (ComparedPair pair in comparison.Pairs) WritePair(json, pair, comparison.Margin);
        json.WriteEndArray();
    });

    /// <summary>The same for rows of the published table; scores and differences are points of 100 there.</summary>
    public static string Write(IReadOnlyList<PublishedComparison> comparisons) => Object(json =>
    {
        json.WriteBoolean("paired", false);
        json.WriteStartArray("comparisons");
        foreach (PublishedComparison c in comparisons)
        {
            json.WriteStartObject();
            json.WriteString("baseline", c.Baseline);
            json.WriteString("candidate", c.Candidate);
            json.WriteString("suite", c.Score.Suite.Name);
            json.WriteNumber("shots", c.Score.Shots);
            json.WriteNumber("count", c.Score.Suite.ItemCount);
            json.WriteNumber("baseline_points", c.BaselinePoints);
            json.WriteNumber("points", c.Score.Points);
            json.WriteNumber("difference", c.Difference);
            WriteInterval(json, "interval", c.Interval);
            json.WriteNumber("one_sigma", c.OneSigma);
            WriteOptional(json, "z", c.Z is { } z && double.IsFinite(z) ? z : null);
            json.WriteNumber("p", c.P);
            json.WriteNumber("adjusted_p", c.AdjustedP);
            WriteFinding(json, c.Finding);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static void WriteNames(Utf8JsonWriter json, string field, IEnumerable<string> names)
    {
        json.WriteStartArray(field);
        foreach (string name in names) json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static string Object(Action<Utf8JsonWriter> writeFields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void WriteScore(Utf8JsonWriter json, RunScore score)
    {
        json.WriteStartObject();
        WriteRow(json, score.Row);
        json.WriteString("run", score.Run);
        json.WriteNumber("count", score.Count);
        json.WriteNumber("score", score.Score);
        WriteInterval(json, "interval", score.Interval);
        WriteError(json, score.StandardError, score.StandardErrorKind!.Value);
        json.WriteNumber("clusters", score.Clusters);
        json.WriteNumber("extraction_failures", score.ExtractionFailures);
        json.WriteNumber("endpoint_failures", score.EndpointFailures);
        json.WriteNumber("truncated", score.Truncated);
        json.WriteEndObject();
    }

    private static void WritePair(Utf8JsonWriter json, ComparedPair pair, double? margin)
    {
        PairedComparison paired = pair.Paired;
        json.WriteStartObject();
        WriteRow(json, pair.Row);
        json.WriteString("baseline", paired.Baseline);
        json.WriteString("candidate", paired.Candidate);
        json.WriteNumber("count", paired.Count);
        json.WriteNumber("only_baseline", paired.OnlyBaseline);
        json.WriteNumber("only_candidate", paired.OnlyCandidate);
        json.WriteNumber("difference", paired.Difference);
        WriteInterval(json, "interval", paired.Interval);
        WriteError(json, pair.Error.Value, pair.Error.Kind);
        json.WriteNumber("p", paired.P);
        json.WriteNumber("adjusted_p", paired.AdjustedP);
        WriteOptional(json, "detectable", pair.Detectable);
        if (margin is { } loss)
        {
            json.WriteStartObject("non_inferiority");
            json.WriteNumber("margin", loss);
            json.WriteNumber("lower_bound", pair.LowerBound);
            json.WriteBoolean("holds", pair.LosesLessThan(loss));
            json.WriteEndObject();
        }
        WriteFinding(json, paired.Finding);
        json.WriteBoolean("by_items_only", pair.IsWithinClusters);
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, ComparisonRow row)
    {
        json.WriteString("task", row.Task);
        json.WriteString("average", row.Average == Averaging.Micro ? "micro" : "macro");
    }

    private static void WriteError(Utf8JsonWriter json, double? error, ErrorKind kind)
    {
        WriteOptional(json, "standard_error", error);
        json.WriteString("standard_error_kind", ErrorEstimate.Name(kind));
    }

    private static void WriteFinding(Utf8JsonWriter json, ComparisonFinding finding)
    {
        json.WriteString("verdict", finding.Verdict());
        json.WriteString("finding", finding.Name());
    }

    private static void WriteInterval(Utf8JsonWriter json, string name, Interval interval)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(interval.Low);
        json.WriteNumberValue(interval.High);
        json.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }
}
