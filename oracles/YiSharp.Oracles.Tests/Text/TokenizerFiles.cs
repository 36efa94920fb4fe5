using System.Security.Cryptography;
using System.Text.Json;

namespace YiSharp.Oracles.Tests.Text;

/// <summary>The tokenizers to compare: those in the repository, and those in the folder of data beside it where that is there.</summary>
internal static class TokenizerFiles
{
    public const string Yi = "tests/YiSharp.Tests/Goldens/tokenizers/yi/tokenizer.json";

    /// <summary>Llama-2's vocabulary as SentencePiece and as GGUF.</summary>
    public const string LlamaSentencePiece = "data/tokenizers/sentencepiece/llama2_tokenizer.model", LlamaGguf = "data/tokenizers/ggml-vectors/ggml-vocab-llama-spm.gguf";

    private static readonly string[] Folders = ["data/tokenizers", "goldens/tokenizers/edge/trained", "goldens/checkpoints"];

    /// <summary>Every tokenizer.json, equal ones once; paths within the repository or within the data.</summary>
    public static string[] Jsons { get; } = [.. new[] { Yi }.Concat(InShared("*tokenizer.json")).DistinctBy(name => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(PathOf(name)))))];

    /// <summary>Every GGUF vocabulary.</summary>
    public static string[] Ggufs { get; } = ["models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf", .. InShared("*vocab*.gguf")];

    /// <summary>SentencePiece models.</summary>
    public static string[] SentencePieces { get; } = InShared("*.model");

    public static string PathOf(string name) => Path.Combine(File.Exists(Path.Combine(Repository.Root, name)) ? Repository.Root : Shared, name);

    /// <summary>What a tokenizer.json lists as added tokens: texts should hold them.</summary>
    public static string[] AddedTokens(string tokenizerJson)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(tokenizerJson));
        return [.. json.RootElement.GetProperty("added_tokens").EnumerateArray().Select(token => token.GetProperty("content").GetString()!)];
    }

    private static string Shared => Path.Combine(Repository.Root, "..", "shared");

    private static string[] InShared(string pattern) =>
        [.. Folders.Select(folder => Path.Combine(Shared, folder)).Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, pattern, SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Shared, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
