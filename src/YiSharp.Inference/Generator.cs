using System.Text;
using System.Text.Json;
using YiSharp.Text;

namespace YiSharp.Inference;

/// <summary>Text in, text out: prompts or messages to ids, and generated ids to text as they come.</summary>
/// <param name="model">The model that answers.</param>
public sealed class Generator(LanguageModel model)
{
    /// <summary>Ids of a raw prompt: special tokens written in it count as such, and none are added but where it is empty.</summary>
    public int[] Encode(string prompt) => OrFirst(model.Tokenizer.Encode(prompt, SpecialTokens.Split));

    /// <summary>Ids of a conversation through the model's template, ready for the assistant's answer.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="tools">A JSON array of function descriptions, or null.</param>
    public int[] Encode(IReadOnlyList<ChatMessage> messages, JsonElement? tools = null) =>
        OrFirst(model.Tokenizer.Encode(model.Template.Render(messages, tools, addGenerationPrompt: true)));

    /// <summary>The ids, or the one that stands before an empty text.</summary>
    public int[] OrFirst(int[] ids) => ids.Length > 0 ? ids : [model.FirstId];

    /// <summary>A request to the engine.</summary>
    public GenerationRequest Request(int[] ids, GenerationOptions options) => new()
    {
        Ids = ids,
        StopIds = options.IgnoreEos ? [] : model.StopIds,
        CreateStopCheck = options.StopTexts.Count == 0 ? null : () => new StopTextCheck(model.Tokenizer, options.StopTexts).Ends,
        MaxNewTokens = options.MaxNewTokens,
        Sampling = options.Sampling,
        Speculation = options.Speculation,
    };

    /// <summary>Answers a prompt's ids.</summary>
    /// <param name="ids">The prompt, at least one id.</param>
    /// <param name="options">How.</param>
    /// <param name="onText">Called with each piece of the answer as soon as its characters are whole; null for none.</param>
    /// <param name="cancellation">Ends it between two tokens.</param>
    /// <exception cref="ArgumentException">The prompt or an option does not hold.</exception>
    public TextResult Generate(int[] ids, GenerationOptions options, Action<string>? onText = null, CancellationToken cancellation = default)
    {
        GenerationRequest request = Request(ids, options);
        var answer = new AnswerText(model.Tokenizer, request.StopIds, onText);
        GenerationResult result = model.Engine.Generate(request, answer.Add, cancellation);
        return new TextResult(answer.Finish(), result.Ids, result.FinishReason, result.Seed) { Speculation = result.Speculation };
    }

    /// <summary>Answers many prompts, batched; the answers stand in the prompts' order.</summary>
    /// <param name="prompts">Ids of each prompt.</param>
    /// <param name="options">How.</param>
    /// <param name="onFinished">Called with a prompt's index and answer when it is there, in no fixed order; null for none.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="ArgumentException">A prompt or an option does not hold.</exception>
    public TextResult[] GenerateAll(
        IReadOnlyList<int[]> prompts, GenerationOptions options, Action<int, TextResult>? onFinished = null, CancellationToken cancellation = default)
    {
        var results = new TextResult[prompts.Count];
        model.Engine.GenerateAll(
            [.. prompts.Select(ids => Request(ids, options))],
            (index, result) =>
            {
                results[index] = ToText(result, options);
                onFinished?.Invoke(index, results[index]);
            },
            cancellation);
        return results;
    }

    /// <summary>A result with its text.</summary>
    public TextResult ToText(GenerationResult result, GenerationOptions options)
    {
        var answer = new AnswerText(model.Tokenizer, options.IgnoreEos ? [] : model.StopIds, onText: null);
        foreach (int id in result.Ids) answer.Add(id);
        return new TextResult(answer.Finish(), result.Ids, result.FinishReason, result.Seed) { Speculation = result.Speculation };
    }
}

/// <summary>An answer's text as its ids come, without the stop id and other control tokens.</summary>
internal sealed class AnswerText(Tokenizer tokenizer, IReadOnlyList<int> stopIds, Action<string>? onText)
{
    private readonly IncrementalDecoder _decoder = tokenizer.CreateDecoder(skipSpecial: true);
    private readonly StringBuilder _text = new();

    /// <summary>The text so far, in whole characters.</summary>
    public override string ToString() => _text.ToString();

    public void Add(int id)
    {
        if (stopIds.Contains(id)) return;
        Append(_decoder.Push(id));
    }

    /// <summary>Adds what was held back for the rest of a character, and gives the whole.</summary>
    public string Finish()
    {
        Append(_decoder.Flush());
        return _text.ToString();
    }

    private void Append(string piece)
    {
        if (piece.Length == 0) return;
        _text.Append(piece);
        onText?.Invoke(piece);
    }
}
