using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>A BPE vocabulary in Hugging Face's <c>tokenizer.json</c>.</summary>
internal static class TokenizerJsonFormat
{
    private const int MaxVocab = 1 << 24;
    private const char SpaceMark = '▁';

    /// <summary>Reads a file into a vocabulary of <paramref name="vocabSize"/> tokens.</summary>
    /// <exception cref="NotSupportedException">A tokenizer that GGUF cannot express, as far as is known here.</exception>
    public static BpeVocabulary Read(string path, int vocabSize, TokenizerConfig config)
    {
        JsonFile json = JsonFile.Read(path);
        JsonFile model = json.Object("model") ?? throw json.Wrong("model", "an object");
        if (model.Text("type") is string type && type != "BPE") throw new NotSupportedException($"{path} is a tokenizer of type {type}; only BPE can be written as GGUF.");

        string?[] tokens = new string?[vocabSize];
        var kinds = new TokenKind[vocabSize];
        Array.Fill(kinds, TokenKind.Normal);
        JsonFile pieces = model.Object("vocab") ?? throw model.Wrong("vocab", "an object from pieces to ids");
        foreach (JsonProperty piece in pieces.Fields) Place(path, tokens, piece.Name, piece.Value);
        ReadAddedTokens(json, path, tokens, kinds);
        for (int id = 0; id < vocabSize; id++)
        {
            if (tokens[id] is not null) continue;
            tokens[id] = $"[PAD{id}]";
            kinds[id] = TokenKind.Unused;
        }

        bool byteFallback = model.Flag("byte_fallback") ?? false;
        int? Id(string? token) => token is not null && Array.IndexOf(tokens, token) is int id and >= 0 ? id : null;
        var ids = new BpeVocabulary.SpecialIds(Id(config.BosToken), Id(config.EosToken), Id(config.UnkToken ?? model.Text("unk_token")), Id(config.PadToken));
        IReadOnlyList<(string Left, string Right)> merges = ReadMerges(model);
        if (byteFallback) MarkSentencePiece(tokens!, kinds, ids.Unk, merges);
        return new BpeVocabulary
        {
            Encoding = byteFallback ? PieceEncoding.SentencePiece : PieceEncoding.ByteLevel,
            Pre = byteFallback ? "default" : PreName(json, path),
            Tokens = tokens!,
            Kinds = kinds,
            Merges = merges,
            AddSpacePrefix = byteFallback && AddsSpacePrefix(json, path),
            IgnoreMerges = model.Flag("ignore_merges") ?? false,
            AddBos = config.AddBosToken ?? AddsToken(json, config.BosToken),
            Ids = ids,
        };
    }

    /// <summary>A token's id in a file of any type, or null when it is not there.</summary>
    public static int? FindId(string path, string token)
    {
        JsonFile json = JsonFile.Read(path);
        if (json.TryGet("added_tokens", out JsonElement added) && added.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement entry in added.EnumerateArray())
            {
                if (entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("content", out JsonElement content) && content.ValueKind == JsonValueKind.String && content.ValueEquals(token)
                    && entry.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int number))
                {
                    return number;
                }
            }
        }
        return json.Object("model") is JsonFile model && model.TryGet("vocab", out JsonElement vocab) && vocab.ValueKind == JsonValueKind.Object
            && vocab.TryGetProperty(token, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int found) ? found : null;
    }

    /// <summary>The file's bytes for a vocabulary.</summary>
    /// <exception cref="NotSupportedException">The rule that cuts its text into words is not known.</exception>
    public static byte[] Write(BpeVocabulary vocabulary) => JsonOutput.Object(json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, vocabulary);
        if (vocabulary.Encoding == PieceEncoding.ByteLevel) WriteByteLevel(json, vocabulary);
        else WriteSentencePiece(json, vocabulary);
        WriteModel(json, vocabulary);
    });

    private static void Place(string path, string?[] tokens, string piece, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int id) || id < 0 || id >= Math.Min(tokens.Length, MaxVocab))
        {
            throw new InvalidDataException($"{path} gives \"{JsonFile.Shorten(piece)}\" the id {JsonFile.Show(value)}; ids from 0 to {tokens.Length - 1} were expected, the model's vocab_size. The tokenizer may belong to another model.");
        }
        if (tokens[id] is string other && other != piece) throw new InvalidDataException($"{path} gives \"{JsonFile.Shorten(piece)}\" and \"{JsonFile.Shorten(other)}\" the same id {id}; each id may have one token. Fetch the tokenizer again.");
        tokens[id] = piece;
    }

    private static void ReadAddedTokens(JsonFile json, string path, string?[] tokens, TokenKind[] kinds)
    {
        if (!json.TryGet("added_tokens", out JsonElement added)) return;
        if (added.ValueKind != JsonValueKind.Array) throw json.Wrong("added_tokens", "a list of objects");
        foreach (JsonElement token in added.EnumerateArray())
        {
            if (token.ValueKind != JsonValueKind.Object || !token.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.String
                || !token.TryGetProperty("id", out JsonElement id))
            {
                throw json.Wrong("added_tokens", "a list of objects with id and content");
            }
            Place(path, tokens, content.GetString()!, id);
            kinds[id.GetInt32()] = token.TryGetProperty("special", out JsonElement special) && special.ValueKind == JsonValueKind.True ? TokenKind.Control : TokenKind.UserDefined;
        }
    }

    private static List<(string, string)> ReadMerges(JsonFile model)
    {
        if (!model.TryGet("merges", out JsonElement merges) || merges.ValueKind != JsonValueKind.Array) throw model.Wrong("merges", "a list of pairs");
        var pairs = new List<(string, string)>();
        foreach (JsonElement merge in merges.EnumerateArray())
        {
            if (merge.ValueKind == JsonValueKind.String && merge.GetString()!.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right]) pairs.Add((left, right));
            else if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && merge.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String))
            {
                pairs.Add((merge[0].GetString()!, merge[1].GetString()!));
            }
            else throw new InvalidDataException($"{model.Path} has {JsonFile.Show(merge)} among its merges; two pieces were expected. Fetch the tokenizer again.");
        }
        return pairs;
    }

    /// <summary>Byte tokens, the unknown token, and control tokens that the file forgets to call special.</summary>
    private static void MarkSentencePiece(string[] tokens, TokenKind[] kinds, int? unk, IReadOnlyList<(string Left, string Right)> merges)
    {
        for (int id = 0; id < tokens.Length; id++)
        {
            if (id == unk) kinds[id] = TokenKind.Unknown;
            else if (kinds[id] == TokenKind.Normal && ByteToken.TryRead(tokens[id], out _)) kinds[id] = TokenKind.Byte;
        }
        BpeVocabulary.MarkControls(tokens, kinds, merges);
    }

    private static string PreName(JsonFile json, string path) =>
        PreTokenizerTable.NameOf(json.TryGet("normalizer", out JsonElement normalizer) ? normalizer : null, json.TryGet("pre_tokenizer", out JsonElement pre) ? pre : null, json.Object("model")?.Flag("ignore_merges") ?? false)
        ?? throw new NotSupportedException($"{path} cuts text by \"pre_tokenizer\": {json.Shown("pre_tokenizer")}, which has no name in GGUF here; {PreTokenizerTable.Names} are known.");

    /// <summary>Whether the normalizer puts a ▁ in front of a text; anything else that it or the cut does must be known.</summary>
    private static bool AddsSpacePrefix(JsonFile json, string path)
    {
        bool prefix = false;
        foreach (JsonElement part in Parts(json, "normalizer", "normalizers").Concat(Parts(json, "pre_tokenizer", "pretokenizers")))
        {
            string? Text(string field) => part.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            switch (Text("type"))
            {
                case "Replace" when Text("content") == SpaceMark.ToString():
                    break;
                case "Prepend" when Text("prepend") == SpaceMark.ToString():
                    prefix = true;
                    break;
                // With a prefix Metaspace leaves texts alone that start with a space, and the cut into words keeps runs of spaces apart; llama.cpp does neither.
                case "Metaspace" when Text("prepend_scheme") == "never" && part.TryGetProperty("split", out JsonElement split) && split.ValueKind == JsonValueKind.False:
                    break;
                default:
                    throw new NotSupportedException($"{path} prepares text by {JsonFile.Show(part)}, which GGUF's \"llama\" vocabulary cannot express; only Replace and Prepend of ▁, and Metaspace with prepend_scheme \"never\" and split false can be written.");
            }
        }
        return prefix;
    }

    private static IEnumerable<JsonElement> Parts(JsonFile json, string field, string list)
    {
        if (!json.TryGet(field, out JsonElement part)) return [];
        if (part.ValueKind != JsonValueKind.Object) throw json.Wrong(field, "an object");
        if (!part.TryGetProperty(list, out JsonElement parts)) return [part];
        return parts.ValueKind == JsonValueKind.Array && parts.EnumerateArray().All(p => p.ValueKind == JsonValueKind.Object) ? parts.EnumerateArray() : throw json.Wrong(field, $"an object with a list \"{list}\" of objects");
    }

    private static bool AddsToken(JsonFile json, string? token) =>
        token is not null && json.TryGet("post_processor", out JsonElement processor) && processor.ValueKind == JsonValueKind.Object
        && processor.TryGetProperty("single", out JsonElement single) && single.ValueKind == JsonValueKind.Array
        && single.EnumerateArray().Any(p => p.ValueKind == JsonValueKind.Object && p.TryGetProperty("SpecialToken", out JsonElement special)
            && special.ValueKind == JsonValueKind.Object && special.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String && id.ValueEquals(token));

    private static void WriteAddedTokens(Utf8JsonWriter json, BpeVocabulary vocabulary)
    {
        json.WriteStartArray("added_tokens");
        for (int id = 0; id < vocabulary.Tokens.Length; id++)
        {
            if (vocabulary.Kinds[id] is not (TokenKind.Control or TokenKind.UserDefined or TokenKind.Unknown)) continue;
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", vocabulary.Tokens[id]);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", vocabulary.Kinds[id] != TokenKind.UserDefined);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, BpeVocabulary vocabulary)
    {
        PreTokenizerRule rule = PreTokenizerTable.Find(vocabulary.Pre)
            ?? throw new NotSupportedException($"The vocabulary's tokenizer.ggml.pre is \"{vocabulary.Pre}\", which cannot be written as tokenizer.json; {PreTokenizerTable.Names} are known.");
        json.WritePropertyName("normalizer");
        json.WriteRawValue(rule.Normalizer ?? "null");
        json.WritePropertyName("pre_tokenizer");
        json.WriteRawValue(rule.PreTokenizer);
        WritePostProcessor(json, vocabulary);
        json.WritePropertyName("decoder");
        json.WriteRawValue("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""");
    }

    private static void WriteSentencePiece(Utf8JsonWriter json, BpeVocabulary vocabulary)
    {
        const string replace = """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""";
        const string decoders = """{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}""";
        const string strip = """,{"type":"Strip","content":" ","start":1,"stop":0}""";
        bool prefix = vocabulary.AddSpacePrefix;
        json.WritePropertyName("normalizer");
        json.WriteRawValue($$"""{"type":"Sequence","normalizers":[{{(prefix ? """{"type":"Prepend","prepend":"▁"},""" : "")}}{{replace}}]}""");
        json.WriteNull("pre_tokenizer");
        WritePostProcessor(json, vocabulary);
        json.WritePropertyName("decoder");
        json.WriteRawValue($$"""{"type":"Sequence","decoders":[{{decoders}}{{(prefix ? strip : "")}}]}""");
    }

    private static void WritePostProcessor(Utf8JsonWriter json, BpeVocabulary vocabulary)
    {
        if (!vocabulary.AddBos || vocabulary.Ids.Bos is not int id)
        {
            json.WriteNull("post_processor");
            return;
        }
        string bos = JsonOutput.Quote(vocabulary.Tokens[id]);
        json.WritePropertyName("post_processor");
        json.WriteRawValue($$$"""
            {"type":"TemplateProcessing",
             "single":[{"SpecialToken":{"id":{{{bos}}},"type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
             "pair":[{"SpecialToken":{"id":{{{bos}}},"type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":{{{bos}}},"type_id":1}},{"Sequence":{"id":"B","type_id":1}}],
             "special_tokens":{{{{bos}}}:{"id":{{{bos}}},"ids":[{{{id}}}],"tokens":[{{{bos}}}]} } }
            """);
    }

    private static void WriteModel(Utf8JsonWriter json, BpeVocabulary vocabulary)
    {
        bool sentencePiece = vocabulary.Encoding == PieceEncoding.SentencePiece;
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        if (sentencePiece && vocabulary.Ids.Unk is int unk) json.WriteString("unk_token", vocabulary.Tokens[unk]);
        else json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", sentencePiece);
        json.WriteBoolean("byte_fallback", sentencePiece);
        json.WriteBoolean("ignore_merges", vocabulary.IgnoreMerges);
        json.WriteStartObject("vocab");
        var written = new HashSet<string>(StringComparer.Ordinal);
        for (int id = 0; id < vocabulary.Tokens.Length; id++)
        {
            if (vocabulary.Kinds[id] != TokenKind.Unused && written.Add(vocabulary.Tokens[id])) json.WriteNumber(vocabulary.Tokens[id], id);
        }
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach ((string left, string right) in vocabulary.Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
