using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>A rule that cuts text into words before byte-level BPE.</summary>
/// <param name="Names">GGUF's names of it (<c>tokenizer.ggml.pre</c>; llama.cpp, <c>src/llama-vocab.cpp</c>); the first is written.</param>
/// <param name="PreTokenizer">The rule as <c>pre_tokenizer</c> of a <c>tokenizer.json</c>, as the models' makers write it.</param>
internal sealed record PreTokenizerRule(string[] Names, string PreTokenizer)
{
    /// <summary><c>normalizer</c> of the makers' <c>tokenizer.json</c>; null for none. llama.cpp never normalizes.</summary>
    public string? Normalizer { get; init; }

    /// <summary>The rule as llama.cpp follows it, in the same form, where it differs.</summary>
    public string LlamaCpp { get; init; } = PreTokenizer;

    /// <summary>A word that is itself a piece is taken whole, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }
}

/// <summary>The rules that are known, a row each.</summary>
internal static class PreTokenizerTable
{
    private const string ByteLevel = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""";
    private const string ByteLevelRegex = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""";
    private const string Digits = """{"type":"Digits","individual_digits":true}""";

    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    // llama.cpp spells the letters out, so that 'ſ (U+017F) is no contraction.
    private const string AnyCase = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string BothCases = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private const string Llama3 = @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Qwen2 = @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Where the makers tell cases apart by category, llama.cpp knows those of ASCII only.
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string UpperAscii = @"(?:(?=\p{L})[^a-z])", LowerAscii = @"(?:(?=\p{L})[^A-Z])";
    private const string PunctuationAndSpace = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string DeepSeekV3 = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The letters that DeepSeek LLM's tokenizer.json lists.</summary>
    private const string DeepSeekLetters =
        "A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481" +
        "\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57" +
        "\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113\u2115" +
        "\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F" +
        "\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A";
    private static readonly (int First, int Last)[] DeepSeekSupplementary =
        [(0x10400, 0x1044F), (0x104B0, 0x104D3), (0x104D8, 0x104FB), (0x10C80, 0x10CB2), (0x10CC0, 0x10CF2), (0x118A0, 0x118DF), (0x1E900, 0x1E943)];

    // Ranges that contain spaces do not match these in llama.cpp, which looks for them in a copy of the text whose spaces are ASCII.
    private const string DeepSeekScripts = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";
    private const string DeepSeekScriptsWithoutSpaces = "[\u4E00-\u9FA5\u0800-\u167F\u1681-\u1FFF\u200B-\u2027\u202A-\u202E\u2030-\u205E\u2060-\u2FFF\u3001-\u4E00\uAC00-\uD7FF]+";

    private static readonly PreTokenizerRule[] Rules =
    [
        new(["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"], Sequence(Digits, ByteLevelRegex)),
        new(["gpt-2", "phi-2", "mpt", "olmo", "jais", "gigachat", "a.x-4.0", "mellum", "exaone4", "trillion", "granite-docling"], ByteLevelRegex),
        new(["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"], Splits(AnyCase + Llama3)) { LlamaCpp = Splits(BothCases + Llama3), IgnoreMerges = true },
        new(["dbrx", "smaug-bpe"], Splits(AnyCase + Llama3)) { LlamaCpp = Splits(BothCases + Llama3) },
        new(["qwen2", "deepseek-r1-qwen"], Splits(AnyCase + Qwen2)) { Normalizer = """{"type":"NFC"}""", LlamaCpp = Splits(BothCases + Qwen2) },
        new(["stablelm2", "megrez", "hunyuan", "grok-2"], Splits(AnyCase + Qwen2)) { LlamaCpp = Splits(BothCases + Qwen2) },
        new(["deepseek-llm"], Splits(@"[\r\n]", $@"\s?[{DeepSeekLetters}{Supplementary()}]+", "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3001\u3002]+", @"\s+$", DeepSeekScriptsWithoutSpaces, @"\p{N}+")),
        new(["deepseek-coder"], Sequence(Split(@"[\r\n]"), Split(@"\s?\p{L}+"), Split(@"\s?\p{P}+"), Split(DeepSeekScripts), Digits, ByteLevel))
        {
            LlamaCpp = Splits(@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", DeepSeekScriptsWithoutSpaces, @"\p{N}"),
        },
        new(["deepseek-v3", "hunyuan-dense"], Splits(@"\p{N}{1,3}", "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+", DeepSeekV3)),
        new(["gpt-4o", "llama4"], Splits(Cased(Upper, Lower, AnyCase + "?") + @"|\p{N}{1,3}" + PunctuationAndSpace)) { LlamaCpp = Splits(Cased(UpperAscii, LowerAscii, BothCases + "?") + @"|\p{N}{1,3}" + PunctuationAndSpace) },
        new(["tekken"], Splits(Cased(Upper, Lower, "") + @"|\p{N}" + PunctuationAndSpace)) { LlamaCpp = Splits(Cased(UpperAscii, LowerAscii, "") + @"|\p{N}" + PunctuationAndSpace), IgnoreMerges = true },
        new(["default"], Splits(@"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]")),
    ];

    /// <summary>Names of the rules.</summary>
    public static string Names => string.Join(", ", Rules.SelectMany(rule => rule.Names));

    /// <summary>The rule of a name, or null when it is not in the table.</summary>
    public static PreTokenizerRule? Find(string pre) => Array.Find(Rules, rule => rule.Names.Contains(pre));

    /// <summary>GGUF's name for the parts of a <c>tokenizer.json</c>, or null when no rule has them.</summary>
    /// <param name="normalizer">The file's normalizer.</param>
    /// <param name="preTokenizer">The file's cut.</param>
    /// <param name="ignoreMerges">Whether words that are pieces are taken whole.</param>
    public static string? NameOf(JsonElement? normalizer, JsonElement? preTokenizer, bool ignoreMerges)
    {
        (string before, string cut) = (Signature(normalizer), Signature(preTokenizer));
        PreTokenizerRule[] found = [.. Rules.Where(rule => (Signature(rule.PreTokenizer) == cut || Signature(rule.LlamaCpp) == cut) && Signature(rule.Normalizer) == before)];
        return (Array.Find(found, rule => rule.IgnoreMerges == ignoreMerges) ?? found.FirstOrDefault())?.Names[0];
    }

    /// <summary>Words of letters in upper case, lower case, or the one after the other, with what may follow.</summary>
    private static string Cased(string upper, string lower, string suffix) => $@"[^\r\n\p{{L}}\p{{N}}]?{upper}*{lower}+{suffix}|[^\r\n\p{{L}}\p{{N}}]?{upper}+{lower}*{suffix}";

    private static string Supplementary() => string.Concat(DeepSeekSupplementary.Select(range => $"{char.ConvertFromUtf32(range.First)}-{char.ConvertFromUtf32(range.Last)}"));

    private static string Splits(params string[] regexes) => Sequence([.. regexes.Select(Split), ByteLevel]);

    private static string Sequence(params string[] parts) => $$"""{"type":"Sequence","pretokenizers":[{{string.Join(",", parts)}}]}""";

    private static string Split(string regex) =>
        $$$"""{"type":"Split","pattern":{"Regex":{{{JsonOutput.Quote(regex)}}}},"behavior":"Isolated","invert":false}""";

    private static string Signature(string? json)
    {
        if (json is null) return "";
        using JsonDocument document = JsonDocument.Parse(json);
        return Signature(document.RootElement);
    }

    /// <summary>A part in few words, without what does not change the pieces: order of fields, offsets, sequences of one.</summary>
    private static string Signature(JsonElement? part)
    {
        if (part is not JsonElement json || json.ValueKind != JsonValueKind.Object) return "";
        foreach (string list in (string[])["pretokenizers", "normalizers"])
        {
            if (json.TryGetProperty(list, out JsonElement parts) && parts.ValueKind == JsonValueKind.Array) return string.Join(" + ", parts.EnumerateArray().Select(p => Signature(p)));
        }
        return string.Join(" ", json.EnumerateObject().Where(f => f.Name != "trim_offsets").OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => $"{f.Name}={Value(f.Value)}"));
    }

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object => string.Join(" ", value.EnumerateObject().Select(f => $"{f.Name}:{Value(f.Value)}")),
        _ => value.GetRawText(),
    };
}
