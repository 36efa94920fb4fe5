namespace YiSharp.Text;

/// <summary>
/// Reads the vocabulary of a GGUF file (<c>tokenizer.ggml.*</c>). Every kind of model and of cut is one row of a table; one without a row is refused by name.
/// </summary>
internal sealed class GgufVocabulary(IReadOnlyDictionary<string, object> metadata, string source)
{
    private const int Unknown = 2, Control = 3, UserDefined = 4, Byte = 6;

    private static readonly Dictionary<string, Func<GgufVocabulary, TokenizerParts>> Models = new(StringComparer.Ordinal)
    {
        ["gpt2"] = vocabulary => vocabulary.ReadByteLevel(),
        ["llama"] = vocabulary => vocabulary.ReadSentencePiece(),
    };

    private static readonly Dictionary<string, Func<IPreTokenizer>> Cuts = new(StringComparer.Ordinal)
    {
        ["smollm"] = DigitsThenGpt2,
        ["starcoder"] = DigitsThenGpt2,
        ["refact"] = DigitsThenGpt2,
        ["command-r"] = DigitsThenGpt2,
        ["gpt-2"] = () => new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: true),
    };

    /// <summary>Reads the tokenizer's part of a file's metadata.</summary>
    public static TokenizerParts Read(IReadOnlyDictionary<string, object> metadata, string source)
    {
        var vocabulary = new GgufVocabulary(metadata, source);
        return vocabulary.Row(Models, "tokenizer.ggml.model")(vocabulary);
    }

    private TokenizerParts ReadByteLevel()
    {
        (VocabularyBuilder builder, List<AddedToken> added) = ReadTokens();
        Func<IPreTokenizer> cut = Row(Cuts, "tokenizer.ggml.pre");
        string[] merges = Required<string[]>("tokenizer.ggml.merges", "a list of strings");
        for (int i = 0; i < merges.Length; i++) builder.AddMerge(merges[i], "tokenizer.ggml.merges", i);
        return new TokenizerParts
        {
            Source = source,
            Vocabulary = builder.Vocabulary,
            AddedTokens = added,
            Model = new BpeModel(builder.Vocabulary, builder.Merges, new BpeOptions { ByteLevel = true }),
            PreTokenizer = cut(),
            Decoder = new DecoderOptions { ByteLevel = true, AddedTokensAreText = true },
        };
    }

    private TokenizerParts ReadSentencePiece()
    {
        (VocabularyBuilder builder, List<AddedToken> added) = ReadTokens();
        float[] scores = Required<float[]>("tokenizer.ggml.scores", "a list of 32-bit floats");
        if (scores.Length != builder.Vocabulary.Size) throw Fail($"tokenizer.ggml.scores has {scores.Length} entries; expected {builder.Vocabulary.Size}, one for each token");
        bool addPrefix = Optional("tokenizer.ggml.add_space_prefix", true);
        INormalizer space = new ReplaceNormalizer(" ", "▁");
        int[] types = Required<int[]>("tokenizer.ggml.token_type", "a list of 32-bit integers");
        int unknown = Array.IndexOf(types, Unknown);
        return new TokenizerParts
        {
            Source = source,
            Vocabulary = builder.Vocabulary,
            AddedTokens = added,
            Model = new BpeModel(builder.Vocabulary, MergesByScore(builder.Vocabulary, scores, types),
                new BpeOptions { ByteFallback = Array.IndexOf(types, Byte) >= 0, UnknownId = unknown >= 0 ? unknown : null }),
            Normalizer = addPrefix ? new NormalizerSequence([new PrependNormalizer("▁"), space]) : space,
            Decoder = new DecoderOptions { ByteFallback = true, Replacements = [("▁", " ")], StripStartCount = addPrefix ? 1 : 0 },
        };
    }

    /// <summary>
    /// SentencePiece joins the neighbours whose piece has the highest score. As merges: every split of a piece into two others, ranked by the
    /// piece's score; equal scores share a rank, so that the leftmost comes first.
    /// </summary>
    private static List<Merge> MergesByScore(Vocabulary vocabulary, float[] scores, int[] types)
    {
        var merges = new List<Merge>();
        int rank = -1;
        float previous = float.NaN;
        foreach (int id in Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]))
        {
            if (scores[id] != previous) rank++;
            previous = scores[id];
            if (types[id] is Control or Byte or Unknown) continue;
            string token = vocabulary.TokenOf(id)!;
            for (int split = 1; split < token.Length; split++)
            {
                if (char.IsLowSurrogate(token[split])) continue;
                if (vocabulary.IdOf(token[..split]) is { } left && vocabulary.IdOf(token[split..]) is { } right) merges.Add(new Merge(left, right, rank, id));
            }
        }
        return merges;
    }

    private (VocabularyBuilder, List<AddedToken>) ReadTokens()
    {
        string[] tokens = Required<string[]>("tokenizer.ggml.tokens", "a list of strings");
        int[] types = Required<int[]>("tokenizer.ggml.token_type", "a list of 32-bit integers");
        if (types.Length != tokens.Length) throw Fail($"tokenizer.ggml.token_type has {types.Length} entries; expected {tokens.Length}, one for each token");
        var builder = new VocabularyBuilder(source, tokens.Length);
        var added = new List<AddedToken>();
        for (int id = 0; id < tokens.Length; id++)
        {
            builder.Add(tokens[id], id, "tokenizer.ggml.tokens");
            if (types[id] is Control or UserDefined or Unknown && tokens[id].Length > 0) added.Add(new AddedToken(id, tokens[id]) { Special = types[id] != UserDefined });
        }
        return (builder, added);
    }

    private static PreTokenizerSequence DigitsThenGpt2() =>
        new([new DigitsPreTokenizer(individual: true), new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: true)]);

    private T Row<T>(Dictionary<string, T> table, string key)
    {
        string name = Required<string>(key, "a string");
        return table.TryGetValue(name, out T? row) ? row : throw new NotSupportedException(
            $"{key} of {source} is {JsonField.Quote(name)}, which this version does not know; known: {string.Join(", ", table.Keys)}.");
    }

    private T Required<T>(string key, string expected) where T : class =>
        !metadata.TryGetValue(key, out object? value) ? throw Fail($"{key} is missing; expected {expected}")
        : value as T ?? throw Fail($"{key} is {value.GetType().Name}; expected {expected}");

    private bool Optional(string key, bool absent) =>
        !metadata.TryGetValue(key, out object? value) ? absent : value is bool flag ? flag : throw Fail($"{key} is {value.GetType().Name}; expected true or false");

    private InvalidDataException Fail(string complaint) => new($"{complaint}, in {source}. The file is damaged, or it holds weights without a tokenizer.");
}
