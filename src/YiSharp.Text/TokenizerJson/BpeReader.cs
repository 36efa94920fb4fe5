using System.Text.Json;

namespace YiSharp.Text;

/// <summary>Reads <c>model</c> of type BPE.</summary>
internal static class BpeReader
{
    public static TokenizerJson.ReadModel Read(JsonField model, JsonField preTokenizer, string file)
    {
        JsonField dropout = model["dropout"];
        if (!dropout.IsNull && !(dropout.Kind == JsonValueKind.Number && dropout.Element.TryGetDouble(out double rate) && rate == 0))
            throw dropout.Kind == JsonValueKind.Number ? JsonTable.Unknown(dropout, "a dropout of its own", "none: ids would be random") : dropout.Wrong("a number or null");
        string prefix = model["continuing_subword_prefix"].OptionalString() ?? "", suffix = model["end_of_word_suffix"].OptionalString() ?? "";

        VocabularyBuilder builder = ReadVocabulary(model, prefix, file);
        string? unknown = model["unk_token"].OptionalString();
        if (unknown is not null && builder.Vocabulary.IdOf(unknown) is null) throw model["unk_token"].Wrong("a token of the vocabulary");
        bool byteFallback = model["byte_fallback"].Boolean(absent: false);

        if (byteFallback && prefix.Length + suffix.Length > 0) throw JsonTable.Unknown(model["byte_fallback"], "true beside a prefix or suffix of symbols", "one of them");

        // Words in bytes need no text of them, unless a symbol is more than its byte.
        bool takesBytes = PreTokenizerReader.EndsInByteLevel(preTokenizer) && !byteFallback && prefix.Length + suffix.Length == 0;
        var options = new BpeOptions
        {
            ByteLevel = takesBytes,
            ByteFallback = byteFallback,
            AddedOnly = builder.AddedOnly,
            ContinuingPrefix = prefix,
            EndSuffix = suffix,
            FuseUnknown = model["fuse_unk"].Boolean(absent: false),
            IgnoreMerges = model["ignore_merges"].Boolean(absent: false),
            UnknownId = unknown is null ? null : builder.Vocabulary.IdOf(unknown),
        };
        return new TokenizerJson.ReadModel(builder, new BpeModel(builder.Vocabulary, builder.Merges, options), takesBytes);
    }

    private static VocabularyBuilder ReadVocabulary(JsonField model, string prefix, string file)
    {
        JsonField vocabulary = model["vocab"];
        var builder = new VocabularyBuilder(file, vocabulary.Members().Count()) { ContinuingPrefix = prefix };
        foreach ((string token, JsonField id) in vocabulary.Members()) builder.Add(token, id.Integer(), vocabulary.Path);
        int index = 0;
        foreach (JsonField merge in model["merges"].Items())
        {
            if (merge.Kind == JsonValueKind.Array)
            {
                JsonField[] pair = [.. merge.Items()];
                if (pair.Length != 2) throw merge.Wrong("two tokens");
                builder.AddMerge(pair[0].String(), pair[1].String(), "model.merges", index++);
            }
            else if (!merge.String().StartsWith("#version", StringComparison.Ordinal)) builder.AddMerge(merge.String(), "model.merges", index++);
        }
        return builder;
    }
}
