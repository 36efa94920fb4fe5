namespace YiSharp.Text;

/// <summary>
/// Reads <c>tokenizer.json</c> (tokenizers 0.23). Every kind of component is one row of a table; a kind that has no row is refused by name.
/// </summary>
internal static class TokenizerJson
{
    private static readonly Dictionary<string, Func<JsonField, INormalizer>> Normalizers = new(StringComparer.Ordinal)
    {
        ["Sequence"] = field => new NormalizerSequence([.. field["normalizers"].Items().Select(ReadNormalizer)]),
        ["Replace"] = field => new ReplaceNormalizer(LiteralPattern(field), field["content"].String()),
        ["Prepend"] = field => new PrependNormalizer(field["prepend"].String()),
    };

    private static readonly Dictionary<string, Func<JsonField, IPreTokenizer>> PreTokenizers = new(StringComparer.Ordinal)
    {
        ["Sequence"] = field => new PreTokenizerSequence([.. field["pretokenizers"].Items().Select(ReadPreTokenizer)]),
        ["Digits"] = field => new DigitsPreTokenizer(field["individual_digits"].Boolean(absent: false)),
        ["ByteLevel"] = field => new ByteLevelPreTokenizer(field["add_prefix_space"].Boolean(absent: true), field["use_regex"].Boolean(absent: true)),
    };

    private static readonly Dictionary<string, Action<JsonField, DecoderBuilder>> Decoders = new(StringComparer.Ordinal)
    {
        ["Sequence"] = (field, builder) => { foreach (JsonField step in field["decoders"].Items()) ReadDecoder(step, builder); },
        ["ByteLevel"] = (_, builder) => builder.ByteLevel(),
        ["ByteFallback"] = (_, builder) => builder.ByteFallback(),
        ["Fuse"] = (_, builder) => builder.Fuse(),
        ["Replace"] = (field, builder) => builder.Replace(field, LiteralPattern(field), field["content"].String()),
        ["Strip"] = (field, builder) => builder.Strip(field),
    };

    private static readonly Dictionary<string, Func<JsonField, JsonField, string, (VocabularyBuilder, BpeOptions)>> Models = new(StringComparer.Ordinal)
    {
        ["BPE"] = ReadBpe,
    };

    /// <summary>Reads a file; whatever is wrong with it is an <see cref="InvalidDataException"/> or, where it asks for more than we know, a <see cref="NotSupportedException"/>.</summary>
    public static TokenizerParts Read(string file)
    {
        JsonField root = JsonField.Read(file);
        JsonField model = root["model"];
        if (model.IsNull) throw model.Wrong("a tokenizer's model; is this a tokenizer.json?");
        string type = model["type"].IsNull && !model["merges"].IsNull ? "BPE" : model["type"].String();
        (VocabularyBuilder builder, BpeOptions options) = Row(Models, type, model["type"])(model, root, file);
        return new TokenizerParts
        {
            Source = file,
            AddedTokens = ReadAddedTokens(root["added_tokens"], builder),
            Vocabulary = builder.Vocabulary,
            Model = new BpeModel(builder.Vocabulary, builder.Merges, options),
            Normalizer = root["normalizer"].IsNull ? null : ReadNormalizer(root["normalizer"]),
            PreTokenizer = root["pre_tokenizer"].IsNull ? null : ReadPreTokenizer(root["pre_tokenizer"]),
            Decoder = ReadDecoders(root["decoder"]),
        };
    }

    private static (VocabularyBuilder, BpeOptions) ReadBpe(JsonField model, JsonField root, string file)
    {
        if (!model["dropout"].IsNull && !(model["dropout"].Kind == System.Text.Json.JsonValueKind.Number && model["dropout"].Element.GetDouble() == 0))
            throw Unknown(model["dropout"], "a dropout of its own", "none: ids would be random");
        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model[affix].OptionalString() is { Length: > 0 } value) throw Unknown(model[affix], JsonField.Quote(value), "none");
        }

        JsonField vocabulary = model["vocab"];
        var builder = new VocabularyBuilder(file, vocabulary.Members().Count());
        foreach ((string token, JsonField id) in vocabulary.Members()) builder.Add(token, id.Integer(), vocabulary.Path);
        int index = 0;
        foreach (JsonField merge in model["merges"].Items())
        {
            if (merge.Kind == System.Text.Json.JsonValueKind.Array)
            {
                JsonField[] pair = [.. merge.Items()];
                if (pair.Length != 2) throw merge.Wrong("two tokens");
                builder.AddMerge(pair[0].String(), pair[1].String(), "model.merges", index++);
            }
            else builder.AddMerge(merge.String(), "model.merges", index++);
        }

        string? unknown = model["unk_token"].OptionalString();
        if (unknown is not null && builder.Vocabulary.IdOf(unknown) is null) throw model["unk_token"].Wrong("a token of the vocabulary");
        return (builder, new BpeOptions
        {
            ByteLevel = EndsInByteLevel(root["pre_tokenizer"]),
            ByteFallback = model["byte_fallback"].Boolean(absent: false),
            FuseUnknown = model["fuse_unk"].Boolean(absent: false),
            IgnoreMerges = model["ignore_merges"].Boolean(absent: false),
            UnknownId = unknown is null ? null : builder.Vocabulary.IdOf(unknown),
        });
    }

    private static List<AddedToken> ReadAddedTokens(JsonField field, VocabularyBuilder builder)
    {
        var added = new List<AddedToken>();
        var seen = new HashSet<int>();
        foreach (JsonField item in field.IsNull ? [] : field.Items())
        {
            string content = item["content"].String();
            int id = item["id"].Integer();
            builder.Add(content, id, item.Path);
            if (content.Length == 0) throw item["content"].Wrong("a token that is not empty");
            if (!seen.Add(id)) continue;
            added.Add(new AddedToken(id, content)
            {
                Special = item["special"].Boolean(absent: false),
                SingleWord = item["single_word"].Boolean(absent: false),
                StripLeft = item["lstrip"].Boolean(absent: false),
                StripRight = item["rstrip"].Boolean(absent: false),
                Normalized = item["normalized"].Boolean(absent: !item["special"].Boolean(absent: false)),
            });
        }
        return added;
    }

    private static INormalizer ReadNormalizer(JsonField field) => Row(Normalizers, field["type"].String(), field["type"])(field);

    /// <summary>A cut, from its JSON.</summary>
    public static IPreTokenizer ReadPreTokenizer(JsonField field) => Row(PreTokenizers, field["type"].String(), field["type"])(field);

    private static void ReadDecoder(JsonField field, DecoderBuilder builder) => Row(Decoders, field["type"].String(), field["type"])(field, builder);

    private static DecoderOptions ReadDecoders(JsonField field)
    {
        if (field.IsNull) throw field.Wrong("a decoder, such as ByteLevel");
        var builder = new DecoderBuilder();
        ReadDecoder(field, builder);
        return builder.Build();
    }

    /// <summary>Whether words reach the model as bytes; ByteLevel must then be the last cut.</summary>
    private static bool EndsInByteLevel(JsonField preTokenizer)
    {
        if (preTokenizer.IsNull) return false;
        if (preTokenizer["type"].String() != "Sequence") return preTokenizer["type"].String() == "ByteLevel";
        bool byteLevel = false;
        foreach (JsonField step in preTokenizer["pretokenizers"].Items())
        {
            if (byteLevel) throw Unknown(step, "a cut after ByteLevel", "ByteLevel as the last of a sequence");
            byteLevel = EndsInByteLevel(step);
        }
        return byteLevel;
    }

    private static string LiteralPattern(JsonField field)
    {
        JsonField pattern = field["pattern"];
        if (!pattern["Regex"].IsNull) throw Unknown(pattern, "a Regex pattern", "String patterns");
        string literal = pattern["String"].String();
        return literal.Length > 0 ? literal : throw pattern["String"].Wrong("a pattern that is not empty");
    }

    private static T Row<T>(Dictionary<string, T> table, string type, JsonField field) =>
        table.TryGetValue(type, out T? row) ? row : throw Unknown(field, JsonField.Quote(type), string.Join(", ", table.Keys));

    private static NotSupportedException Unknown(JsonField field, string found, string known) =>
        new(field.Fail($"asks for {found}, which this version does not know; known: {known}").Message);
}
