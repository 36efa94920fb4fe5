using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>What an adapter's folder says of itself, without a judgement whether it can be computed.</summary>
public sealed record AdapterHeaders
{
    /// <summary>The folder as the caller named it.</summary>
    public required string Path { get; init; }

    /// <summary>The kind, such as <c>LORA</c>; null where the file does not say.</summary>
    public string? Type { get; init; }

    /// <summary>Rank of every pair of factors.</summary>
    public long? Rank { get; init; }

    /// <summary>Numerator of the scale.</summary>
    public double? Alpha { get; init; }

    /// <summary>The base model as its trainer named it, or null.</summary>
    public string? BaseModel { get; init; }

    /// <summary>Linears that are changed, as <c>target_modules</c> names them.</summary>
    public IReadOnlyList<string> TargetModules { get; init; } = [];

    /// <summary>Every tensor, in the file's order.</summary>
    public required IReadOnlyList<StoredTensor> Tensors { get; init; }

    /// <summary>The file that holds them, with its length in bytes.</summary>
    public required (string Name, long LengthBytes) File { get; init; }

    /// <summary>Reads the two files of an adapter.</summary>
    /// <exception cref="InvalidDataException">They are absent or damaged.</exception>
    public static AdapterHeaders Read(string path)
    {
        var folder = new ModelFolder(path);
        JsonFile config = folder.Json(LoraAdapter.ConfigName) ?? throw new InvalidDataException($"{path} has no {LoraAdapter.ConfigName}; an adapter's folder was expected.");
        string weights = folder.Find(LoraAdapter.WeightsName) ?? throw new InvalidDataException($"{path} has no {LoraAdapter.WeightsName}; an adapter has one. Fetch it, or save the adapter again with safetensors.");
        return new AdapterHeaders
        {
            Path = path,
            Type = config.TryGet("peft_type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null,
            Rank = config.WholeNumber("r", 0, int.MaxValue),
            Alpha = config.Number("lora_alpha", double.MinValue, double.MaxValue),
            BaseModel = config.TryGet("base_model_name_or_path", out JsonElement model) && model.ValueKind == JsonValueKind.String ? model.GetString() : null,
            TargetModules = Targets(config),
            Tensors = ModelHeaders.Safetensors(weights, out long length),
            File = (LoraAdapter.WeightsName, length),
        };
    }

    private static string[] Targets(JsonFile config)
    {
        if (!config.TryGet("target_modules", out JsonElement value)) return [];
        if (value.ValueKind == JsonValueKind.String) return [value.GetString()!];
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!)] : [];
    }
}
