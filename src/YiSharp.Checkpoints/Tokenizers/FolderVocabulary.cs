namespace YiSharp.Checkpoints;

/// <summary>The vocabulary of a model's folder, whichever file holds it: <c>tokenizer.json</c>, otherwise <c>tokenizer.model</c>.</summary>
internal static class FolderVocabulary
{
    private static readonly string[] Names = ["tokenizer.json", "tokenizer.model"];

    /// <summary>The file, or null where there is neither.</summary>
    public static string? Find(ModelFolder folder) => Names.Select(folder.Find).FirstOrDefault(file => file is not null);

    /// <summary>A token's id, or null when it is not there.</summary>
    public static int? FindId(ModelFolder folder, string token)
    {
        if (Find(folder) is not string file) return null;
        if (TokenizerFileKinds.Of(file) != TokenizerFileKind.SentencePiece) return TokenizerJsonFormat.FindId(file, token);
        IReadOnlyList<SentencePiece> pieces = new FolderTokens(folder).AddTo(SentencePieceModel.Read(file)).Pieces;
        for (int id = 0; id < pieces.Count; id++)
        {
            if (pieces[id].Text == token) return id;
        }
        return null;
    }

    /// <summary>Reads a vocabulary of <paramref name="vocabSize"/> tokens, or gives null where there is none.</summary>
    /// <exception cref="NotSupportedException">A tokenizer that GGUF cannot express, as far as is known here.</exception>
    public static BpeVocabulary? Read(ModelFolder folder, int vocabSize, TokenizerConfig config)
    {
        if (Find(folder) is not string file) return null;
        if (TokenizerFileKinds.Of(file) == TokenizerFileKind.SentencePiece) return SentencePieceFormat.Read(new FolderTokens(folder).AddTo(SentencePieceModel.Read(file)), vocabSize, config);
        BpeVocabulary vocabulary = TokenizerJsonFormat.Read(file, vocabSize, config);
        return vocabulary.Encoding == PieceEncoding.SentencePiece && folder.Find("tokenizer.model") is string model ? WithScores(vocabulary, model) : vocabulary;
    }

    /// <summary>A tokenizer.json knows no scores; the model that it was made of does, where the two agree.</summary>
    private static BpeVocabulary WithScores(BpeVocabulary vocabulary, string file)
    {
        if (TokenizerFileKinds.Of(file) != TokenizerFileKind.SentencePiece) return vocabulary;
        SentencePieceModel model = SentencePieceModel.Read(file);
        float[] scores = MergeScores.FromMerges(vocabulary.Tokens, vocabulary.Kinds, vocabulary.Merges);
        if (model.Type != SentencePieceType.Bpe || model.Pieces.Count > scores.Length) return vocabulary;
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id].Text != vocabulary.Tokens[id]) return vocabulary;
            scores[id] = model.Pieces[id].Score;
        }
        return vocabulary with { Scores = scores };
    }
}
