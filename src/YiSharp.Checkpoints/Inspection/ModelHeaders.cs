using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>
/// What the headers of a model's files say, without a judgement whether the model can be computed: for people who look at a file. A damaged file is refused as
/// everywhere else.
/// </summary>
public sealed record ModelHeaders
{
    /// <summary>The folder or file as the caller named it.</summary>
    public required string Path { get; init; }

    /// <summary>The numbers that describe the model.</summary>
    public required ModelShape Shape { get; init; }

    /// <summary>Every tensor, in the files' order.</summary>
    public required IReadOnlyList<StoredTensor> Tensors { get; init; }

    /// <summary>The files that hold the tensors, with their lengths in bytes.</summary>
    public required IReadOnlyList<(string Name, long LengthBytes)> Files { get; init; }

    /// <summary>Names of special tokens, and the chat template.</summary>
    public required TokenizerFiles Tokenizer { get; init; }

    /// <summary>Ids that the files name as ends of an answer.</summary>
    public required IReadOnlyList<(int Id, string Source)> Ends { get; init; }

    /// <summary>The licence's name and where it is said, or null.</summary>
    public (string Name, string Source)? License { get; init; }

    /// <summary>Bits of codes that are packed into 32-bit words, or null.</summary>
    public int? PackedBits { get; init; }

    /// <summary>Number of weights.</summary>
    public long ParameterCount => (long)Tensors.Sum(t => t.ParameterCount(PackedBits));

    /// <summary>Bytes of all tensors.</summary>
    public long WeightBytes => Tensors.Sum(t => t.LengthBytes);

    /// <summary>Bytes of all files.</summary>
    public long FileBytes => Files.Sum(f => f.LengthBytes);

    /// <summary>Reads the headers of a model's folder or a .gguf file.</summary>
    /// <exception cref="InvalidDataException">Nothing to read, or files that are damaged.</exception>
    /// <exception cref="NotSupportedException">A file of a version or with element types that are not known.</exception>
    public static ModelHeaders Read(string path)
    {
        if (File.Exists(path)) return OfGguf(path, path);
        var folder = new ModelFolder(path);
        return folder.FindGguf() is string gguf ? OfGguf(path, gguf) : OfFolder(folder);
    }

    private static ModelHeaders OfFolder(ModelFolder folder)
    {
        JsonFile config = folder.Json("config.json") ?? throw new InvalidDataException($"{folder.Path} has no config.json; a model's folder was expected.");
        var tensors = new List<StoredTensor>();
        var files = new List<(string, long)>();
        foreach (string name in folder.WithExtension(".safetensors"))
        {
            string file = folder.Find(name) ?? throw new InvalidDataException($"{System.IO.Path.Combine(folder.Path, name)} is a link to nothing; a safetensors file was expected.");
            tensors.AddRange(Safetensors(file, out long length));
            files.Add((name, length));
        }
        return new ModelHeaders
        {
            Path = folder.Path,
            Shape = ModelShape.OfConfig(config),
            Tensors = tensors,
            Files = files,
            Tokenizer = TokenizerFiles.OfFolder(folder),
            Ends = NamedEnds.OfFiles(folder.Json("generation_config.json")?.Ids("eos_token_id") ?? [], config.Ids("eos_token_id")),
            License = LicenseText.OfFolder(folder),
            PackedBits = BitsOf(config),
        };
    }

    private static ModelHeaders OfGguf(string path, string file)
    {
        using GgufFile gguf = GgufFile.Open(file);
        return new ModelHeaders
        {
            Path = path,
            Shape = ModelShape.OfGguf(gguf),
            Tensors = [.. gguf.Tensors.Select(t => new StoredTensor(t.Name, t.Type.Name, [.. t.Dimensions.Reverse()], t.LengthBytes, t.OffsetBytes, System.IO.Path.GetFileName(t.Path)))],
            Files = [.. gguf.Paths.Select(part => (System.IO.Path.GetFileName(part), new FileInfo(part).Length))],
            Tokenizer = TokenizerFiles.OfGguf(gguf),
            Ends = NamedEnds.OfGguf(gguf),
            License = gguf.Text("general.license") is { } license ? (license, "general.license") : null,
        };
    }

    /// <summary>The tensors of a safetensors file, in the order in which they lie in it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lengthBytes">Its length.</param>
    public static IReadOnlyList<StoredTensor> Safetensors(string path, out long lengthBytes)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        lengthBytes = new FileInfo(path).Length;
        string name = System.IO.Path.GetFileName(path);
        return [.. file.Tensors.Values.OrderBy(t => t.OffsetBytes).Select(t => new StoredTensor(t.Name, t.DType, t.Shape, t.LengthBytes, t.OffsetBytes, name))];
    }

    private static int? BitsOf(JsonFile config)
    {
        if (!config.TryGet("quantization_config", out JsonElement value) || value.ValueKind != JsonValueKind.Object) return null;
        foreach (string field in (string[])["bits", "w_bit"])
        {
            if (value.TryGetProperty(field, out JsonElement bits) && bits.ValueKind == JsonValueKind.Number && bits.TryGetInt32(out int number) && number is 2 or 3 or 4 or 8) return number;
        }
        return null;
    }
}
