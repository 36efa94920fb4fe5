using System.Globalization;
using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>A token that a folder adds to its vocabulary.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
internal sealed record FolderToken(int Id, string Content)
{
    /// <summary>A control token.</summary>
    public bool Special { get; init; }

    /// <summary>Matched only where neither neighbour is a word character.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Takes the white space before it along.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Takes the white space after it along.</summary>
    public bool StripRight { get; init; }
}

/// <summary>What the files beside a vocabulary say of its tokens: <c>added_tokens.json</c>, and in <c>tokenizer_config.json</c> added_tokens_decoder and the special tokens.</summary>
internal sealed class FolderTokens
{
    private const int MaxNewTokens = 1 << 16;
    private static readonly string[] NamedTokens = ["bos_token", "eos_token", "unk_token", "pad_token"];

    /// <summary>ChatML's marks: Yi's files do not call them special, and its chat templates write them.</summary>
    private static readonly string[] ChatMarkup = ["<|im_start|>", "<|im_end|>", "<|im_sep|>"];

    private readonly SortedDictionary<int, FolderToken> _added = [];
    private readonly List<string> _special = [.. ChatMarkup];
    private readonly string _folder;

    /// <summary>Reads what lies in a folder.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or two tokens have one id.</exception>
    public FolderTokens(ModelFolder folder)
    {
        _folder = folder.Path;
        if (folder.Json("tokenizer_config.json") is JsonFile config) ReadConfig(config);
        if (folder.Json("added_tokens.json") is not JsonFile added) return;
        foreach (JsonProperty token in added.Fields)
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id)) throw added.Wrong(token.Name, "an id");
            Add(new FolderToken(id, token.Name), added);
        }
    }

    /// <summary>Tokens with ids of their own, by id.</summary>
    public IReadOnlyCollection<FolderToken> Added => _added.Values;

    /// <summary>Tokens that are control tokens where the vocabulary has them.</summary>
    public IReadOnlyList<string> Special => _special;

    /// <summary>
    /// A SentencePiece model with the added tokens: they replace pieces of their ids, as transformers has it, or follow behind the last. User-defined pieces that are
    /// <see cref="Special"/> become control pieces, so that nobody types them by accident.
    /// </summary>
    /// <exception cref="InvalidDataException">An id is far out, or its text is that of another piece.</exception>
    public SentencePieceModel AddTo(SentencePieceModel model)
    {
        var special = _special.ToHashSet(StringComparer.Ordinal);
        List<SentencePiece> pieces = [.. model.Pieces.Select(piece => piece.Kind == TokenKind.UserDefined && special.Contains(piece.Text) ? piece with { Kind = TokenKind.Control } : piece)];
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++) ids[pieces[id].Text] = id;
        foreach ((int id, FolderToken token) in _added)
        {
            if (ids.TryGetValue(token.Content, out int other) && other != id)
                throw new InvalidDataException($"{_folder} adds \"{JsonFile.Shorten(token.Content)}\" with the id {id}, but {model.Path} has it as pieces[{other}]; one id for each token was expected. Correct added_tokens.json or tokenizer_config.json.");
            if (id >= pieces.Count + MaxNewTokens)
                throw new InvalidDataException($"{_folder} adds \"{JsonFile.Shorten(token.Content)}\" with the id {id}, but {model.Path} has {pieces.Count} pieces; an id close behind them was expected. Correct added_tokens.json or tokenizer_config.json.");
            while (pieces.Count < id) pieces.Add(Unused(pieces.Count));
            var added = new SentencePiece(token.Content, 0, token.Special ? TokenKind.Control : TokenKind.UserDefined);
            if (id == pieces.Count) pieces.Add(added);
            else if (pieces[id].Text != token.Content) pieces[id] = added;
        }
        return model with { Pieces = pieces };
    }

    /// <summary>A place without a token.</summary>
    public static SentencePiece Unused(int id) => new(string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]"), MergeScores.UnusedScore, TokenKind.Unused);

    private void ReadConfig(JsonFile config)
    {
        if (config.Object("added_tokens_decoder") is JsonFile decoder)
        {
            foreach (JsonProperty entry in decoder.Fields)
            {
                if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id)) throw decoder.Wrong(entry.Name, "names that are ids");
                JsonFile token = decoder.Object(entry);
                string content = token.Text("content") ?? throw token.Wrong("content", "a string");
                bool special = token.Flag("special") ?? false;
                if (special) _special.Add(content);
                Add(new FolderToken(id, content) { Special = special, SingleWord = token.Flag("single_word") ?? false, StripLeft = token.Flag("lstrip") ?? false, StripRight = token.Flag("rstrip") ?? false }, token);
            }
        }
        foreach (string name in NamedTokens)
        {
            if (config.TryGet(name, out JsonElement named)) _special.Add(Content(config, name, named));
        }
        if (!config.TryGet("additional_special_tokens", out JsonElement additional)) return;
        if (additional.ValueKind != JsonValueKind.Array) throw config.Wrong("additional_special_tokens", "a list of tokens");
        foreach (JsonElement token in additional.EnumerateArray()) _special.Add(Content(config, "additional_special_tokens", token));
    }

    private static string Content(JsonFile config, string field, JsonElement token)
    {
        if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content)) token = content;
        return token.ValueKind == JsonValueKind.String ? token.GetString()! : throw config.Wrong(field, "a token: a string, or an object with \"content\"");
    }

    private void Add(FolderToken token, JsonFile source)
    {
        if (token.Content.Length == 0 || token.Id < 0)
            throw new InvalidDataException($"{source.Path} adds the token \"{JsonFile.Shorten(token.Content)}\" with the id {token.Id}; a text that is not empty and an id from 0 were expected. Correct the file or fetch it again.");
        // tokenizer_config.json says more of a token than added_tokens.json, and goes first.
        if (!_added.TryAdd(token.Id, token) && _added[token.Id].Content != token.Content)
            throw new InvalidDataException($"{source.Path} gives \"{JsonFile.Shorten(token.Content)}\" the id {token.Id}, which \"{JsonFile.Shorten(_added[token.Id].Content)}\" has; one token for each id was expected. Correct the file or fetch it again.");
    }
}
