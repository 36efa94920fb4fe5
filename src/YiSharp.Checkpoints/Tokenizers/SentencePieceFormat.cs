namespace YiSharp.Checkpoints;

/// <summary>A SentencePiece model as a vocabulary that GGUF can hold.</summary>
internal static class SentencePieceFormat
{
    /// <summary>Takes a model with the folder's added tokens for a model of <paramref name="vocabSize"/> tokens.</summary>
    /// <exception cref="NotSupportedException">GGUF's "llama" cannot express it.</exception>
    /// <exception cref="InvalidDataException">There are more pieces than the model has rows.</exception>
    public static BpeVocabulary Read(SentencePieceModel model, int vocabSize, TokenizerConfig config)
    {
        RequireExpressible(model);
        if (model.Pieces.Count > vocabSize) throw new InvalidDataException($"{model.Path} has {model.Pieces.Count} pieces, added ones included; at most {vocabSize} were expected, the model's vocab_size. The tokenizer may belong to another model.");
        List<SentencePiece> pieces = [.. model.Pieces];
        while (pieces.Count < vocabSize) pieces.Add(FolderTokens.Unused(pieces.Count));

        string[] tokens = [.. pieces.Select(piece => piece.Text)];
        TokenKind[] kinds = [.. pieces.Select(piece => piece.Kind)];
        float[] scores = [.. pieces.Select(piece => piece.Score)];
        List<(string, string)> merges = MergeScores.ToMerges(tokens, kinds, scores);
        BpeVocabulary.MarkControls(tokens, kinds, merges);
        int? Id(string? name, string otherwise) => Array.IndexOf(tokens, name ?? otherwise) is int id and >= 0 ? id : null;
        return new BpeVocabulary
        {
            Encoding = PieceEncoding.SentencePiece,
            Pre = "default",
            Tokens = tokens,
            Kinds = kinds,
            Merges = merges,
            Scores = scores,
            AddSpacePrefix = model.AddDummyPrefix,
            AddBos = config.AddBosToken ?? true,
            Ids = new BpeVocabulary.SpecialIds(Id(config.BosToken, model.BosPiece), Id(config.EosToken, model.EosPiece), model.UnkId, Id(config.PadToken, model.PadPiece)),
        };
    }

    private static void RequireExpressible(SentencePieceModel model)
    {
        (string Field, string Value, bool IsWrong)[] fields =
        [
            ("trainer_spec.model_type", $"{(int)model.Type} ({model.Type})", model.Type != SentencePieceType.Bpe),
            ("trainer_spec.byte_fallback", "false", !model.ByteFallback),
            ("trainer_spec.treat_whitespace_as_suffix", "true", model.TreatWhitespaceAsSuffix),
            ("normalizer_spec.precompiled_charsmap", $"{model.PrecompiledCharsMap.Length} bytes", model.PrecompiledCharsMap.Length > 0),
            ("normalizer_spec.remove_extra_whitespaces", "true", model.RemoveExtraWhitespaces),
            ("normalizer_spec.escape_whitespaces", "false", !model.EscapeWhitespaces),
        ];
        foreach ((string field, string value, bool isWrong) in fields)
        {
            if (isWrong) throw new NotSupportedException($"{model.Path} says {field} = {value}, which GGUF's \"llama\" vocabulary cannot express; only BPE with byte fallback that leaves the text as it is can be written.");
        }
    }
}
