using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Tensors;
using YiSharp.Text;

namespace YiSharp.Tests.Checkpoints;

public sealed class WriterTests
{
    [Theory]
    [InlineData("llama-tiny", "F32")]
    [InlineData("llama-tiny", "F16")]
    [InlineData("yi-tiny", "BF16")]
    [InlineData("yi-tiny", "F32")]
    public void Written_folder_opens_equal_and_is_written_again_to_equal_bytes(string name, string format)
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny(name));
        var options = new HuggingFaceOptions { Format = _ => Format(format), ModelCard = "# A card\n" };
        HuggingFaceWriter.Write(folder["a"], source, options);
        using Checkpoint written = Checkpoint.Open(folder["a"]);
        AssertSameConfig(source.Config, written.Config);
        AssertSameWeights(source, written, Format(format));
        Assert.Equal([7, 2], written.Generation.EosTokenIds);
        Assert.Equal(source.TokenizerConfig, written.TokenizerConfig);
        Assert.Equal(source.ChatTemplate, written.ChatTemplate);
        Assert.Equal(File.ReadAllBytes(source.VocabularyPath!), File.ReadAllBytes(written.VocabularyPath!));
        Assert.Equal("# A card\n", File.ReadAllText(Path.Combine(folder["a"], "README.md")));

        HuggingFaceWriter.Write(folder["b"], written, options);
        string[] files = [.. Directory.GetFiles(folder["a"]).Select(f => Path.GetFileName(f)).Order()];
        Assert.Equal(["README.md", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"], files);
        Assert.All(files, f => Assert.Equal(File.ReadAllBytes(Path.Combine(folder["a"], f)), File.ReadAllBytes(Path.Combine(folder["b"], f))));
    }

    [Theory]
    [InlineData("llama-tiny", "F32")]
    [InlineData("llama-tiny", "Q8_0")]
    [InlineData("yi-tiny", "F16")]
    [InlineData("yi-tiny", "Q4_0")]
    public void Written_gguf_opens_equal_and_is_written_again_to_equal_bytes(string name, string format)
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny(name));
        var options = new GgufOptions { Format = _ => Format(format), Name = "tiny" };
        GgufWriter.Write(folder["a.gguf"], source, options);
        using Checkpoint written = Checkpoint.Open(folder["a.gguf"]);
        AssertSameConfig(source.Config, written.Config);
        AssertSameWeights(source, written, Format(format));
        Assert.Equal([7, 2], written.Generation.EosTokenIds);
        Assert.Equal("<|im_end|>", written.TokenizerConfig.EosToken);
        Assert.Equal(source.ChatTemplate, written.ChatTemplate);
        GgufWriter.Write(folder["b.gguf"], written, options);
        using Checkpoint again = Checkpoint.Open(folder["b.gguf"]);
        GgufWriter.Write(folder["c.gguf"], again, options);
        Assert.Equal(File.ReadAllBytes(folder["b.gguf"]), File.ReadAllBytes(folder["c.gguf"]));
        AssertSameWeights(written, again, Format(format));
    }

    [Theory]
    [InlineData("bias-tiny")]
    [InlineData("linear-tiny")]
    [InlineData("llama-tiny")]
    [InlineData("llama3-tiny")]
    [InlineData("mistral-tiny")]
    [InlineData("qwen2-tiny")]
    [InlineData("yarn-tiny")]
    [InlineData("yi-tiny")]
    public void Every_kind_of_model_goes_to_gguf_and_back(string name)
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny(name));
        GgufWriter.Write(folder["a.gguf"], source, new GgufOptions { Format = _ => WeightFormat.F32 });
        using Checkpoint gguf = Checkpoint.Open(folder["a.gguf"]);
        HuggingFaceWriter.Write(folder["b"], gguf, new HuggingFaceOptions { Format = _ => WeightFormat.F32 });
        using Checkpoint back = Checkpoint.Open(folder["b"]);
        // GGUF has no name of its own for Mistral.
        LlamaConfig expected = source.Config.ModelType == ModelType.Mistral ? source.Config with { ModelType = ModelType.Llama } : source.Config;
        // Qwen2's config leaves the padding to its tokenizer.
        AssertSameConfig(expected with { PadTokenId = expected.PadTokenId ?? back.Config.PadTokenId }, back.Config);
        AssertSameWeights(source, gguf, WeightFormat.F32);
        AssertSameWeights(source, back, WeightFormat.F32);
        Assert.Equal(source.Config.ModelType.Gguf, gguf.Gguf!.Text("general.architecture"));
        Assert.Equal(name == "llama3-tiny", gguf.Config.RopeScaling is DividedRopeScaling);
        AssertSameFrequencies(source.Config, gguf.Config);
    }

    [Fact]
    public void A_rope_that_gguf_cannot_say_is_refused()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("dynamic-tiny"));
        Assert.Contains("dynamic", Assert.Throws<NotSupportedException>(() => GgufWriter.Write(folder["a.gguf"], source)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Gguf_of_the_original_converter_with_biases_goes_to_a_folder()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint gguf = Checkpoint.Open(CheckpointGoldens.Gguf("qwen2-q8_0"));
        HuggingFaceWriter.Write(folder["a"], gguf, new HuggingFaceOptions { Format = _ => WeightFormat.F32 });
        using Checkpoint written = Checkpoint.Open(folder["a"]);
        Assert.Equal(ModelType.Qwen2, written.Config.ModelType);
        AssertSameWeights(gguf, written, WeightFormat.F32);
        using Checkpoint original = Checkpoint.Open(CheckpointGoldens.Tiny("qwen2-tiny"));
        Assert.Equal(original.Weights["model.layers.1.self_attn.k_proj.bias"].ToArray(), written.Weights["model.layers.1.self_attn.k_proj.bias"].ToArray());
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(200_000, 6)]
    [InlineData(2_000_000, 1)]
    public void Folder_is_written_in_shards_of_the_size_asked_for(long maxShardBytes, int shardCount)
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        HuggingFaceWriter.Write(folder["a"], source, new HuggingFaceOptions { Format = _ => WeightFormat.BF16, MaxShardBytes = maxShardBytes });
        string[] files = [.. Directory.GetFiles(folder["a"], "*.safetensors").Select(f => Path.GetFileName(f)).Order()];
        Assert.Equal(shardCount == 1 ? ["model.safetensors"] : [.. Enumerable.Range(1, shardCount).Select(i => $"model-{i:00000}-of-{shardCount:00000}.safetensors")], files);
        Assert.Equal(shardCount > 1, File.Exists(Path.Combine(folder["a"], "model.safetensors.index.json")));
        using Checkpoint written = Checkpoint.Open(folder["a"]);
        AssertSameWeights(source, written, WeightFormat.BF16);
        if (shardCount == 1) return;
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder["a"], "model.safetensors.index.json")));
        Assert.Equal(source.WeightBytes, index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64());
    }

    [Fact]
    public void Vocabulary_written_as_gguf_is_the_one_that_llama_cpp_s_converter_wrote()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("llama-tiny"));
        GgufWriter.Write(folder["a.gguf"], source);
        using GgufFile ours = GgufFile.Open(folder["a.gguf"]);
        using GgufFile theirs = GgufFile.Open(CheckpointGoldens.Gguf("llama-f16"));
        int compared = 0;
        foreach ((string key, object value) in theirs.Metadata)
        {
            // Scores only order the merges; theirs are by id, ours by rank of the merge.
            if (key is "general.name" or "tokenizer.ggml.scores") continue;
            Assert.Equal(value, ours.Metadata[key]);
            compared++;
        }
        Assert.Equal(theirs.Metadata.Count - 2, compared);
        Assert.Equal(theirs.Tensors.Select(t => (t.Name, t.Shape, t.Type.Name)).Order(), ours.Tensors.Select(t => (t.Name, t.Shape, t.Type.Name)).Order());
    }

    [Fact]
    public void Tokenizer_json_built_from_gguf_holds_the_same_pieces_and_merges()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Embedded);
        string[] merges = (string[])source.Gguf!.Metadata["tokenizer.ggml.merges"];
        BpeVocabulary vocabulary = GgufVocabularyFormat.Read(source.Gguf, source.Config)!;
        File.WriteAllBytes(folder["tokenizer.json"], TokenizerJsonFormat.Write(vocabulary));
        BpeVocabulary read = TokenizerJsonFormat.Read(folder["tokenizer.json"], source.Config.VocabSize, source.TokenizerConfig);
        Assert.Equal(vocabulary.Tokens, read.Tokens);
        Assert.Equal(vocabulary.Kinds, read.Kinds);
        Assert.Equal(merges, read.Merges.Select(m => $"{m.Left} {m.Right}"));
        Assert.Equal(("smollm", PieceEncoding.ByteLevel, false, false), (read.Pre, read.Encoding, read.AddBos, read.AddSpacePrefix));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(folder["tokenizer.json"]));
        Assert.Equal("Digits", json.RootElement.GetProperty("pre_tokenizer").GetProperty("pretokenizers")[0].GetProperty("type").GetString());
        Assert.Equal(17, json.RootElement.GetProperty("added_tokens").GetArrayLength());
    }

    [Fact]
    public void SentencePiece_vocabulary_goes_to_gguf_and_back()
    {
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        using var folder = new TemporaryFolder();
        GgufWriter.Write(folder["a.gguf"], source);
        using Checkpoint gguf = Checkpoint.Open(folder["a.gguf"]);
        HuggingFaceWriter.Write(folder["b"], gguf);
        using Checkpoint back = Checkpoint.Open(folder["b"]);
        BpeVocabulary before = TokenizerJsonFormat.Read(source.VocabularyPath!, source.Config.VocabSize, source.TokenizerConfig);
        BpeVocabulary after = TokenizerJsonFormat.Read(back.VocabularyPath!, back.Config.VocabSize, back.TokenizerConfig);
        Assert.Equal(before.Tokens, after.Tokens);
        Assert.Equal(before.Kinds, after.Kinds);
        // Merges that make a piece in a second way may be added; those of the source stay in their order.
        var kept = before.Merges.ToHashSet();
        Assert.Equal(before.Merges, after.Merges.Where(kept.Contains));
        Assert.Equal(7, gguf.Gguf!.WholeNumber("tokenizer.ggml.eos_token_id", 0, 1000));
        Assert.Equal([7, 2], back.Generation.EosTokenIds);
    }

    [Theory]
    [InlineData("llama-tiny")]
    [InlineData("yi-tiny")]
    public void Text_has_the_same_ids_through_every_file_that_is_written(string name)
    {
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny(name));
        using var folder = new TemporaryFolder();
        GgufWriter.Write(folder["a.gguf"], source);
        using Checkpoint gguf = Checkpoint.Open(folder["a.gguf"]);
        HuggingFaceWriter.Write(folder["b"], gguf);
        using Checkpoint back = Checkpoint.Open(folder["b"]);
        AssertSameIds(Tokenizer.Load(source), Tokenizer.Load(gguf));
        AssertSameIds(Tokenizer.Load(source), Tokenizer.Load(back));
    }

    [Fact]
    public void Embedded_model_s_text_has_the_same_ids_through_a_written_tokenizer_json()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Embedded);
        File.WriteAllBytes(folder["tokenizer.json"], TokenizerJsonFormat.Write(GgufVocabularyFormat.Read(source.Gguf!, source.Config)!));
        AssertSameIds(Tokenizer.Load(source), Tokenizer.FromFile(folder["tokenizer.json"]));
    }

    [Fact]
    public void Weights_given_by_a_function_are_written_in_place_of_the_checkpoint_s()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("llama-tiny"));
        var doubled = LlamaTensors.Of(source.Config).Select(t => new WeightSource(t.Name, t.Rows, t.Columns, (row, values) =>
        {
            source.Weights[t.Name].DequantizeRow(row, values);
            foreach (ref float value in values) value *= 2;
        })).ToList();
        HuggingFaceWriter.Write(folder["a"], source, new HuggingFaceOptions { Format = _ => WeightFormat.F32, Weights = doubled });
        using Checkpoint written = Checkpoint.Open(folder["a"]);
        Assert.All(source.Weights, w => Assert.Equal(w.Value.ToArray().Select(v => 2 * v), written.Weights[w.Key].ToArray()));

        Assert.Contains("model.norm.weight", Assert.Throws<TensorException>(() => GgufWriter.Write(folder["x.gguf"], source, new GgufOptions { Weights = doubled.Where(w => w.Name != "model.norm.weight") })).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<TensorException>(() => GgufWriter.Write(folder["x.gguf"], source, new GgufOptions { Weights = doubled.Append(doubled[0]) })).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["x.gguf"]));
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(1e6f, "beyond F16")]
    public void Weights_that_the_format_cannot_hold_leave_nothing_behind(float value, string words)
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("llama-tiny"));
        var broken = LlamaTensors.Of(source.Config).Select(t => new WeightSource(t.Name, t.Rows, t.Columns, (_, values) => values.Fill(value)));
        string message = Assert.Throws<InvalidDataException>(() => HuggingFaceWriter.Write(folder["a"], source, new HuggingFaceOptions { Weights = broken })).Message;
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Contains("model.embed_tokens.weight", message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Formats_that_a_file_cannot_hold_are_refused()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("llama-tiny"));
        Assert.Contains("Q8_0", Assert.Throws<NotSupportedException>(() => HuggingFaceWriter.Write(folder["a"], source, new HuggingFaceOptions { Format = _ => WeightFormat.Q8_0 })).Message, StringComparison.Ordinal);
        Assert.Contains("Affine8", Assert.Throws<NotSupportedException>(() => GgufWriter.Write(folder["a.gguf"], source, new GgufOptions { Format = _ => WeightFormat.Affine8 })).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static void AssertSameIds(Tokenizer expected, Tokenizer found)
    {
        string[] texts =
        [
            "<|im_start|>user\nHello, wörld 123 你好 e\u0301<|im_end|>\n  x=  42½", "", " ", "The school in the English translation, said he.",
            "我们应该在这里学习，但是的人。", "\t\n\r\0😀 🏳️‍🌈 <0x41> ▁ <|Human|>", new string('a', 100) + new string(' ', 50),
        ];
        foreach (string text in texts)
        {
            foreach (SpecialTokens mode in Enum.GetValues<SpecialTokens>()) Assert.Equal(expected.Encode(text, mode), found.Encode(text, mode));
        }
    }

    private static WeightFormat Format(string name) => new[] { WeightFormat.F32, WeightFormat.F16, WeightFormat.BF16, WeightFormat.Q8_0, WeightFormat.Q4_0 }.Single(f => f.Name == name);

    private static void AssertSameConfig(LlamaConfig expected, LlamaConfig found) => Assert.Equal(expected with { EosTokenIds = found.EosTokenIds }, found);

    private static void AssertSameWeights(Checkpoint source, Checkpoint written, WeightFormat format)
    {
        Assert.Equal(source.Weights.Keys.Order(), written.Weights.Keys.Order());
        foreach ((string name, WeightData expected) in source.Weights)
        {
            WeightData found = written.Weights[name];
            if (expected.Rows > 1) Assert.Equal(format, found.Format);
            var values = new float[expected.Columns];
            var bytes = new byte[found.RowBytes];
            for (int row = 0; row < expected.Rows; row++)
            {
                expected.DequantizeRow(row, values);
                found.Format.Quantize(values, bytes);
                Assert.True(found.Row(row).SequenceEqual(bytes), $"{name} row {row}");
            }
        }
    }

    private static void AssertSameFrequencies(LlamaConfig expected, LlamaConfig actual)
    {
        var table = new RotaryTable(expected.HeadDim, expected.RopeTheta, expected.RopeScaling);
        var other = new RotaryTable(actual.HeadDim, actual.RopeTheta, actual.RopeScaling);
        Assert.Equal(table.AttentionFactor, other.AttentionFactor, 1e-6f);
        foreach ((float a, float b) in table.Frequencies.ToArray().Zip(other.Frequencies.ToArray())) Assert.Equal(a, b, 2e-7f * a);
    }
}
