using System.Globalization;
using YiSharp.Reports;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>Samples as a page shows them.</summary>
internal static class SampleBlocks
{
    /// <summary>How to read what <see cref="Answer"/> shows.</summary>
    public const string MarkNote = "What was read out of an answer stands between » and «.";

    private const int MostCharacters = 3000; // of a question: exemplars before it tell nothing about it

    /// <summary>One question and what every model answered.</summary>
    /// <param name="models">Their names.</param>
    /// <param name="samples">Their samples of the question, in the same order.</param>
    public static Answers Answers(IReadOnlyList<string> models, IReadOnlyList<Sample> samples) => Answers(samples[0], [.. samples.Select((sample, model) => Answer(models[model], sample))]);

    /// <summary>One question and what a model answered.</summary>
    public static Answers Answers(string model, Sample sample) => Answers(sample, sample.Judgement is { } judgement ? [Answer(model, sample), JudgeAnswer(judgement)] : [Answer(model, sample)]);

    private static Answers Answers(Sample sample, IReadOnlyList<Answer> given) => new(Question(sample) is { Length: > MostCharacters } longer ? "… " + longer[^MostCharacters..] : Question(sample), given)
    {
        Label = sample.Place,
        Expected = sample.Answer.Length == 0 ? null : PairedRuns.Final(sample.Answer),
    };

    /// <summary>The prompt as text.</summary>
    public static string Question(Sample sample) => sample.Prompt ?? TextOf(sample.Messages);

    /// <summary>A conversation as text: a single message as it is, of several each with its role.</summary>
    public static string TextOf(IReadOnlyList<ChatMessage> messages) => messages.Count == 1 ? messages[0].Content : string.Join("\n\n", messages.Select(m => $"{m.Role}: {m.Content}"));

    /// <summary>What was said, or how likely each option was, with a verdict.</summary>
    public static Answer Answer(string model, Sample sample)
    {
        string text = sample.Response.Failure ?? (sample.LogLikelihoods is { } options ? Likelihoods(sample, options) : MarkedOutput.Of(sample).With("»", "«"));
        return new Answer(model, text) { Format = TextFormat.Plain, Verdict = Verdict(sample), Tone = sample.Prediction.Correct ? Tone.Good : SampleOutcome.Of(sample).IsShare ? Tone.Plain : Tone.Bad };
    }

    /// <summary>What another model said of an answer.</summary>
    private static Answer JudgeAnswer(Judgement judgement) => new("judge", judgement.Response.Failure ?? MarkedOutput.Of(judgement.Response, judgement.Span).With("»", "«")) { Format = TextFormat.Plain };

    /// <summary>A line for each option.</summary>
    private static string Likelihoods(Sample sample, IReadOnlyList<double> options)
    {
        HashSet<int> right = [.. HardestItems.RightOptions(sample)];
        double best = options.Max();
        bool areLetters = sample.Answer is [>= 'A' and <= 'Z'];
        return string.Join("\n", options.Select((value, i) => string.Create(CultureInfo.InvariantCulture,
            $"{(areLetters ? QuestionText.Letter(i) : sample.Options is { } texts ? $"{i} {texts[i].Trim()}" : $"option {i}")}: {value:0.000} nats{(value == best ? ", the likeliest" : "")}{(right.Contains(i) ? ", right" : "")}")));
    }

    private static string Verdict(Sample sample)
    {
        if (sample.Failure is not null) return sample.Response.Failure is null ? "no verdict" : "no answer";
        if (SampleOutcome.Of(sample).IsNothingFound) return "nothing found";
        string worth = SampleOutcome.Of(sample).IsShare ? ComparisonTables.Percent(sample.Score) : sample.Prediction.Correct ? "right" : "wrong";
        return sample.Prediction.Extracted is { } extracted ? $"{worth}: {extracted}" : worth;
    }
}
