using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Data;

/// <summary>
/// Conversations to what a model sees in training: the chat template's text as ids, with each assistant's content and the token that closes
/// its turn as targets. What lies beyond <paramref name="maxTokens"/> is cut from the end.
/// </summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="template">The model's chat template.</param>
/// <param name="maxTokens">Most tokens of an example.</param>
public sealed class ExampleEncoder(Tokenizer tokenizer, ChatTemplate template, int maxTokens = ExampleEncoder.DefaultMaxTokens)
{
    /// <summary>Most tokens of an example unless told otherwise.</summary>
    public const int DefaultMaxTokens = 2048;

    private readonly ConversationEncoder _conversations = new(tokenizer, template);

    /// <summary>Most tokens of an example.</summary>
    public int MaxTokens { get; } = maxTokens > 0 ? maxTokens : throw new ArgumentOutOfRangeException(nameof(maxTokens), maxTokens, "Examples need room for a token at least.");

    /// <summary>The encoder of a model: its own tokenizer and template, no longer than it was trained for.</summary>
    public static ExampleEncoder Of(Checkpoint checkpoint, int maxTokens = DefaultMaxTokens)
    {
        Tokenizer tokenizer = Tokenizer.Load(checkpoint);
        return new ExampleEncoder(tokenizer, ChatTemplate.Load(checkpoint, tokenizer), Math.Min(maxTokens, checkpoint.Config.ContextLength));
    }

    /// <summary>One conversation.</summary>
    /// <exception cref="TemplateException">The template refuses it.</exception>
    public EncodedExample Encode(IReadOnlyList<ChatMessage> messages)
    {
        EncodedConversation whole = _conversations.Encode(messages);
        int length = Math.Min(whole.Ids.Length, MaxTokens);
        return new EncodedExample(whole.Ids[..length], whole.IsTarget[..length], whole.Ids.Length);
    }

    /// <summary>The rows of a file, in order.</summary>
    /// <exception cref="InvalidDataException">The template refuses rows: all are listed, with number and reason.</exception>
    public IReadOnlyList<EncodedExample> Encode(IReadOnlyList<InstructionRow> rows, string path)
    {
        var examples = new List<EncodedExample>(rows.Count);
        var bad = new List<BadRow>();
        foreach (InstructionRow row in rows)
        {
            try
            {
                examples.Add(Encode(row.Messages));
            }
            catch (Exception e) when (e is TemplateException or NotSupportedException)
            {
                bad.Add(new BadRow(row.Number, e.Message));
            }
        }
        if (bad.Count == 0) return examples;
        throw new InvalidDataException($"{path}: the chat template refuses {bad.Count} of {rows.Count} rows; correct or remove them.\n  {string.Join("\n  ", bad)}");
    }
}
