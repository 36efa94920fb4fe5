namespace YiSharp.Text;

/// <summary>Reads <c>model</c> of type Unigram: every piece can be chosen, control tokens too, and its id is its place.</summary>
internal static class UnigramReader
{
    public static TokenizerJson.ReadModel Read(JsonField model, JsonField preTokenizer, string file)
    {
        JsonField[] entries = [.. model["vocab"].Items()];
        var builder = new VocabularyBuilder(file, entries.Length);
        var pieces = new List<UnigramPiece>(entries.Length);
        foreach (JsonField entry in entries)
        {
            JsonField[] pair = [.. entry.Items()];
            if (pair.Length != 2) throw entry.Wrong("a piece and its score");
            string piece = pair[0].String();
            builder.Add(piece, pieces.Count, entry.Path);
            pieces.Add(new UnigramPiece(piece, pieces.Count, Score(pair[1])));
        }

        JsonField unknown = model["unk_id"];
        int unknownId = unknown.Integer();
        if (unknownId < 0 || unknownId >= pieces.Count) throw unknown.Wrong("the id of a piece");
        int[]? byteIds = model["byte_fallback"].Boolean(absent: false) ? BpeModel.ByteTokens(builder.Vocabulary) : null;
        var options = new UnigramOptions { UnknownId = unknownId, LowestScore = pieces.Min(piece => piece.Score), ByteIds = byteIds };
        return new TokenizerJson.ReadModel(builder, new UnigramModel(pieces.Where(piece => piece.Text.Length > 0).ToList(), options), TakesBytes: false);
    }

    private static double Score(JsonField field) =>
        field.Kind == System.Text.Json.JsonValueKind.Number && field.Element.TryGetDouble(out double score) && double.IsFinite(score) ? score : throw field.Wrong("a number");
}
