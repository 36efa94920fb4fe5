using YiSharp.Checkpoints;

namespace YiSharp.Tests.Recipes;

/// <summary>A random Llama of a few thousand weights a layer with Yi's tokenizer and template: everything a release needs, in milliseconds.</summary>
internal static class ToyChatModel
{
    private const string Template =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private static readonly LlamaConfig s_config = new()
    {
        HiddenSize = 32, IntermediateSize = 64, NumHiddenLayers = 2, NumAttentionHeads = 2, NumKeyValueHeads = 1, HeadDim = 16,
        VocabSize = 64000, MaxPositionEmbeddings = 512, RmsNormEps = 1e-5f, RopeTheta = 10000, TieWordEmbeddings = true,
    };

    /// <summary>Writes the model as a Hugging Face folder.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi", "tokenizer.json"), Path.Combine(folder, "tokenizer.json"));
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), System.Text.Json.JsonSerializer.Serialize(new { chat_template = Template, bos_token = "<|startoftext|>", eos_token = "<|im_end|>" }));
        File.WriteAllText(Path.Combine(folder, "config.json"), """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
             "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "vocab_size": 64000, "max_position_embeddings": 512, "rms_norm_eps": 1e-5,
             "rope_theta": 10000.0, "rope_scaling": null, "tie_word_embeddings": true, "eos_token_id": 2, "bos_token_id": 1, "torch_dtype": "float32"}
            """);
        var noise = new Noise(11);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. LlamaTensors.Of(s_config).Select(t => SafetensorsOutput.FromFloats(
            t.Name, t.IsVector ? [t.Columns] : [t.Rows, t.Columns], t.IsVector ? [.. Enumerable.Repeat(1f, t.Columns)] : noise.Normals(t.Rows * t.Columns, 0.2f)))]);
    }
}
