using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>
/// Rules that cut text into words before byte-level BPE, under GGUF's names (llama.cpp, src/llama-vocab.cpp) and as parts of a
/// <c>tokenizer.json</c>: a rule is a row of the table.
/// </summary>
internal static class PreTokenizerTable
{
    private const string ByteLevel = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""";
    private const string ByteLevelRegex = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""";

    private const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly (string Pre, string? Normalizer, string PreTokenizer)[] Table =
    [
        ("smollm", null, Sequence("""{"type":"Digits","individual_digits":true}""", ByteLevelRegex)),
        ("gpt-2", null, ByteLevelRegex),
        ("llama-bpe", null, Sequence(Split(Llama3), ByteLevel)),
        ("qwen2", """{"type":"NFC"}""", Sequence(Split(Qwen2), ByteLevel)),
    ];

    /// <summary>Names of the rules.</summary>
    public static string Names => string.Join(", ", Table.Select(r => r.Pre));

    /// <summary>The parts of a <c>tokenizer.json</c> for a rule, or null when it is not in the table.</summary>
    public static (string? Normalizer, string PreTokenizer)? Find(string pre)
    {
        foreach ((string name, string? normalizer, string preTokenizer) in Table)
        {
            if (name == pre) return (normalizer, preTokenizer);
        }
        return null;
    }

    /// <summary>GGUF's name for the parts of a <c>tokenizer.json</c>, or null when no row has them.</summary>
    public static string? NameOf(JsonElement? normalizer, JsonElement? preTokenizer)
    {
        foreach ((string name, string? rowNormalizer, string rowPreTokenizer) in Table)
        {
            if (Signature(normalizer) == Signature(rowNormalizer) && Signature(preTokenizer) == Signature(rowPreTokenizer)) return name;
        }
        return null;
    }

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
