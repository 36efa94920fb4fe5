using System.Globalization;
using YiSharp.Reports;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>Samples as a page shows them.</summary>
internal static class SampleBlocks
{
    /// <summary>One question and what every model answered.</summary>
    public static Answers Answers(PairedRuns runs, int item)
    {
        Sample first = runs.Samples[0][item];
        return new Answers(Question(first), [.. runs.Samples.Select((samples, run) => Answer(runs.Names[run], samples[item]))])
        {
            Label = first.Place,
            Expected = first.Answer.Length == 0 ? null : first.Answer,
        };
    }

    /// <summary>The prompt as text.</summary>
    public static string Question(Sample sample) => sample.Prompt ?? TextOf(sample.Messages);

    /// <summary>A conversation as text: a single message as it is, of several each with its role.</summary>
    public static string TextOf(IReadOnlyList<ChatMessage> messages) => messages.Count == 1 ? messages[0].Content : string.Join("\n\n", messages.Select(m => $"{m.Role}: {m.Content}"));

    /// <summary>What was said, or how likely each option was, with a verdict.</summary>
    public static Answer Answer(string model, Sample sample)
    {
        string text = sample.Response.Failure
            ?? (sample.LogLikelihoods is { } options ? string.Join("\n", options.Select((value, i) => string.Create(CultureInfo.InvariantCulture, $"option {i + 1}: {value:0.000} nats"))) : MarkedOutput.Of(sample).With("»", "«"));
        return new Answer(model, text) { Format = TextFormat.Plain, Verdict = Verdict(sample), Tone = sample.Prediction.Correct ? Tone.Good : sample.IsShare() ? Tone.Plain : Tone.Bad };
    }

    private static string Verdict(Sample sample)
    {
        if (sample.Response.Failure is not null) return "no answer";
        if (sample.IsExtractionFailure()) return "nothing found";
        string worth = sample.IsShare() ? ComparisonTables.Percent(sample.Score) : sample.Prediction.Correct ? "right" : "wrong";
        return sample.Prediction.Extracted is { } extracted ? $"{worth}: {extracted}" : worth;
    }
}
