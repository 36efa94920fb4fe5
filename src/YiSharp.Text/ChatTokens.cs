using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>The special tokens that a template may name as variables. Null ones are undefined in it.</summary>
public sealed record ChatTokens
{
    /// <summary><c>bos_token</c>: begin of sequence.</summary>
    public string? BosToken { get; init; }

    /// <summary><c>eos_token</c>: end of sequence.</summary>
    public string? EosToken { get; init; }

    /// <summary><c>pad_token</c>: padding.</summary>
    public string? PadToken { get; init; }

    /// <summary><c>unk_token</c>: what the vocabulary lacks.</summary>
    public string? UnkToken { get; init; }

    /// <summary>Those that a checkpoint names.</summary>
    public static ChatTokens Of(TokenizerConfig config) =>
        new() { BosToken = config.BosToken, EosToken = config.EosToken, PadToken = config.PadToken, UnkToken = config.UnkToken };
}
