namespace YiSharp.Checkpoints;

/// <summary>How a checkpoint's makers generate with it: <c>generation_config.json</c>, or what a GGUF file says of it.</summary>
public sealed record GenerationConfig
{
    /// <summary>Ids that end an answer; empty when the checkpoint names none here.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Begin-of-sequence id, or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Padding id, or null.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>Whether to sample; false asks for the most likely token. Null when not said.</summary>
    public bool? DoSample { get; init; }

    /// <summary>Divisor of the logits before softmax, at least 0, or null.</summary>
    public double? Temperature { get; init; }

    /// <summary>Probability mass that nucleus sampling keeps, (0, 1], or null.</summary>
    public double? TopP { get; init; }

    /// <summary>Number of tokens that top-k sampling keeps; null when not said or unlimited.</summary>
    public int? TopK { get; init; }

    /// <summary>Factor against repeated tokens, above 0 (1: none), or null.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Reads <c>generation_config.json</c>.</summary>
    internal static GenerationConfig Read(JsonFile json) => new()
    {
        EosTokenIds = json.Ids("eos_token_id"),
        BosTokenId = json.WholeNumber("bos_token_id", -1, int.MaxValue) is int bos and >= 0 ? bos : null,
        PadTokenId = json.WholeNumber("pad_token_id", -1, int.MaxValue) is int pad and >= 0 ? pad : null,
        DoSample = json.Flag("do_sample"),
        Temperature = json.Number("temperature", 0, 1e6),
        TopP = json.Number("top_p", 0, 1),
        TopK = json.WholeNumber("top_k", -1, int.MaxValue) is int k and > 0 ? k : null,
        RepetitionPenalty = json.Number("repetition_penalty", 1e-3, 1e3),
    };
}
