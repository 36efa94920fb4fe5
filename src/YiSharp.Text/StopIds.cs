using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>The ids that end an answer.</summary>
/// <remarks>
/// A Yi-Chat turn ends with id 7 while its config.json names 2: whoever stops only at the one never stops. So all sources count together.
/// </remarks>
public static class StopIds
{
    private static readonly string[] EndOfTurnKeys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    /// <summary>
    /// The union of what generation_config.json, config.json and GGUF metadata name as ends, the tokenizer's end-of-sequence token, and the control token that
    /// the chat template writes after the assistant's words; sorted.
    /// </summary>
    public static int[] Of(Checkpoint checkpoint, Tokenizer tokenizer)
    {
        var ids = new SortedSet<int>([.. checkpoint.Generation.EosTokenIds, .. checkpoint.Config.EosTokenIds]);
        foreach (string key in EndOfTurnKeys)
        {
            if (checkpoint.Gguf?.WholeNumber(key, 0, int.MaxValue) is { } id) ids.Add(id);
        }
        if (checkpoint.TokenizerConfig.EosToken is { } eos && tokenizer.TryGetId(eos, out int eosId)) ids.Add(eosId);
        if (TurnEnd(checkpoint, tokenizer) is { } end) ids.Add(end);
        return [.. ids];
    }

    /// <summary>The first control token that the template writes after an answer, or null where it writes none.</summary>
    public static int? OfTemplate(ChatTemplate template, Tokenizer tokenizer)
    {
        ChatMessage[] messages = [new("user", "a"), new("assistant", "b")];
        int[] open, whole;
        try
        {
            open = tokenizer.Encode(template.Render(messages[..1], addGenerationPrompt: true));
            whole = tokenizer.Encode(template.Render(messages));
        }
        catch (TemplateException)
        {
            return null;
        }
        for (int i = whole.AsSpan().CommonPrefixLength(open); i < whole.Length; i++)
        {
            if (tokenizer.IsSpecial(whole[i])) return whole[i];
        }
        return null;
    }

    private static int? TurnEnd(Checkpoint checkpoint, Tokenizer tokenizer)
    {
        if (checkpoint.ChatTemplate is null && !tokenizer.TryGetId("<|im_end|>", out _)) return null;
        return OfTemplate(ChatTemplate.Load(checkpoint, tokenizer), tokenizer);
    }
}
