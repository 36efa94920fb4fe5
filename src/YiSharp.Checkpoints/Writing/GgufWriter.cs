using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// Writes a model as one GGUF version 3 file that llama.cpp loads: rows of q and k in its order, rotary scaling, tokenizer and chat
/// template from the checkpoint, and the end-of-sequence id that really ends a turn. Equal models give equal bytes.
/// </summary>
public static class GgufWriter
{
    private const uint QuantizationVersion = 2;

    private sealed record Entry(string Name, LlamaTensor Tensor, WeightSource Source, WeightFormat Format, GgufType Type, int[]? Order, long LengthBytes);

    /// <summary>Writes a file in place of what is at <paramref name="path"/>, whole or not at all; one row of weights is held at a time.</summary>
    /// <exception cref="InvalidDataException">A weight is not finite or does not fit the format.</exception>
    /// <exception cref="NotSupportedException">A format or vocabulary that a GGUF file cannot hold.</exception>
    public static void Write(string path, Checkpoint source, GgufOptions? options = null)
    {
        options ??= new GgufOptions();
        source.RequireElsewhere(path);
        LlamaConfig config = source.Config;
        var rope = GgufRope.Metadata(config).ToList();
        Entry[] entries = [.. RopeEntry(config), .. WeightSource.Match(config, options.Weights ?? WeightSource.Of(source)).Select(w =>
        {
            WeightFormat format = w.Tensor.IsVector ? WeightFormat.F32 : options.Format(w.Tensor);
            int[]? order = LlamaTensors.PermutedHeads(config, w.Tensor) is int heads ? Inverse(LlamaTensors.StoredRows(heads, config.HeadDim)) : null;
            WeightSource rows = w.Tensor.IsVector && order is not null ? Reorder(w.Source, order) : w.Source;
            return new Entry(LlamaTensors.ToGguf(w.Tensor.Name), w.Tensor, rows, format, GgufType.For(format), w.Tensor.IsVector ? null : order, WeightEncoder.LengthBytes(w.Source, format));
        })];

        var meter = new WriteMeter(options.Progress, entries.Sum(e => e.LengthBytes));
        byte[] header = GgufHeaderWriter.Header(
            Metadata(source, options, entries, rope),
            [.. entries.Select(e => new GgufOutput(e.Name, [.. e.Tensor.Dimensions.Reverse()], e.Type, e.LengthBytes))]);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (Entry entry in entries)
            {
                WeightEncoder.Write(stream, entry.Source, entry.Format, meter, entry.Order);
                stream.Write(new byte[GgufHeaderWriter.Padding(entry.LengthBytes)]);
            }
        });
    }

    /// <summary>The tensor of divisors that llama3's rotary scaling becomes.</summary>
    private static IEnumerable<Entry> RopeEntry(LlamaConfig config)
    {
        if (GgufRope.Divisors(config) is not float[] divisors) yield break;
        var tensor = new LlamaTensor(GgufRope.DivisorsName, 1, divisors.Length, true, $"head_dim {config.HeadDim} / 2");
        yield return new Entry(tensor.Name, tensor, new WeightSource(tensor.Name, 1, divisors.Length, (_, values) => divisors.CopyTo(values)), WeightFormat.F32, GgufType.For(WeightFormat.F32), null, divisors.Length * sizeof(float));
    }

    /// <summary>A vector whose element i is the source's element <paramref name="order"/>[i].</summary>
    private static WeightSource Reorder(WeightSource source, int[] order) => new(source.Name, 1, source.Columns, (row, values) =>
    {
        var inOrder = new float[values.Length];
        source.Fill(row, inOrder);
        for (int i = 0; i < values.Length; i++) values[i] = inOrder[order[i]];
    });

    private static List<(string Key, object Value)> Metadata(Checkpoint source, GgufOptions options, Entry[] entries, List<(string Key, object Value)> rope)
    {
        LlamaConfig config = source.Config;
        string arch = config.ModelType.Gguf;
        var metadata = new List<(string Key, object Value)>
        {
            ("general.architecture", arch),
            ("general.type", "model"),
            ("general.name", options.Name ?? source.Gguf?.Text("general.name") ?? source.Name),
            ("general.alignment", (uint)GgufHeaderWriter.Alignment),
            ("general.file_type", FileType(entries)),
            ("general.quantization_version", QuantizationVersion),
            ($"{arch}.context_length", (uint)config.MaxPositionEmbeddings),
            ($"{arch}.embedding_length", (uint)config.HiddenSize),
            ($"{arch}.block_count", (uint)config.NumHiddenLayers),
            ($"{arch}.feed_forward_length", (uint)config.IntermediateSize),
            ($"{arch}.attention.head_count", (uint)config.NumAttentionHeads),
            ($"{arch}.attention.head_count_kv", (uint)config.NumKeyValueHeads),
            ($"{arch}.attention.key_length", (uint)config.HeadDim),
            ($"{arch}.attention.value_length", (uint)config.HeadDim),
            ($"{arch}.attention.layer_norm_rms_epsilon", config.RmsNormEps),
            ($"{arch}.rope.dimension_count", (uint)config.HeadDim),
            ($"{arch}.rope.freq_base", (float)config.RopeTheta),
            ($"{arch}.vocab_size", (uint)config.VocabSize),
        };
        metadata.AddRange(rope);
        AddTokenizer(metadata, source, options.EosTokenIds ?? TurnEnd.Ids(source));
        if (source.Gguf is GgufFile gguf)
        {
            // What is said about the model at large, such as its licence, stays.
            var known = metadata.Select(m => m.Key).ToHashSet(StringComparer.Ordinal);
            metadata.AddRange(gguf.Metadata.Where(m => m.Key.StartsWith("general.", StringComparison.Ordinal) && !known.Contains(m.Key)).Select(m => (m.Key, m.Value)));
        }
        else if (source.License is string license) metadata.Add(("general.license", license));
        return metadata;
    }

    private static void AddTokenizer(List<(string Key, object Value)> metadata, Checkpoint source, IReadOnlyList<int> eos)
    {
        if (source.Gguf is GgufFile gguf)
        {
            metadata.AddRange(gguf.Metadata
                .Where(m => m.Key.StartsWith("tokenizer.", StringComparison.Ordinal) && m.Key is not ("tokenizer.ggml.eos_token_id" or "tokenizer.ggml.eot_token_id"))
                .Select(m => (m.Key, m.Value)));
        }
        else if (FolderVocabulary.Read(new ModelFolder(source.Path), source.Config.VocabSize, source.TokenizerConfig) is BpeVocabulary vocabulary)
        {
            metadata.AddRange(GgufVocabularyFormat.Write(vocabulary));
            if (source.ChatTemplate is string template) metadata.Add(("tokenizer.chat_template", template));
        }
        else
        {
            metadata.Add(("tokenizer.ggml.model", "none"));
        }
        // As llama.cpp's converter does, config.json's ids stand in for those that the tokenizer does not name.
        AddMissing("tokenizer.ggml.bos_token_id", source.Config.BosTokenId);
        AddMissing("tokenizer.ggml.padding_token_id", source.Config.PadTokenId);
        if (eos.Count > 0) metadata.Add(("tokenizer.ggml.eos_token_id", (uint)eos[0]));
        // llama.cpp stops at both; the second is what the config names besides.
        if (eos.Count > 1) metadata.Add(("tokenizer.ggml.eot_token_id", (uint)eos[1]));

        void AddMissing(string key, int? id)
        {
            if (id is int number && metadata.All(m => m.Key != key)) metadata.Add((key, (uint)number));
        }
    }

    private static uint FileType(Entry[] entries) =>
        entries.Where(e => !e.Tensor.IsVector).GroupBy(e => e.Type).MaxBy(g => g.Sum(e => (long)e.Tensor.Rows * e.Tensor.Columns))!.Key.FileType!.Value;

    private static int[] Inverse(int[] places)
    {
        var rows = new int[places.Length];
        for (int row = 0; row < rows.Length; row++) rows[places[row]] = row;
        return rows;
    }
}
