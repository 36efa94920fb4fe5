namespace YiSharp.Checkpoints;

/// <summary>A vocabulary in GGUF metadata: <c>gpt2</c> (byte-level, with merges) and <c>llama</c> (SentencePiece, with scores).</summary>
internal static class GgufVocabularyFormat
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>Reads a file's vocabulary, or gives null when it has none.</summary>
    public static BpeVocabulary? Read(GgufFile file, LlamaConfig config)
    {
        if (file.Text($"{Prefix}model") is not string model || file.Texts($"{Prefix}tokens") is not string[] tokens) return null;
        TokenKind[] kinds = Kinds(file, tokens);
        var ids = new BpeVocabulary.SpecialIds(config.BosTokenId, config.EosTokenIds is [int eos, ..] ? eos : null, file.WholeNumber($"{Prefix}unknown_token_id", 0, tokens.Length - 1), config.PadTokenId);
        bool isLlama = model == "llama";
        if (!isLlama && model != "gpt2") throw new NotSupportedException($"{file.Path} says {Prefix}model = {model}; only \"gpt2\" and \"llama\" can be written as tokenizer.json.");
        float[]? scores = isLlama ? Scores(file, tokens.Length) : null;
        return new BpeVocabulary
        {
            Encoding = isLlama ? PieceEncoding.SentencePiece : PieceEncoding.ByteLevel,
            Pre = file.Text($"{Prefix}pre") ?? "default",
            Tokens = tokens,
            Kinds = kinds,
            Merges = scores is null ? Merges(file) : MergeScores.ToMerges(tokens, kinds, scores),
            Scores = scores,
            AddSpacePrefix = file.Flag($"{Prefix}add_space_prefix") ?? isLlama,
            IgnoreMerges = !isLlama && file.Text($"{Prefix}pre") is string pre && PreTokenizerTable.Find(pre) is { IgnoreMerges: true },
            AddBos = file.Flag($"{Prefix}add_bos_token") ?? isLlama,
            Ids = isLlama ? ids with { Unk = ids.Unk ?? 0 } : ids,
        };
    }

    /// <summary>The metadata for a vocabulary, but for the id that ends a turn.</summary>
    public static IEnumerable<(string Key, object Value)> Write(BpeVocabulary vocabulary)
    {
        bool isLlama = vocabulary.Encoding == PieceEncoding.SentencePiece;
        yield return ($"{Prefix}model", isLlama ? "llama" : "gpt2");
        yield return ($"{Prefix}pre", vocabulary.Pre);
        yield return ($"{Prefix}tokens", vocabulary.Tokens);
        yield return ($"{Prefix}token_type", vocabulary.Kinds.Select(k => (int)k).ToArray());
        if (isLlama) yield return ($"{Prefix}scores", vocabulary.Scores ?? MergeScores.FromMerges(vocabulary.Tokens, vocabulary.Kinds, vocabulary.Merges));
        else yield return ($"{Prefix}merges", vocabulary.Merges.Select(m => $"{m.Left} {m.Right}").ToArray());
        yield return ($"{Prefix}add_space_prefix", vocabulary.AddSpacePrefix);
        yield return ($"{Prefix}add_bos_token", vocabulary.AddBos);
        if (vocabulary.Ids.Bos is int bos) yield return ($"{Prefix}bos_token_id", (uint)bos);
        if (vocabulary.Ids.Unk is int unk) yield return ($"{Prefix}unknown_token_id", (uint)unk);
        if (vocabulary.Ids.Pad is int pad) yield return ($"{Prefix}padding_token_id", (uint)pad);
    }

    private static TokenKind[] Kinds(GgufFile file, string[] tokens)
    {
        const string key = $"{Prefix}token_type";
        if (!file.Metadata.TryGetValue(key, out object? value)) return GgufTokenKinds.Of(tokens, null);
        return value is int[] types && types.Length == tokens.Length ? GgufTokenKinds.Of(tokens, types) : throw file.Wrong(key, $"{tokens.Length} whole numbers, one for each token");
    }

    private static float[] Scores(GgufFile file, int count)
    {
        const string key = $"{Prefix}scores";
        return file.Metadata.GetValueOrDefault(key) is float[] scores && scores.Length == count && scores.All(float.IsFinite) ? scores : throw file.Wrong(key, $"{count} finite numbers, one for each token");
    }

    private static List<(string, string)> Merges(GgufFile file)
    {
        const string key = $"{Prefix}merges";
        var merges = new List<(string, string)>();
        foreach (string merge in file.Texts(key) ?? throw file.Wrong(key, "a list of pairs, since the vocabulary is byte-level BPE"))
        {
            int space = merge.IndexOf(' ', 1);
            if (space < 0 || space == merge.Length - 1 || merge.IndexOf(' ', space + 1) >= 0) throw new InvalidDataException($"{file.Path} has \"{JsonFile.Shorten(merge)}\" in {key}; two pieces with one space between were expected. Convert the file again.");
            merges.Add((merge[..space], merge[(space + 1)..]));
        }
        return merges;
    }
}
