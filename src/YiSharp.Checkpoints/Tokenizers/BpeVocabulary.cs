namespace YiSharp.Checkpoints;

/// <summary>What a token of a vocabulary is; numbered as in GGUF (<c>tokenizer.ggml.token_type</c>).</summary>
internal enum TokenKind
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>What stands for text that the vocabulary lacks.</summary>
    Unknown = 2,

    /// <summary>A mark that no text contains.</summary>
    Control = 3,

    /// <summary>A piece that is split off before anything else.</summary>
    UserDefined = 4,

    /// <summary>A place without a token.</summary>
    Unused = 5,

    /// <summary>One byte of a character that the vocabulary lacks.</summary>
    Byte = 6,
}

/// <summary>How a BPE vocabulary writes text.</summary>
internal enum PieceEncoding
{
    /// <summary>Each byte is a letter, as GPT-2 does it.</summary>
    ByteLevel,

    /// <summary>Spaces are ▁, and unknown characters fall back to byte tokens, as SentencePiece does it.</summary>
    SentencePiece,
}

/// <summary>A BPE vocabulary between its two files, <c>tokenizer.json</c> and GGUF metadata.</summary>
internal sealed record BpeVocabulary
{
    /// <summary>How pieces are written.</summary>
    public required PieceEncoding Encoding { get; init; }

    /// <summary>GGUF's name of the rule that cuts text into words (<c>tokenizer.ggml.pre</c>).</summary>
    public required string Pre { get; init; }

    /// <summary>Pieces by id.</summary>
    public required string[] Tokens { get; init; }

    /// <summary>What each token is, [Tokens].</summary>
    public required TokenKind[] Kinds { get; init; }

    /// <summary>Pairs that join, the first to join first.</summary>
    public required IReadOnlyList<(string Left, string Right)> Merges { get; init; }

    /// <summary>Scores of the tokens, [Tokens], where the file has them; otherwise they follow from <see cref="Merges"/>.</summary>
    public float[]? Scores { get; init; }

    /// <summary>Whether a space is put in front of a text.</summary>
    public bool AddSpacePrefix { get; init; }

    /// <summary>Whether pieces that are in the vocabulary as they stand are taken without merging.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Whether encoding puts the begin-of-sequence token in front.</summary>
    public bool AddBos { get; init; }

    /// <summary>Special ids that the files name.</summary>
    public SpecialIds Ids { get; init; }

    /// <summary>Makes control tokens of marks such as <c>&lt;|im_end|&gt;</c> that no merge makes and the file forgets to call special (Yi).</summary>
    public static void MarkControls(string[] tokens, TokenKind[] kinds, IReadOnlyList<(string Left, string Right)> merges)
    {
        var made = merges.Select(m => m.Left + m.Right).ToHashSet(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
        {
            string token = tokens[id];
            if (kinds[id] == TokenKind.Normal && token.StartsWith("<|", StringComparison.Ordinal) && token.EndsWith("|>", StringComparison.Ordinal) && token.Length > 4 && !made.Contains(token)) kinds[id] = TokenKind.Control;
        }
    }

    /// <summary>Special ids; null where there is no such token.</summary>
    /// <param name="Bos">Begin of sequence.</param>
    /// <param name="Eos">End of sequence.</param>
    /// <param name="Unk">Stands for what the vocabulary lacks.</param>
    /// <param name="Pad">Padding.</param>
    public readonly record struct SpecialIds(int? Bos, int? Eos, int? Unk, int? Pad);
}
