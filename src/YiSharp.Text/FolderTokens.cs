using System.Globalization;
using System.Text.Json;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>What the files beside a vocabulary say of its tokens: <c>added_tokens.json</c>, and in <c>tokenizer_config.json</c> added_tokens_decoder and the special tokens.</summary>
internal sealed class FolderTokens
{
    private const int MaxNewTokens = 1 << 20;
    private static readonly string[] NamedTokens = ["bos_token", "eos_token", "unk_token", "pad_token"];

    private readonly SortedDictionary<int, AddedToken> _added = [];
    private readonly List<string> _special = [];
    private string _source = "";

    /// <summary>Tokens with ids of their own, by id.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => [.. _added.Values];

    /// <summary>Tokens that are control tokens where the vocabulary has them.</summary>
    public IReadOnlyList<string> Special => _special;

    /// <summary>Reads what lies in a folder.</summary>
    public static FolderTokens Read(string folder)
    {
        var tokens = new FolderTokens();
        string added = Path.Combine(folder, "added_tokens.json"), config = Path.Combine(folder, "tokenizer_config.json");
        if (File.Exists(config)) tokens.ReadConfig(JsonField.Read(config), config);
        if (File.Exists(added))
        {
            tokens._source = added;
            foreach ((string content, JsonField id) in JsonField.Read(added).Members()) tokens.Add(new AddedToken(id.Integer(), content), id);
        }
        return tokens;
    }

    /// <summary>A SentencePiece model with the added tokens: they replace pieces of their ids, as transformers has it, or follow behind the last.</summary>
    /// <exception cref="InvalidDataException">An id is far out, or its text is that of another piece.</exception>
    public SentencePieceModel AddTo(SentencePieceModel model)
    {
        if (_added.Count == 0) return model;
        List<SentencePiece> pieces = [.. model.Pieces];
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++) ids[pieces[id].Text] = id;
        foreach ((int id, AddedToken token) in _added)
        {
            if (ids.TryGetValue(token.Content, out int other) && other != id)
                throw new InvalidDataException($"{_source} gives {JsonField.Quote(token.Content)} the id {id}, but {model.Path} has it as pieces[{other}]; expected one id for each token.");
            if (id >= pieces.Count + MaxNewTokens)
                throw new InvalidDataException($"{_source} gives {JsonField.Quote(token.Content)} the id {id}, but {model.Path} has {pieces.Count} pieces; expected an id close behind them.");
            while (pieces.Count < id) pieces.Add(new SentencePiece($"[PAD{pieces.Count.ToString(CultureInfo.InvariantCulture)}]", 0, TokenKind.Unused));
            if (id == pieces.Count) pieces.Add(new SentencePiece(token.Content, 0, TokenKind.Control));
            else if (pieces[id].Text != token.Content) pieces[id] = new SentencePiece(token.Content, 0, TokenKind.Control);
        }
        return model with { Pieces = pieces };
    }

    private void ReadConfig(JsonField config, string file)
    {
        _source = file;
        JsonField decoder = config["added_tokens_decoder"];
        foreach ((string id, JsonField token) in decoder.IsNull ? [] : decoder.Members())
        {
            if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) throw token.Fail($"has the name {JsonField.Quote(id)}; expected an id");
            bool special = token["special"].Boolean(absent: false);
            string content = token["content"].String();
            if (special) _special.Add(content);
            Add(new AddedToken(number, content)
            {
                Special = special,
                SingleWord = token["single_word"].Boolean(absent: false),
                StripLeft = token["lstrip"].Boolean(absent: false),
                StripRight = token["rstrip"].Boolean(absent: false),
            }, token);
        }
        foreach (string name in NamedTokens)
        {
            if (!config[name].IsNull) _special.Add(Content(config[name]));
        }
        JsonField additional = config["additional_special_tokens"];
        foreach (JsonField token in additional.IsNull ? [] : additional.Items()) _special.Add(Content(token));
    }

    private static string Content(JsonField token) => token.Kind == JsonValueKind.Object ? token["content"].String() : token.String();

    private void Add(AddedToken token, JsonField field)
    {
        if (token.Content.Length == 0) throw field.Wrong("a token that is not empty");
        if (token.Id < 0) throw field.Wrong("an id from 0");
        // tokenizer_config.json says more of a token than added_tokens.json, and goes first.
        if (!_added.TryAdd(token.Id, token) && _added[token.Id].Content != token.Content)
            throw field.Fail($"gives id {token.Id} to {JsonField.Quote(token.Content)}, but {JsonField.Quote(_added[token.Id].Content)} has it already; expected one token for each id");
    }
}
