using System.Globalization;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Writes <c>config.json</c> and <c>generation_config.json</c>, in the style that transformers 4 and 5 both read.</summary>
internal static class ConfigWriter
{
    /// <summary>The file's bytes.</summary>
    /// <param name="config">What the model is made of.</param>
    /// <param name="format">What most weights are stored in.</param>
    /// <param name="eos">Ids that end an answer.</param>
    /// <exception cref="NotSupportedException">config.json cannot say this model.</exception>
    public static byte[] Config(LlamaConfig config, WeightFormat format, IReadOnlyList<int> eos)
    {
        ModelType type = TypeOf(config);
        return JsonOutput.Object(json =>
        {
            json.WriteStartArray("architectures");
            json.WriteStringValue(type.Architecture);
            json.WriteEndArray();
            if (type == ModelType.Llama) json.WriteBoolean("attention_bias", config.QkvBias);
            json.WriteDecimal("attention_dropout", 0);
            json.WriteId("bos_token_id", config.BosTokenId);
            json.WriteIds("eos_token_id", eos);
            json.WriteNumber("head_dim", config.HeadDim);
            json.WriteString("hidden_act", "silu");
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteNumber("initializer_range", 0.02);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteNumber("max_position_embeddings", config.MaxPositionEmbeddings);
            if (type == ModelType.Llama) json.WriteBoolean("mlp_bias", config.MlpBias);
            json.WriteString("model_type", type.Name);
            json.WriteNumber("num_attention_heads", config.NumAttentionHeads);
            json.WriteNumber("num_hidden_layers", config.NumHiddenLayers);
            json.WriteNumber("num_key_value_heads", config.NumKeyValueHeads);
            json.WriteId("pad_token_id", config.PadTokenId);
            json.WriteDecimal("rms_norm_eps", config.RmsNormEps.ToString("r", CultureInfo.InvariantCulture));
            RopeWriter.Write(json, config);
            json.WriteDecimal("rope_theta", config.RopeTheta);
            if (type != ModelType.Llama) json.WriteNull("sliding_window");
            json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
            json.WriteString("torch_dtype", Dtype(format));
            json.WriteBoolean("use_cache", true);
            if (type == ModelType.Qwen2) json.WriteBoolean("use_sliding_window", false);
            json.WriteNumber("vocab_size", config.VocabSize);
        });
    }

    /// <summary>The bytes of <c>generation_config.json</c>.</summary>
    public static byte[] Generation(Checkpoint source, IReadOnlyList<int> eos) => JsonOutput.Object(json =>
    {
        GenerationConfig generation = source.Generation;
        json.WriteId("bos_token_id", generation.BosTokenId ?? source.Config.BosTokenId);
        if (generation.DoSample is bool doSample) json.WriteBoolean("do_sample", doSample);
        json.WriteIds("eos_token_id", eos);
        if ((generation.PadTokenId ?? source.Config.PadTokenId) is int pad) json.WriteNumber("pad_token_id", pad);
        if (generation.RepetitionPenalty is double penalty) json.WriteNumber("repetition_penalty", penalty);
        if (generation.Temperature is double temperature) json.WriteNumber("temperature", temperature);
        if (generation.TopK is int topK) json.WriteNumber("top_k", topK);
        if (generation.TopP is double topP) json.WriteNumber("top_p", topP);
    });

    /// <summary>The name under which transformers computes these biases.</summary>
    private static ModelType TypeOf(LlamaConfig config) =>
        (config.QkvBias, config.OBias, config.MlpBias) switch
        {
            (false, false, false) => config.ModelType,
            (true, false, false) => ModelType.Qwen2,
            (true, true, _) or (false, false, true) => ModelType.Llama,
            _ => throw new NotSupportedException($"config.json has no model_type with these biases: q, k and v {config.QkvBias}, o {config.OBias}, MLP {config.MlpBias}. Write a GGUF."),
        };

    private static string Dtype(WeightFormat format) => format.Name switch { "F32" => "float32", "F16" => "float16", _ => "bfloat16" };
}
