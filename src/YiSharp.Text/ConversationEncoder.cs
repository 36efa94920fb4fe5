using System.Text.Json;

namespace YiSharp.Text;

/// <summary>A conversation as ids, with what a model should learn to say.</summary>
/// <param name="Ids">Token ids, [tokenCount].</param>
/// <param name="IsTarget">Whether the token is one that the assistant wrote, [tokenCount].</param>
public sealed record EncodedConversation(int[] Ids, bool[] IsTarget);

/// <summary>
/// Conversations to ids and loss masks: what the template puts between <c>{% generation %}</c> and <c>{% endgeneration %}</c>, as in transformers; from one without
/// these marks, each assistant's content with the token that ends its turn.
/// </summary>
public sealed class ConversationEncoder(Tokenizer tokenizer, ChatTemplate template)
{
    private const string Assistant = "assistant";

    /// <summary>
    /// The ids of a conversation up to the end of the assistant's last turn, and which of them are targets. Where a turn begins and ends is found by
    /// rendering the conversation up to there, so it holds for any template that only appends, and for any that marks what is generated.
    /// </summary>
    /// <param name="messages">The turns; one at least is the assistant's.</param>
    /// <param name="tools">A JSON array of function descriptions, or null.</param>
    /// <exception cref="ArgumentException">No turn is the assistant's.</exception>
    /// <exception cref="NotSupportedException">The template rewrites earlier turns, so that a turn has no place of its own.</exception>
    /// <exception cref="TemplateException">The template refuses the conversation.</exception>
    public EncodedConversation Encode(IReadOnlyList<ChatMessage> messages, JsonElement? tools = null)
    {
        TemplatedText rendered = template.Render(messages, tools);
        int[] ids = tokenizer.Encode(rendered);
        if (rendered.GenerationSpans.Count > 0 && Marked(rendered, ids) is { } marked) return marked;
        var isTarget = new bool[ids.Length];
        int end = 0;
        for (int turn = 0; turn < messages.Count; turn++)
        {
            if (messages[turn].Role != Assistant) continue;
            int start = SharedPrefix(ids, tokenizer.Encode(template.Render([.. messages.Take(turn)], tools, addGenerationPrompt: true)), turn, slack: 1);
            int[] through = turn == messages.Count - 1 ? ids : tokenizer.Encode(template.Render([.. messages.Take(turn + 1)], tools));
            int shared = SharedPrefix(ids, through, turn, slack: 1);
            end = EndOfTurn(ids, start, shared);
            isTarget.AsSpan(start..end).Fill(true);
        }
        if (end == 0) throw new ArgumentException("The conversation has no turn of the assistant; expected one to learn from.", nameof(messages));
        return new EncodedConversation(ids[..end], isTarget[..end]);
    }

    /// <summary>Targets are the tokens that reach into a marked stretch; null where decoding does not give the text back, so that tokens have no place in it.</summary>
    private EncodedConversation? Marked(TemplatedText rendered, int[] ids)
    {
        var isTarget = new bool[ids.Length];
        IncrementalDecoder decoder = tokenizer.CreateDecoder();
        int at = 0, span = 0, end = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            string piece = decoder.Push(ids[i]);
            if (!rendered.Text.AsSpan(at).StartsWith(piece)) return null;
            // A token of a part of a character shows nothing, and belongs to what comes next.
            int next = at + Math.Max(piece.Length, 1);
            while (span < rendered.GenerationSpans.Count && rendered.GenerationSpans[span].End <= at) span++;
            isTarget[i] = span < rendered.GenerationSpans.Count && rendered.GenerationSpans[span].Start < next;
            if (isTarget[i]) end = i + 1;
            at += piece.Length;
        }
        return at + decoder.Flush().Length == rendered.Text.Length && end > 0 ? new EncodedConversation(ids[..end], isTarget[..end]) : null;
    }

    /// <summary>How far a rendering of the first turns agrees with the whole; its last token alone may join with what follows.</summary>
    private static int SharedPrefix(int[] whole, int[] part, int turn, int slack)
    {
        int shared = whole.AsSpan().CommonPrefixLength(part);
        if (shared + slack >= part.Length) return shared;
        throw new NotSupportedException(
            $"The chat template renders the turns before message {turn + 1} otherwise when more follow (from token {shared} on), so the assistant's tokens cannot be told apart; train on single-turn rows or use a template that only appends.");
    }

    /// <summary>The place after the control token that ends a turn: the last one in its tokens; without one, the turn's end.</summary>
    private int EndOfTurn(int[] ids, int start, int end)
    {
        for (int i = end - 1; i >= start; i--)
        {
            if (tokenizer.IsSpecial(ids[i])) return i + 1;
        }
        return end;
    }
}
