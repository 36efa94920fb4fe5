using YiSharp.Inference;

namespace YiSharp.Evaluation;

/// <summary>A model of this machine: many conversations at a time, greedy. Takes the model over and disposes of it.</summary>
/// <param name="model">Who answers.</param>
public sealed class LocalResponder(LanguageModel model) : IResponder, IDisposable
{
    /// <inheritdoc/>
    public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
    {
        var generator = new Generator(model);
        foreach (var group in prompts.Select((prompt, index) => (prompt, index)).GroupBy(p => p.prompt.MaxNewTokens))
        {
            (Prompt Prompt, int Index)[] members = [.. group];
            generator.GenerateAll(
                [.. members.Select(m => generator.Encode(m.Prompt.Messages))],
                new GenerationOptions { MaxNewTokens = group.Key, Sampling = SamplingOptions.Greedy },
                (i, result) => onResponse(members[i].Index, new Response(result.Text, result.FinishReason)),
                cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();
}
