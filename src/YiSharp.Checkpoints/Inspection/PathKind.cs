namespace YiSharp.Checkpoints;

/// <summary>What lies at a path.</summary>
public enum PathKind
{
    /// <summary>A folder with config.json and safetensors, or with a .gguf.</summary>
    ModelFolder,

    /// <summary>A GGUF file of a model.</summary>
    Gguf,

    /// <summary>A GGUF file with a vocabulary and no tensors.</summary>
    GgufVocabulary,

    /// <summary>Tensors in a safetensors file, without a config.</summary>
    Safetensors,

    /// <summary>A folder with an adapter.</summary>
    Adapter,

    /// <summary>A folder with a tokenizer and no model.</summary>
    TokenizerFolder,

    /// <summary>A <c>tokenizer.json</c>.</summary>
    TokenizerJson,

    /// <summary>SentencePiece's <c>tokenizer.model</c>.</summary>
    SentencePiece,

    /// <summary>A release: a folder with the models that <c>yi release</c> made.</summary>
    Release,
}

/// <summary>Tells what lies at a path by names and first bytes.</summary>
public static class PathKinds
{
    /// <summary>The models of a release, the best first.</summary>
    public static IReadOnlyList<string> ReleaseModels { get; } = ["chat", "8bits", "4bits"];

    /// <summary>The folders of a release's models that are there; none where the path is no release.</summary>
    public static IReadOnlyList<string> ModelsOfRelease(string path) =>
        !Directory.Exists(path) || File.Exists(Path.Combine(path, "config.json")) ? [] : [.. ReleaseModels.Select(m => Path.Combine(path, m)).Where(Directory.Exists)];

    /// <summary>What lies at <paramref name="path"/>.</summary>
    /// <exception cref="InvalidDataException">Nothing that is known.</exception>
    /// <exception cref="NotSupportedException">A pickle file.</exception>
    public static PathKind Of(string path)
    {
        if (Directory.Exists(path)) return OfFolder(path);
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist; a model, an adapter, a tokenizer or a release was expected.");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".safetensors" => PathKind.Safetensors,
            ".json" when Path.GetFileName(path) is "config.json" or "generation_config.json" or "tokenizer_config.json" or "adapter_config.json" =>
                throw new InvalidDataException($"{path} is one file of several; name its folder."),
            ".bin" or ".pt" or ".pth" or ".ckpt" => throw new NotSupportedException($"{path} is a pickle file, which runs code when read, and is refused. Fetch the safetensors of the same model."),
            ".jinja" => throw new InvalidDataException($"{path} is a template; yi template renders it."),
            _ => TokenizerFileKinds.Of(path) switch { TokenizerFileKind.Json => PathKind.TokenizerJson, TokenizerFileKind.SentencePiece => PathKind.SentencePiece, _ => OfGguf(path) },
        };
    }

    private static PathKind OfFolder(string path)
    {
        var folder = new ModelFolder(path);
        bool Has(string name) => folder.Names.Contains(name);
        if (Has("config.json") || folder.WithExtension(".gguf").Count > 0) return PathKind.ModelFolder;
        if (Has("adapter_config.json")) return PathKind.Adapter;
        if (folder.WithExtension(".safetensors").Count > 0) return PathKind.ModelFolder;
        if (TokenizerFiles.VocabularyOf(path) is not null) return PathKind.TokenizerFolder;
        return ModelsOfRelease(path).Count > 0 ? PathKind.Release : PathKind.ModelFolder;
    }

    private static PathKind OfGguf(string path)
    {
        try
        {
            using GgufFile file = GgufFile.Open(path);
            return file.Tensors.Count == 0 && file.Metadata.ContainsKey("tokenizer.ggml.tokens") ? PathKind.GgufVocabulary : PathKind.Gguf;
        }
        catch (NotSupportedException)
        {
            return PathKind.Gguf; // whoever opens it says why
        }
    }
}
