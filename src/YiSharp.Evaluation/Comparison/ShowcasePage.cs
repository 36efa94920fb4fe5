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
            new Answers(SampleBlocks.TextOf(prompt.Messages), [.. answers.Select(a => new Answer(a.Model, a.Responses[i].Text) { Verdict = a.Responses[i].FinishReason == Inference.FinishReason.Length ? "cut off" : null })]) { Language = prompt.Language },
        ])),
    ])
    {
        Kind = "Showcase",
        Lead = "The same questions to every model, always the likeliest token; nothing is scored.",
        Footer = footer,
    };
}
