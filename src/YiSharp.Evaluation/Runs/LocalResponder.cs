using System.Diagnostics;
using YiSharp.Inference;

namespace YiSharp.Evaluation;

/// <summary>A model of this machine: many prompts at a time, greedy. Takes the model over and disposes of it.</summary>
/// <param name="model">Who answers.</param>
public sealed class LocalResponder(LanguageModel model) : IResponder, IOptionScorer, IDisposable
{
    private readonly Generator _generator = new(model);
    private ChoiceScorer? _scorer;

    /// <inheritdoc/>
    public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
    {
        var members = new List<(int Index, GenerationRequest Request)>(prompts.Count);
        for (int i = 0; i < prompts.Count; i++)
        {
            int[] ids = prompts[i].Text is { } text ? _generator.Encode(text) : _generator.Encode(prompts[i].Messages);
            GenerationRequest request = _generator.Request(ids, new GenerationOptions { MaxNewTokens = prompts[i].MaxNewTokens, StopTexts = prompts[i].Stops, Sampling = SamplingOptions.Greedy });
            if (ids.Length < model.Engine.MaxTokens) members.Add((i, request));
            else onResponse(i, new Response("", FinishReason.Length) { Failure = $"The prompt has {ids.Length} tokens; the model reads at most {model.Engine.MaxTokens}." });
        }
        var options = new GenerationOptions { Sampling = SamplingOptions.Greedy };
        long begun = Stopwatch.GetTimestamp();
        model.Engine.GenerateAll([.. members.Select(m => m.Request)], (i, result) =>
        {
            TextResult text = _generator.ToText(result, options);
            var usage = new Usage(members[i].Request.Ids.Length, text.Ids.Length, Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 1);
            onResponse(members[i].Index, new Response(text.Text, text.FinishReason) { Usage = usage }.CutAt(prompts[members[i].Index].Stops));
        }, cancellation);
    }

    /// <inheritdoc/>
    public void Score(IReadOnlyList<Prompt> prompts, Action<int, double[]?, string?> onScored, CancellationToken cancellation)
    {
        _scorer ??= new ChoiceScorer(model);
        _scorer.Score([.. prompts.Select(p => new ChoiceQuestion(p.Text ?? model.Template.Render(p.Messages, addGenerationPrompt: true).Text, p.Options))], onScored, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scorer?.Dispose();
        model.Dispose();
    }
}
