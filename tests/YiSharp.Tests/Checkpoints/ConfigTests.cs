using System.Text.Json.Nodes;
using YiSharp.Checkpoints;

namespace YiSharp.Tests.Checkpoints;

/// <summary>What config.json and GGUF metadata may say, and what is answered when they say otherwise.</summary>
public sealed class ConfigTests
{
    [Theory]
    [InlineData("hidden_size", null, "hidden_size")]
    [InlineData("intermediate_size", null, "intermediate_size")]
    [InlineData("num_hidden_layers", null, "num_hidden_layers")]
    [InlineData("num_attention_heads", null, "num_attention_heads")]
    [InlineData("vocab_size", null, "vocab_size")]
    [InlineData("rms_norm_eps", null, "rms_norm_eps")]
    [InlineData("max_position_embeddings", null, "max_position_embeddings")]
    [InlineData("hidden_size", "\"64\"", "\"hidden_size\": \"64\"")]
    [InlineData("hidden_size", "64.5", "\"hidden_size\": 64.5")]
    [InlineData("hidden_size", "-64", "\"hidden_size\": -64")]
    [InlineData("hidden_size", "0", "\"hidden_size\": 0")]
    [InlineData("hidden_size", "99999999999999999999", "\"hidden_size\": 99999999999999999999")]
    [InlineData("hidden_size", "128", "config.json implies [576, 128]")]
    [InlineData("num_hidden_layers", "1000000000", "\"num_hidden_layers\": 1000000000")]
    [InlineData("num_hidden_layers", "4", "lacks 9 of the 38 tensors")]
    [InlineData("num_attention_heads", "0", "\"num_attention_heads\": 0")]
    [InlineData("num_key_value_heads", "3", "\"num_key_value_heads\": 3; expected a divisor of num_attention_heads, 4")]
    [InlineData("num_key_value_heads", "4", "num_key_value_heads 4 × head_dim 32")]
    [InlineData("head_dim", "31", "head_dim 31")]
    [InlineData("head_dim", "{}", "\"head_dim\": {}")]
    [InlineData("vocab_size", "577", "vocab_size 577")]
    [InlineData("vocab_size", "2000000000", "\"vocab_size\": 2000000000")]
    [InlineData("rms_norm_eps", "0", "\"rms_norm_eps\": 0")]
    [InlineData("rms_norm_eps", "-1e-5", "\"rms_norm_eps\": -1e-5")]
    [InlineData("rms_norm_eps", "\"nan\"", "\"rms_norm_eps\": \"nan\"")]
    [InlineData("rope_parameters", "{\"rope_theta\": 0}", "\"rope_theta\": 0")]
    [InlineData("rope_parameters", "{\"rope_theta\": 1e400}", "\"rope_theta\": 1e400")]
    [InlineData("rope_parameters", "7", "\"rope_parameters\": 7")]
    [InlineData("rope_theta", "5.0", "\"rope_theta\": 10000")]
    [InlineData("tie_word_embeddings", "1", "\"tie_word_embeddings\": 1")]
    [InlineData("tie_word_embeddings", "false", "lm_head.weight")]
    [InlineData("eos_token_id", "576", "\"eos_token_id\": 576")]
    [InlineData("eos_token_id", "[2, \"x\"]", "\"eos_token_id\": [2, \"x\"]")]
    [InlineData("bos_token_id", "900", "\"bos_token_id\": 900")]
    public void Config_that_cannot_be_is_answered_with_one_sentence(string field, string? value, string words) => AssertMessage<InvalidDataException>(field, value, words);

    [Theory]
    [InlineData("model_type", "\"mamba\"", "\"model_type\": \"mamba\"")]
    [InlineData("architectures", "[\"MixtralForCausalLM\"]", "MixtralForCausalLM")]
    [InlineData("attention_bias", "true", "\"attention_bias\": true")]
    [InlineData("mlp_bias", "true", "\"mlp_bias\": true")]
    [InlineData("hidden_act", "\"gelu\"", "\"hidden_act\": \"gelu\"")]
    [InlineData("sliding_window", "4096", "\"sliding_window\": 4096")]
    [InlineData("num_local_experts", "8", "\"num_local_experts\": 8")]
    [InlineData("rope_scaling", "{\"type\": \"linear\", \"factor\": 4.0}", "\"type\": \"linear\"")]
    [InlineData("rope_scaling", "{\"factor\": 4.0}", "\"factor\": 4")]
    [InlineData("rope_parameters", "{\"rope_type\": \"yarn\", \"rope_theta\": 10000}", "\"rope_type\": \"yarn\"")]
    [InlineData("quantization_config", "{\"quant_method\": \"gptq\", \"bits\": 4}", "\"gptq\"")]
    [InlineData("partial_rotary_factor", "0.5", "\"partial_rotary_factor\": 0.5")]
    public void Config_that_would_be_computed_wrongly_is_refused_by_field_and_value(string field, string value, string words) => AssertMessage<NotSupportedException>(field, value, words);

    [Theory]
    [InlineData("rope_scaling", "null")]
    [InlineData("rope_scaling", "{\"type\": \"default\"}")]
    [InlineData("pretraining_tp", "4")]
    [InlineData("sliding_window", "null")]
    [InlineData("pad_token_id", "-1")]
    [InlineData("some_later_field", "{\"x\": [1]}")]
    [InlineData("architectures", "null")]
    public void Config_with_a_harmless_field_opens(string field, string value)
    {
        using TemporaryFolder folder = With(field, value);
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(64, checkpoint.Config.HiddenSize);
    }

    [Theory]
    [InlineData("bias-tiny", "attention_bias")]
    [InlineData("qwen2-tiny", "qwen2")]
    [InlineData("mistral-tiny", "mistral")]
    [InlineData("linear-tiny", "linear")]
    [InlineData("dynamic-tiny", "dynamic")]
    [InlineData("llama3-tiny", "llama3")]
    [InlineData("yarn-tiny", "yarn")]
    public void Other_model_is_refused_by_name(string name, string words) =>
        Assert.Contains(words, Assert.Throws<NotSupportedException>(() => Checkpoint.Open(CheckpointGoldens.Tiny(name))).Message, StringComparison.Ordinal);

    [Fact]
    public void Fields_that_old_checkpoints_lack_have_transformers_defaults()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder["config.json"]))!.AsObject();
        foreach (string field in (string[])["rope_theta", "rope_scaling", "head_dim", "tie_word_embeddings", "torch_dtype", "attention_bias", "eos_token_id", "model_type"]) config.Remove(field);
        File.WriteAllText(folder["config.json"], config.ToJsonString());
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal((10000, 16, false), (checkpoint.Config.RopeTheta, checkpoint.Config.HeadDim, checkpoint.Config.TieWordEmbeddings));
        Assert.Empty(checkpoint.Config.EosTokenIds);
    }

    public static TheoryData<string, byte[]> BrokenGguf => new()
    {
        { "general.architecture", Gguf().ToArray() },
        { "token_embd.weight", Gguf(skip: "token_embd.weight").With("general.architecture", "llama").ToArray() },
        { "head_count = 0", Gguf(skip: "llama.attention.head_count").With("llama.attention.head_count", 0).With("general.architecture", "llama").ToArray() },
        { "lacks the metadata llama.block_count", Gguf(skip: "llama.block_count").With("general.architecture", "llama").ToArray() },
        { "layer_norm_rms_epsilon = NaN", Gguf(skip: "llama.attention.layer_norm_rms_epsilon").With("llama.attention.layer_norm_rms_epsilon", float.NaN).With("general.architecture", "llama").ToArray() },
        { "dimension_count = 4", Gguf().With("llama.rope.dimension_count", 4).With("general.architecture", "llama").ToArray() },
        { "vocab_size = 5", Gguf().With("llama.vocab_size", 5).With("general.architecture", "llama").ToArray() },
        { "eos_token_id = 4", Gguf().With("tokenizer.ggml.eos_token_id", 4).With("general.architecture", "llama").ToArray() },
        { "lacks 10 of the 11 tensors", Gguf().With("general.architecture", "llama").ToArray() },
    };

    [Theory]
    [MemberData(nameof(BrokenGguf))]
    public void Gguf_metadata_that_cannot_be_are_answered_with_one_sentence(string words, byte[] bytes) => Assert.Contains(words, MessageOf<InvalidDataException>(bytes), StringComparison.Ordinal);

    public static TheoryData<string, byte[]> UnsupportedGguf => new()
    {
        { "general.architecture = qwen2", Gguf().With("general.architecture", "qwen2").ToArray() },
        { "expert_count = 8", Gguf().With("llama.expert_count", 8).With("general.architecture", "llama").ToArray() },
        { "scaling.type = yarn", Gguf().With("llama.rope.scaling.type", "yarn").With("general.architecture", "llama").ToArray() },
        { "rope_freqs.weight", Gguf().Tensor("rope_freqs.weight", 0, 2048, 4).With("general.architecture", "llama").ToArray() },
        { "split.count = 3", Gguf().With("split.count", 3).With("general.architecture", "llama").ToArray() },
        { "general.type = adapter", Gguf().With("general.type", "adapter").With("general.architecture", "llama").ToArray() },
    };

    [Theory]
    [MemberData(nameof(UnsupportedGguf))]
    public void Gguf_that_would_be_computed_wrongly_is_refused_by_key_and_value(string words, byte[] bytes) => Assert.Contains(words, MessageOf<NotSupportedException>(bytes), StringComparison.Ordinal);

    /// <summary>Metadata of a small Llama and its embeddings, without the architecture.</summary>
    private static GgufBytes Gguf(string? skip = null)
    {
        var bytes = new GgufBytes();
        (string Key, uint Value)[] numbers =
        [
            ("llama.context_length", 64), ("llama.embedding_length", 16), ("llama.block_count", 1), ("llama.feed_forward_length", 32),
            ("llama.attention.head_count", 2), ("llama.attention.head_count_kv", 1),
        ];
        foreach ((string key, uint value) in numbers)
        {
            if (key != skip) bytes.With(key, value);
        }
        if (skip != "llama.attention.layer_norm_rms_epsilon") bytes.With("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        return skip == "token_embd.weight" ? bytes : bytes.Tensor("token_embd.weight", 0, 0, 16, 4);
    }

    private static string MessageOf<T>(byte[] bytes) where T : Exception
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.gguf"], bytes);
        return Assert.Throws<T>(() => Checkpoint.Open(folder["model.gguf"])).Message;
    }

    private static void AssertMessage<T>(string field, string? value, string words) where T : Exception
    {
        using TemporaryFolder folder = With(field, value);
        string message = Assert.Throws<T>(() => Checkpoint.Open(folder.Path)).Message;
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, message, StringComparison.Ordinal);
    }

    /// <summary>llama-tiny with one field of its config replaced, or removed when <paramref name="value"/> is null.</summary>
    private static TemporaryFolder With(string field, string? value)
    {
        TemporaryFolder folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder["config.json"]))!.AsObject();
        config.Remove(field);
        string text = config.ToJsonString();
        File.WriteAllText(folder["config.json"], value is null ? text : $"{text[..^1]},\"{field}\":{value}}}");
        return folder;
    }
}
