using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// Writes a model as a Hugging Face folder that transformers loads: safetensors in one file or in shards, config.json (in the style that transformers 4
/// and 5 both read), generation_config.json, the tokenizer and the card. Equal models give equal bytes.
/// </summary>
public static class HuggingFaceWriter
{
    /// <summary>Files of a tokenizer that are copied as they are.</summary>
    private static readonly string[] TokenizerFiles =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tokenizer.model", "vocab.json", "merges.txt", "chat_template.jinja",
    ];

    /// <summary>Writes a folder in place of what is at <paramref name="path"/>, whole or not at all; one row of weights is held at a time.</summary>
    /// <exception cref="InvalidDataException">A weight is not finite or does not fit the format.</exception>
    /// <exception cref="NotSupportedException">A format, rotary scaling or vocabulary that such a folder cannot hold.</exception>
    public static void Write(string path, Checkpoint source, HuggingFaceOptions? options = null)
    {
        options ??= new HuggingFaceOptions();
        source.RequireElsewhere(path);
        IReadOnlyList<SafetensorsOutput> tensors = Tensors(source, options);
        IReadOnlyList<int> eos = options.EosTokenIds ?? TurnEnd.Ids(source);
        WeightFormat format = LlamaTensors.Of(source.Config).Where(t => !t.IsVector).GroupBy(options.Format).MaxBy(g => g.Sum(t => (long)t.Rows * t.Columns))!.Key;
        byte[] config = ConfigWriter.Config(source.Config, format, eos);

        using var folder = new AtomicDirectory(path);
        void File(string name, byte[] bytes) => AtomicFile.WriteAllBytes(System.IO.Path.Combine(folder.PartialPath, name), bytes);
        File("config.json", config);
        File("generation_config.json", ConfigWriter.Generation(source, eos));
        WriteTokenizer(source, eos, File);
        if (options.ModelCard is string card) AtomicFile.WriteAllText(System.IO.Path.Combine(folder.PartialPath, "README.md"), card);
        SafetensorsShards.Write(folder.PartialPath, tensors, options.MaxShardBytes);
        folder.Commit();
    }

    /// <summary>Writes the tensors alone, as one .safetensors file.</summary>
    /// <exception cref="InvalidDataException">A weight is not finite or does not fit the format.</exception>
    public static void WriteTensors(string path, Checkpoint source, HuggingFaceOptions? options = null)
    {
        source.RequireElsewhere(path);
        SafetensorsWriter.Write(path, Tensors(source, options ?? new HuggingFaceOptions()));
    }

    private static List<SafetensorsOutput> Tensors(Checkpoint source, HuggingFaceOptions options)
    {
        var weights = WeightSource.Match(source.Config, options.Weights ?? WeightSource.Of(source))
            .ConvertAll(w => (w.Tensor, w.Source, Format: options.Format(w.Tensor)));
        if (weights.FirstOrDefault(w => w.Format.IsQuantized) is { Source: not null } quantized)
        {
            throw new NotSupportedException($"{quantized.Tensor.Name} cannot be written to safetensors in {quantized.Format}; choose F32, F16 or BF16, or write a GGUF.");
        }
        var meter = new WriteMeter(options.Progress, weights.Sum(w => WeightEncoder.LengthBytes(w.Source, w.Format)));
        return weights.ConvertAll(w => new SafetensorsOutput(
            w.Tensor.Name,
            w.Format.Name,
            w.Tensor.Dimensions,
            WeightEncoder.LengthBytes(w.Source, w.Format),
            stream => WeightEncoder.Write(stream, w.Source, w.Format, meter)));
    }

    private static void WriteTokenizer(Checkpoint source, IReadOnlyList<int> eos, Action<string, byte[]> write)
    {
        if (source.Gguf is null)
        {
            var folder = new ModelFolder(source.Path);
            foreach (string name in TokenizerFiles)
            {
                if (folder.Find(name) is string file) write(name, File.ReadAllBytes(file));
            }
            return;
        }
        if (GgufVocabularyFormat.Read(source.Gguf, source.Config) is not BpeVocabulary vocabulary) return;
        write("tokenizer.json", TokenizerJsonFormat.Write(vocabulary));
        write("tokenizer_config.json", JsonOutput.Object(json => WriteTokenizerConfig(json, source, vocabulary, eos)));
    }

    private static void WriteTokenizerConfig(Utf8JsonWriter json, Checkpoint source, BpeVocabulary vocabulary, IReadOnlyList<int> eos)
    {
        string? Token(int? id) => id is int i && i < vocabulary.Tokens.Length ? vocabulary.Tokens[i] : null;
        json.WriteBoolean("add_bos_token", vocabulary.AddBos);
        json.WriteBoolean("add_eos_token", false);
        json.WriteString("bos_token", Token(vocabulary.Ids.Bos));
        if (source.ChatTemplate is string template) json.WriteString("chat_template", template);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteString("eos_token", Token(eos.Count > 0 ? eos[0] : vocabulary.Ids.Eos));
        json.WriteNumber("model_max_length", source.Config.MaxPositionEmbeddings);
        json.WriteString("pad_token", Token(vocabulary.Ids.Pad));
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        json.WriteString("unk_token", Token(vocabulary.Ids.Unk));
    }
}
