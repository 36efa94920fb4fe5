namespace YiSharp.Checkpoints;

/// <summary>What the tokens of a GGUF vocabulary are: <c>tokenizer.ggml.token_type</c>, but for those that llama.cpp knows by their text.</summary>
internal static class GgufTokenKinds
{
    /// <summary>Tokens that llama.cpp takes for control tokens whatever type the file gives them (<c>src/llama-vocab.cpp</c>): ends of turns, and marks around code to be filled in.</summary>
    private static readonly HashSet<string> Controls = new(StringComparer.Ordinal)
    {
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]",
        "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>",
        "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>", "<|prefix|>",
        "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>", "<|suffix|>",
        "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>", "<|middle|>",
        "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>", "<|file_sep|>",
    };

    /// <summary>The kind of each token; a type that is not known is <see cref="TokenKind.Normal"/>.</summary>
    /// <param name="tokens">Pieces by id.</param>
    /// <param name="types">Their types, [tokens]; null where the file has none.</param>
    public static TokenKind[] Of(string[] tokens, int[]? types) =>
        [.. tokens.Select((token, id) => Controls.Contains(token) ? TokenKind.Control : types is not null && Enum.IsDefined((TokenKind)types[id]) ? (TokenKind)types[id] : TokenKind.Normal)];
}
