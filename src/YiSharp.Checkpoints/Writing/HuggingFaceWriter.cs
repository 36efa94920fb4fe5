using System.Globalization;
using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// Writes a model as a Hugging Face folder that transformers loads: model.safetensors, config.json (in the style that transformers 4
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
    /// <exception cref="NotSupportedException">A format or vocabulary that such a folder cannot hold.</exception>
    public static void Write(string path, Checkpoint source, HuggingFaceOptions? options = null)
    {
        options ??= new HuggingFaceOptions();
        string dtype = Dtype(options.Format);
        source.RequireElsewhere(path);
        var weights = WeightSource.Match(source.Config, options.Weights ?? WeightSource.Of(source));
        IReadOnlyList<int> eos = options.EosTokenIds ?? TurnEnd.Ids(source);

        using var folder = new AtomicDirectory(path);
        void File(string name, byte[] bytes) => AtomicFile.WriteAllBytes(System.IO.Path.Combine(folder.PartialPath, name), bytes);
        File("config.json", JsonOutput.Object(json => WriteConfig(json, source.Config, dtype, eos)));
        File("generation_config.json", JsonOutput.Object(json => WriteGenerationConfig(json, source, eos)));
        WriteTokenizer(source, eos, File);
        if (options.ModelCard is string card) AtomicFile.WriteAllText(System.IO.Path.Combine(folder.PartialPath, "README.md"), card);
        SafetensorsWriter.Write(System.IO.Path.Combine(folder.PartialPath, "model.safetensors"), [.. weights.Select(w => new SafetensorsOutput(
            w.Tensor.Name,
            options.Format.Name,
            w.Tensor.IsVector ? [w.Tensor.Columns] : [w.Tensor.Rows, w.Tensor.Columns],
            WeightEncoder.LengthBytes(w.Source, options.Format),
            stream => WeightEncoder.Write(stream, w.Source, options.Format)))]);
        folder.Commit();
    }

    private static string Dtype(WeightFormat format) =>
        format == WeightFormat.F32 ? "float32"
        : format == WeightFormat.F16 ? "float16"
        : format == WeightFormat.BF16 ? "bfloat16"
        : throw new NotSupportedException($"A Hugging Face folder cannot be written in {format}; choose F32, F16 or BF16, or write a GGUF.");

    private static void WriteConfig(Utf8JsonWriter json, LlamaConfig config, string dtype, IReadOnlyList<int> eos)
    {
        json.WriteStartArray("architectures");
        json.WriteStringValue("LlamaForCausalLM");
        json.WriteEndArray();
        json.WriteBoolean("attention_bias", false);
        WriteDecimal(json, "attention_dropout", "0");
        WriteId(json, "bos_token_id", config.BosTokenId);
        WriteIds(json, "eos_token_id", eos);
        json.WriteNumber("head_dim", config.HeadDim);
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("initializer_range", 0.02);
        json.WriteNumber("intermediate_size", config.IntermediateSize);
        json.WriteNumber("max_position_embeddings", config.MaxPositionEmbeddings);
        json.WriteBoolean("mlp_bias", false);
        json.WriteString("model_type", "llama");
        json.WriteNumber("num_attention_heads", config.NumAttentionHeads);
        json.WriteNumber("num_hidden_layers", config.NumHiddenLayers);
        json.WriteNumber("num_key_value_heads", config.NumKeyValueHeads);
        WriteId(json, "pad_token_id", config.PadTokenId);
        WriteDecimal(json, "rms_norm_eps", config.RmsNormEps.ToString("r", CultureInfo.InvariantCulture));
        json.WriteNull("rope_scaling");
        WriteDecimal(json, "rope_theta", config.RopeTheta.ToString("r", CultureInfo.InvariantCulture));
        json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
        json.WriteString("torch_dtype", dtype);
        json.WriteBoolean("use_cache", true);
        json.WriteNumber("vocab_size", config.VocabSize);
    }

    private static void WriteGenerationConfig(Utf8JsonWriter json, Checkpoint source, IReadOnlyList<int> eos)
    {
        GenerationConfig generation = source.Generation;
        WriteId(json, "bos_token_id", generation.BosTokenId ?? source.Config.BosTokenId);
        if (generation.DoSample is bool doSample) json.WriteBoolean("do_sample", doSample);
        WriteIds(json, "eos_token_id", eos);
        if ((generation.PadTokenId ?? source.Config.PadTokenId) is int pad) json.WriteNumber("pad_token_id", pad);
        if (generation.RepetitionPenalty is double penalty) json.WriteNumber("repetition_penalty", penalty);
        if (generation.Temperature is double temperature) json.WriteNumber("temperature", temperature);
        if (generation.TopK is int topK) json.WriteNumber("top_k", topK);
        if (generation.TopP is double topP) json.WriteNumber("top_p", topP);
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

    /// <summary>A number that readers expect with a fraction or an exponent.</summary>
    private static void WriteDecimal(Utf8JsonWriter json, string field, string digits)
    {
        json.WritePropertyName(field);
        json.WriteRawValue(digits.AsSpan().IndexOfAny(".eE") < 0 ? digits + ".0" : digits.ToLowerInvariant());
    }

    private static void WriteId(Utf8JsonWriter json, string field, int? id)
    {
        if (id is int number) json.WriteNumber(field, number);
        else json.WriteNull(field);
    }

    /// <summary>One id as a number, several as a list, none as null.</summary>
    private static void WriteIds(Utf8JsonWriter json, string field, IReadOnlyList<int> ids)
    {
        if (ids.Count <= 1)
        {
            WriteId(json, field, ids.Count == 0 ? null : ids[0]);
            return;
        }
        json.WriteStartArray(field);
        foreach (int id in ids) json.WriteNumberValue(id);
        json.WriteEndArray();
    }
}
