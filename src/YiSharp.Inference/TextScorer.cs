using YiSharp.Text;

namespace YiSharp.Inference;

/// <summary>Log-likelihoods of texts, with the conventions of lm-evaluation-harness 0.4 (<c>lm_eval/api/model.py: TemplateLM._encode_pair</c>).</summary>
/// <param name="model">The model that judges; its tokenizer gives the ids.</param>
public sealed class TextScorer(LanguageModel model) : IDisposable
{
    private readonly Scorer _scorer = model.CreateScorer();

    /// <summary>Ids of a text, and ln p of each after the first, nats.</summary>
    public (int[] Ids, double[] LogProbs) Score(string text)
    {
        int[] ids = model.Tokenizer.Encode(text, SpecialTokens.Split);
        return (ids, Score(ids));
    }

    /// <summary>ln p of each id after the first, nats.</summary>
    public double[] Score(int[] ids) => ids.Length == 0 ? [] : _scorer.Score(ids);

    /// <summary>
    /// Log-likelihood of a continuation. White space at the prompt's end moves to the continuation, whose ids are those of the whole
    /// less as many as the prompt alone has. Before an empty prompt stands the begin-of-sequence id.
    /// </summary>
    /// <exception cref="ArgumentException">Prompt and continuation together have no more ids than the prompt.</exception>
    public ContinuationScore Score(string prompt, string continuation)
    {
        (int[] context, int[] target) = Encode(model, prompt, continuation);
        return _scorer.Score(context, target);
    }

    /// <summary>Ids of a prompt, at least one, and of what follows.</summary>
    /// <exception cref="ArgumentException">Prompt and continuation together have no more ids than the prompt.</exception>
    internal static (int[] Context, int[] Target) Encode(LanguageModel model, string prompt, string continuation)
    {
        (int[] context, int[] target) = Split(model, prompt, continuation);
        if (context.Length > 0) return (context, target);
        int first = model.FirstId;
        return ([first], target.Length > 0 && target[0] == first ? target[1..] : target);
    }

    /// <inheritdoc/>
    public void Dispose() => _scorer.Dispose();

    private static (int[] Context, int[] Target) Split(LanguageModel model, string prompt, string continuation)
    {
        if (continuation.Length == 0) return (model.Tokenizer.Encode(prompt, SpecialTokens.Split), []);
        int end = prompt.Length;
        while (end > 0 && IsWhiteSpace(prompt[end - 1])) end--;

        int[] whole = model.Tokenizer.Encode(prompt + continuation, SpecialTokens.Split);
        int[] context = model.Tokenizer.Encode(prompt[..end], SpecialTokens.Split);
        if (whole.Length <= context.Length)
        {
            throw new ArgumentException($"The continuation has no token of its own: the prompt has {context.Length} tokens, and the whole has {whole.Length}; end the prompt elsewhere.");
        }
        return (context, whole[context.Length..]);
    }

    /// <summary>What Python's <c>str.rstrip</c> takes off: the four separators from U+001C on besides Unicode's white space.</summary>
    private static bool IsWhiteSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';
}
