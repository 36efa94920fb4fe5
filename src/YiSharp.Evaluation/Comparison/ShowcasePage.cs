using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>Answers of several models to the same prompts, side by side on one HTML page.</summary>
public static class ShowcasePage
{
    /// <summary>The page.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="answers">Of each model: its name, and its answers, a prompt each.</param>
    /// <param name="footer">How it was made, Markdown.</param>
    public static ReportPage Create(IReadOnlyList<ShowcasePrompt> prompts, IReadOnlyList<(string Model, IReadOnlyList<Response> Responses)> answers, string footer) => new($"Answers of {string.Join(", ", answers.Select(a => a.Model))}",
    [
        .. prompts.Select((prompt, i) => new Section($"{prompt.Name} ({prompt.Language})",
        [
            new Answers(SampleBlocks.TextOf(prompt.Messages), [.. answers.Select(a => AnswerOf(a.Model, a.Responses[i]))]) { Language = prompt.Language },
        ])),
    ])
    {
        Kind = "Showcase",
        Lead = "The same questions to every model, always the likeliest token; nothing is scored.",
        Footer = footer,
    };

    private static Answer AnswerOf(string model, Response response) => response.Failure is { } failure ? new Answer(model, failure) { Format = TextFormat.Plain, Verdict = "no answer", Tone = Tone.Bad }
        : new Answer(model, response.ShownText) { Verdict = response.FinishReason == Inference.FinishReason.Length ? "cut off" : null };
}
