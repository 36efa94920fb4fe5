namespace YiSharp.Text;

/// <summary>What a tokenizer is made of, read from a file.</summary>
internal sealed record TokenizerParts
{
    /// <summary>The file, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>All pieces, added ones included.</summary>
    public required Vocabulary Vocabulary { get; init; }

    /// <summary>Words to ids.</summary>
    public required ITokenizerModel Model { get; init; }

    /// <summary>Tokens looked for in the text before anything else.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>Control tokens that are not looked for in texts.</summary>
    public IReadOnlyList<int> ControlIds { get; init; } = [];

    /// <summary>Rewriting of the text, or null.</summary>
    public INormalizer? Normalizer { get; init; }

    /// <summary>Cut into words, or null: each stretch is one word.</summary>
    public IPreTokenizer? PreTokenizer { get; init; }

    /// <summary>Ids that a caller may put around a text.</summary>
    public Surround Surround { get; init; } = Surround.None;

    /// <summary>How pieces become text again.</summary>
    public required DecoderOptions Decoder { get; init; }
}

/// <summary>How pieces become text: what <c>decoder</c> of a tokenizer.json comes to.</summary>
internal sealed record DecoderOptions
{
    /// <summary>Pieces are written in the <see cref="ByteAlphabet"/>.</summary>
    public bool ByteLevel { get; init; }

    /// <summary>Added tokens are text as they stand even where <see cref="ByteLevel"/> could read them (llama.cpp); tokenizers reads them.</summary>
    public bool AddedTokensAreText { get; init; }

    /// <summary>Pieces <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c> are bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>In a run of byte pieces only broken bytes become U+FFFD (sentencepiece); otherwise all of a run that is broken somewhere (tokenizers).</summary>
    public bool KeepsGoodBytes { get; init; }

    /// <summary>Ids that print the same text wherever they stand.</summary>
    public IReadOnlyDictionary<int, string> Surfaces { get; init; } = new Dictionary<int, string>();

    /// <summary>Which pieces lose the space that they start with.</summary>
    public LeadingSpace LeadingSpace { get; init; }

    /// <summary>Replacements inside each piece, in order.</summary>
    public IReadOnlyList<(string Pattern, string Content)> Replacements { get; init; } = [];

    /// <summary>A character dropped from the text's start, at most <see cref="StripStartCount"/> times.</summary>
    public char StripCharacter { get; init; } = ' ';

    /// <summary>How many of <see cref="StripCharacter"/> the text's start loses.</summary>
    public int StripStartCount { get; init; }

    /// <summary>The decoders one after the other, where the options above do not say it all; null otherwise.</summary>
    public DecoderChain? Chain { get; init; }
}

/// <summary>Which pieces lose the space that they start with (google/sentencepiece, <c>src/sentencepiece_processor.cc: Decode</c>).</summary>
internal enum LeadingSpace
{
    /// <summary>None.</summary>
    Keep,

    /// <summary>The first that prints anything, unless bytes or an unknown printed before: the dummy space.</summary>
    DropFirst,

    /// <summary>All up to the first that prints anything then.</summary>
    DropAll,
}
