using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>What a checkpoint says of its tokenizer beside the vocabulary: <c>tokenizer_config.json</c>, or GGUF metadata.</summary>
public sealed record TokenizerConfig
{
    /// <summary>Begin-of-sequence token as written, or null.</summary>
    public string? BosToken { get; init; }

    /// <summary>End-of-sequence token as written, or null.</summary>
    public string? EosToken { get; init; }

    /// <summary>Token for what the vocabulary lacks, or null.</summary>
    public string? UnkToken { get; init; }

    /// <summary>Padding token as written, or null.</summary>
    public string? PadToken { get; init; }

    /// <summary>Whether encoding puts <see cref="BosToken"/> in front; null when not said.</summary>
    public bool? AddBosToken { get; init; }

    /// <summary>Whether encoding puts <see cref="EosToken"/> at the end; null when not said.</summary>
    public bool? AddEosToken { get; init; }

    /// <summary>Reads <c>tokenizer_config.json</c>, and <c>special_tokens_map.json</c> for tokens that it leaves out.</summary>
    internal static TokenizerConfig Read(JsonFile? config, JsonFile? specialTokensMap)
    {
        string? Token(string field) => (config is null ? null : TokenText(config, field)) ?? (specialTokensMap is null ? null : TokenText(specialTokensMap, field));
        return new()
        {
            BosToken = Token("bos_token"),
            EosToken = Token("eos_token"),
            UnkToken = Token("unk_token"),
            PadToken = Token("pad_token"),
            AddBosToken = config?.Flag("add_bos_token"),
            AddEosToken = config?.Flag("add_eos_token"),
        };
    }

    /// <summary>The template in <c>tokenizer_config.json</c>: a string, or the one named "default" of a list.</summary>
    internal static string? ReadChatTemplate(JsonFile config)
    {
        if (!config.TryGet("chat_template", out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        if (value.ValueKind != JsonValueKind.Array) throw config.Wrong("chat_template", "a string, or a list of {name, template}");
        foreach (JsonElement entry in value.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object
                || !entry.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String
                || !entry.TryGetProperty("template", out JsonElement template) || template.ValueKind != JsonValueKind.String)
            {
                throw config.Wrong("chat_template", "a string, or a list of {name, template}");
            }
            if (name.ValueEquals("default")) return template.GetString();
        }
        return null;
    }

    private static string? TokenText(JsonFile json, string field)
    {
        if (!json.TryGet(field, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out JsonElement content)) value = content;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw json.Wrong(field, "a string, or an object with \"content\"");
    }
}
