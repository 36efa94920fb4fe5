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
    [InlineData("num_hidden_layers", "4000", "\"num_hidden_layers\": 4000, but holds 29 tensors")]
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
    [InlineData("attention_bias", "true", "lacks 12 of the 41 tensors")]
    [InlineData("mlp_bias", "true", "mlp.gate_proj.bias")]
    [InlineData("mlp_bias", "\"yes\"", "\"mlp_bias\": \"yes\"")]
    [InlineData("rope_parameters", "{\"rope_type\": \"linear\"}", "lacks the field \"factor\"")]
    [InlineData("rope_parameters", "{\"rope_type\": \"linear\", \"factor\": 1e999}", "\"factor\": 1e999")]
    [InlineData("rope_parameters", "{\"rope_type\": \"linear\", \"factor\": 0.5}", "\"factor\": 0.5")]
    [InlineData("rope_parameters", "{\"rope_type\": \"linear\", \"factor\": \"2\"}", "\"factor\": \"2\"")]
    [InlineData("rope_parameters", "{\"rope_type\": \"linear\", \"type\": \"yarn\", \"factor\": 2}", "\"type\": \"yarn\"")]
    [InlineData("rope_parameters", "{\"rope_type\": \"llama3\", \"factor\": 2, \"low_freq_factor\": 4, \"high_freq_factor\": 4}", "\"high_freq_factor\": 4")]
    [InlineData("rope_parameters", "{\"rope_type\": \"yarn\", \"factor\": 2, \"beta_fast\": 1, \"beta_slow\": 32}", "\"beta_fast\": 1")]
    [InlineData("rope_parameters", "{\"rope_type\": \"yarn\", \"factor\": 2, \"attention_factor\": -1}", "\"attention_factor\": -1")]
    [InlineData("rope_parameters", "{\"rope_type\": \"yarn\", \"factor\": 2, \"original_max_position_embeddings\": 0}", "\"original_max_position_embeddings\": 0")]
    [InlineData("rope_scaling", "{\"rope_type\": \"linear\", \"factor\": 2}", "what rope_scaling says")]
    [InlineData("architectures", "[\"Qwen2ForCausalLM\"]", "since model_type is \"llama\"")]
    [InlineData("layer_types", "[\"full_attention\"]", "a list of 3 names")]
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
    [InlineData("hidden_act", "\"gelu\"", "\"hidden_act\": \"gelu\"")]
    [InlineData("sliding_window", "4096", "\"sliding_window\": 4096")]
    [InlineData("num_local_experts", "8", "\"num_local_experts\": 8")]
    [InlineData("num_experts_per_tok", "2", "\"num_experts_per_tok\": 2")]
    [InlineData("moe_intermediate_size", "64", "\"moe_intermediate_size\": 64")]
    [InlineData("rope_scaling", "{\"factor\": 4.0}", "\"factor\": 4")]
    [InlineData("rope_parameters", "{\"rope_type\": \"longrope\", \"long_factor\": [1.0]}", "\"rope_type\": \"longrope\"")]
    [InlineData("rope_parameters", "{\"type\": \"su\", \"factor\": 2.0}", "\"type\": \"su\"")]
    [InlineData("rope_parameters", "{\"rope_type\": \"linear\", \"factor\": 2.0, \"low_freq_factor\": 1.0}", "\"low_freq_factor\": 1")]
    [InlineData("rope_parameters", "{\"rope_type\": \"yarn\", \"factor\": 2.0, \"mrope_section\": [1]}", "\"mrope_section\": [1]")]
    [InlineData("rope_parameters", "{\"full_attention\": {\"rope_type\": \"default\"}}", "full_attention")]
    [InlineData("rope_parameters", "{\"rope_type\": \"default\", \"partial_rotary_factor\": 0.5}", "\"partial_rotary_factor\": 0.5")]
    [InlineData("rope_parameters", "{\"rope_type\": \"dynamic\", \"factor\": 2.0, \"original_max_position_embeddings\": 64}", "\"original_max_position_embeddings\": 64")]
    [InlineData("compression_config", "{\"quant_method\": \"compressed-tensors\"}", "\"compressed-tensors\"")]
    [InlineData("layer_types", "[\"full_attention\", \"sliding_attention\", \"full_attention\"]", "sliding_attention")]
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
    [InlineData("mistral-tiny", "sliding_window", "4096")]
    [InlineData("mistral-tiny", "attention_bias", "true")]
    [InlineData("qwen2-tiny", "mlp_bias", "true")]
    public void Fields_are_refused_that_only_other_model_types_have(string name, string field, string value)
    {
        using TemporaryFolder folder = With(field, value, name);
        Assert.Contains($"\"{field}\": {value}", Assert.Throws<NotSupportedException>(() => Checkpoint.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void Qwen2_s_sliding_window_counts_when_it_is_used(string isUsed, bool isRefused)
    {
        using TemporaryFolder folder = With("use_sliding_window", isUsed, "qwen2-tiny");
        File.WriteAllText(folder["config.json"], File.ReadAllText(folder["config.json"]).Replace("\"sliding_window\":null", "\"sliding_window\":32", StringComparison.Ordinal));
        if (isRefused) Assert.Contains("\"sliding_window\": 32", Assert.Throws<NotSupportedException>(() => Checkpoint.Open(folder.Path)).Message, StringComparison.Ordinal);
        else Checkpoint.Open(folder.Path).Dispose();
    }

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
        { "llama.block_count = 4000, but holds 1 tensors", Gguf(skip: "llama.block_count").With("llama.block_count", 4000).With("general.architecture", "llama").ToArray() },
        { "layer_norm_rms_epsilon = NaN", Gguf(skip: "llama.attention.layer_norm_rms_epsilon").With("llama.attention.layer_norm_rms_epsilon", float.NaN).With("general.architecture", "llama").ToArray() },
        { "dimension_count = 4", Gguf().With("llama.rope.dimension_count", 4).With("general.architecture", "llama").ToArray() },
        { "vocab_size = 5", Gguf().With("llama.vocab_size", 5).With("general.architecture", "llama").ToArray() },
        { "eos_token_id = 4", Gguf().With("tokenizer.ggml.eos_token_id", 4).With("general.architecture", "llama").ToArray() },
        { "scaling.factor = nothing", Gguf().With("llama.rope.scaling.type", "yarn").With("general.architecture", "llama").ToArray() },
        { "scaling.original_context_length = nothing", Gguf().With("llama.rope.scaling.type", "yarn").With("llama.rope.scaling.factor", 2f).With("general.architecture", "llama").ToArray() },
        { "rope_freqs.weight with numbers that are not above 0", Gguf().Tensor("rope_freqs.weight", 0, 2048, 4).With("general.architecture", "llama").ToArray() },
        { "rope_freqs.weight as F32 [5]", Gguf().Tensor("rope_freqs.weight", 0, 2048, 5).With("general.architecture", "llama").ToArray() },
        { "split.count = 3, so its name must end in -00001-of-00003.gguf", Gguf().With("split.count", 3).With("general.architecture", "llama").ToArray() },
        { "lacks 10 of the 11 tensors", Gguf().With("general.architecture", "llama").ToArray() },
    };

    [Theory]
    [MemberData(nameof(BrokenGguf))]
    public void Gguf_metadata_that_cannot_be_are_answered_with_one_sentence(string words, byte[] bytes) => Assert.Contains(words, MessageOf<InvalidDataException>(bytes), StringComparison.Ordinal);

    public static TheoryData<string, byte[]> UnsupportedGguf => new()
    {
        { "general.architecture = gemma3", Gguf().With("general.architecture", "gemma3").ToArray() },
        { "expert_used_count = 2", Gguf().With("llama.expert_used_count", 2).With("general.architecture", "llama").ToArray() },
        { "expert_count = 8", Gguf().With("llama.expert_count", 8).With("general.architecture", "llama").ToArray() },
        { "scaling.type = longrope", Gguf().With("llama.rope.scaling.type", "longrope").With("llama.rope.scaling.factor", 2f).With("general.architecture", "llama").ToArray() },
        { "scaling.type = linear", Gguf().Tensor("rope_freqs.weight", 0, 2048, 4).With("llama.rope.scaling.type", "linear").With("llama.rope.scaling.factor", 2f).With("general.architecture", "llama").ToArray() },
        { "yarn_ext_factor = 0.5", Gguf().With("llama.rope.scaling.type", "yarn").With("llama.rope.scaling.factor", 2f).With("llama.rope.scaling.yarn_ext_factor", 0.5f).With("general.architecture", "llama").ToArray() },
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

    /// <summary>A golden folder with one field of its config replaced, or removed when <paramref name="value"/> is null.</summary>
    private static TemporaryFolder With(string field, string? value, string name = "llama-tiny")
    {
        TemporaryFolder folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny(name));
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder["config.json"]))!.AsObject();
        config.Remove(field);
        string text = config.ToJsonString();
        File.WriteAllText(folder["config.json"], value is null ? text : $"{text[..^1]},\"{field}\":{value}}}");
        return folder;
    }
}
