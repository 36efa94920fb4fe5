using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using YiSharp.Checkpoints;
using HuggingFaceTokenizer = Tokenizers.DotNet.Tokenizer;

namespace YiSharp.Peers;

/// <summary>The vocabularies, and who can read each.</summary>
internal static partial class Vocabularies
{
    /// <summary>All of them; SmolLM2's tokenizer.json is written into a folder from the embedded model's GGUF.</summary>
    public static Field[] All(string folder)
    {
        string yi = Repository.Shared("data/tokenizers/yi/tokenizer.json");
        string llamaModel = Repository.Shared("data/tokenizers/sentencepiece/llama2_tokenizer.model");
        string minimind = Repository.Shared("data/tokenizers/sentencepiece/minimind_tokenizer.json");
        string gguf = Path.Combine(Repository.Root, "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");
        string smollm2 = Written(gguf, Path.Combine(folder, "smollm2"));
        return
        [
            new("Yi", "tokenizer.json; none of Microsoft.ML's reads it (its BPE has no byte fallback, its LlamaTokenizer wants a `.model`)",
                [Ours(yi), HuggingFace(yi)]),
            new("Llama-2", "SentencePiece's `.model`; Microsoft.ML's LlamaTokenizer joins equals in another order than sentencepiece",
                [Ours(llamaModel), Microsoft(() => Llama(llamaModel))]),
            new("SmolLM2", "the tokenizer.json that we write of the embedded model; Microsoft.ML gets its pieces, merges and cuts",
                [Ours(smollm2), HuggingFace(smollm2), Microsoft(() => Bpe(smollm2, DigitsThenGpt2()))]),
            new("minimind", "tokenizer.json; Microsoft.ML gets its pieces, merges and cut",
                [Ours(minimind), HuggingFace(minimind), Microsoft(() => Bpe(minimind, Gpt2()))]),
        ];
    }

    private static Contestant Ours(string file) => new(Contestant.Ours, () =>
    {
        var tokenizer = YiSharp.Text.Tokenizer.FromFile(file);
        return text => tokenizer.Encode(text);
    });

    private static Contestant HuggingFace(string file) => new(Contestant.HuggingFace, () =>
    {
        var tokenizer = new HuggingFaceTokenizer(file);
        return text => (int[])(object)tokenizer.Encode(text);
    });

    private static Contestant Microsoft(Func<Tokenizer> load) => new(Contestant.Microsoft, () =>
    {
        Tokenizer tokenizer = load();
        return text => tokenizer.EncodeToIds(text);
    });

    private static LlamaTokenizer Llama(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return LlamaTokenizer.Create(stream, addBeginOfSentence: false);
    }

    private static BpeTokenizer Bpe(string file, PreTokenizer cut)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        JsonElement model = json.RootElement.GetProperty("model");
        return BpeTokenizer.Create(new BpeOptions(model.GetProperty("vocab").EnumerateObject().Select(piece => KeyValuePair.Create(piece.Name, piece.Value.GetInt32())).ToArray())
        {
            Merges = model.GetProperty("merges").EnumerateArray().Select(Merge).ToArray(),
            PreTokenizer = cut,
            ByteLevel = true,
        });
    }

    private static string Merge(JsonElement merge) => merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0].GetString()} {merge[1].GetString()}";

    private static RegexPreTokenizer Gpt2() => new(Gpt2Words(), null);

    /// <summary>GPT-2's cut of what lies between single numbers, in one expression.</summary>
    private static RegexPreTokenizer DigitsThenGpt2() => new(DigitsThenGpt2Words(), null);

    private static string Written(string gguf, string folder)
    {
        using Checkpoint source = Checkpoint.Open(gguf);
        HuggingFaceWriter.Write(folder, source);
        return Path.Combine(folder, "tokenizer.json");
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 600_000)]
    private static partial Regex Gpt2Words();

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 600_000)]
    private static partial Regex DigitsThenGpt2Words();
}
