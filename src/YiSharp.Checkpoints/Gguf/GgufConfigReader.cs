using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Reads a model's config from a GGUF file's metadata, and refuses whatever would be computed wrongly.</summary>
internal static class GgufConfigReader
{
    private const int MaxWidth = 1 << 20;
    private const int MaxLayers = 4096;
    private const int MaxHeads = 1 << 16;
    private const int MaxVocab = 1 << 24;

    /// <summary>What a Llama is made of, according to <paramref name="file"/>.</summary>
    public static LlamaConfig Read(GgufFile file)
    {
        ModelType type = ReadModelType(file);
        string arch = type.Gguf;
        RequireNothingElse(file, arch);
        int Required(string key, int max) => file.WholeNumber($"{arch}.{key}", 1, max) ?? throw Absent(file, $"{arch}.{key}", $"a whole number from 1 to {max}");

        int heads = Required("attention.head_count", MaxHeads);
        int hidden = Required("embedding_length", MaxWidth);
        int keyValueHeads = file.WholeNumber($"{arch}.attention.head_count_kv", 1, MaxHeads) ?? heads;
        if (heads % keyValueHeads != 0) throw file.Wrong($"{arch}.attention.head_count_kv", $"a divisor of {arch}.attention.head_count, {heads}");
        int? keyLength = file.WholeNumber($"{arch}.attention.key_length", 1, MaxWidth);
        if (keyLength is null && hidden % heads != 0) throw file.Wrong($"{arch}.embedding_length", $"a multiple of {arch}.attention.head_count, {heads}, since {arch}.attention.key_length is not given");
        int headDim = keyLength ?? hidden / heads;
        if (headDim % 2 != 0) throw new InvalidDataException($"{file.Path} implies heads of width {headDim}; rotary embeddings need an even number. Convert it again.");
        if ((long)heads * headDim > MaxWidth) throw file.Wrong($"{arch}.attention.head_count", $"at most {MaxWidth} / {headDim}, the width of a head");
        RequireEqual(file, $"{arch}.attention.value_length", headDim, "the width of the keys");
        RequireEqual(file, $"{arch}.rope.dimension_count", headDim, "the width of a head: rotation of a part of it cannot be computed");
        const string epsilon = "attention.layer_norm_rms_epsilon";

        var tensors = file.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        bool Has(string part) => tensors.Contains(LlamaTensors.ToGguf(LlamaTensors.BiasOf($"{LlamaTensors.Layer(0)}.{part}")));
        int vocab = ReadVocab(file, arch, hidden);
        (double theta, RopeScaling? scaling) = GgufRope.Read(file, arch, headDim);
        return new LlamaConfig
        {
            ModelType = type,
            HiddenSize = hidden,
            IntermediateSize = Required("feed_forward_length", MaxWidth),
            NumHiddenLayers = Required("block_count", MaxLayers),
            NumAttentionHeads = heads,
            NumKeyValueHeads = keyValueHeads,
            HeadDim = headDim,
            VocabSize = vocab,
            MaxPositionEmbeddings = Required("context_length", int.MaxValue),
            RmsNormEps = (float)(file.Number($"{arch}.{epsilon}", 1e-30, 1) ?? throw Absent(file, $"{arch}.{epsilon}", "a number above 0")),
            RopeTheta = theta,
            RopeScaling = scaling,
            QkvBias = Has("self_attn.q_proj") || type == ModelType.Qwen2,
            OBias = Has("self_attn.o_proj"),
            MlpBias = Has("mlp.gate_proj"),
            TieWordEmbeddings = !tensors.Contains(LlamaTensors.ToGguf(LlamaTensors.LmHead)),
            BosTokenId = TokenId(file, "bos", vocab),
            EosTokenIds = TokenId(file, "eos", vocab) is int eos ? [eos] : [],
            PadTokenId = TokenId(file, "padding", vocab),
        };
    }

    /// <summary>The rows of the embedding table, with which all else that counts tokens must agree.</summary>
    private static int ReadVocab(GgufFile file, string arch, int hidden)
    {
        GgufTensor table = file.Tensors.FirstOrDefault(t => t.Name == "token_embd.weight")
            ?? throw new InvalidDataException($"{file.Path} has no tensor token_embd.weight; it holds a vocabulary without a model, or is damaged. Give a GGUF of a whole model.");
        if (table.Dimensions.Count != 2 || table.Dimensions[0] != hidden || table.Dimensions[1] > MaxVocab)
        {
            throw new InvalidDataException($"{file.Path} has token_embd.weight of shape {table.Shape}; expected [at most {MaxVocab}, {hidden}] ({arch}.embedding_length). Convert the file again.");
        }
        int vocab = (int)table.Dimensions[1];
        RequireEqual(file, $"{arch}.vocab_size", vocab, "the rows of token_embd.weight");
        if (file.Texts("tokenizer.ggml.tokens") is string[] tokens && tokens.Length != vocab)
        {
            throw new InvalidDataException($"{file.Path} has {tokens.Length} tokenizer.ggml.tokens but {vocab} rows in token_embd.weight; both must agree. Convert the file again.");
        }
        return vocab;
    }

    /// <summary>The ids that end an answer according to the metadata, in order: end of turn, end of text.</summary>
    public static GenerationConfig ReadGeneration(GgufFile file, LlamaConfig config) => new()
    {
        EosTokenIds = [.. new[] { TokenId(file, "eos", config.VocabSize), TokenId(file, "eot", config.VocabSize) }.OfType<int>().Distinct()],
        BosTokenId = config.BosTokenId,
        PadTokenId = config.PadTokenId,
    };

    /// <summary>What the metadata says of the tokenizer beside the vocabulary.</summary>
    public static TokenizerConfig ReadTokenizer(GgufFile file)
    {
        string[]? tokens = file.Texts("tokenizer.ggml.tokens");
        string? Token(string name) => tokens is { Length: > 0 } && TokenId(file, name, tokens.Length) is int id ? tokens[id] : null;
        return new()
        {
            BosToken = Token("bos"),
            EosToken = Token("eos"),
            UnkToken = Token("unknown"),
            PadToken = Token("padding"),
            AddBosToken = file.Flag("tokenizer.ggml.add_bos_token"),
            AddEosToken = file.Flag("tokenizer.ggml.add_eos_token"),
        };
    }

    private static int? TokenId(GgufFile file, string name, int vocab)
    {
        string key = $"tokenizer.ggml.{name}_token_id";
        // llama.cpp writes -1, also as an unsigned number, for a token that there is not.
        if (file.Metadata.TryGetValue(key, out object? value) && value is uint.MaxValue or -1) return null;
        return file.WholeNumber(key, 0, vocab - 1);
    }

    private static ModelType ReadModelType(GgufFile file)
    {
        string only = string.Join(", ", ModelType.All.Select(t => $"\"{t.Gguf}\"").Distinct());
        if (file.Text("general.architecture") is not string architecture) throw Absent(file, "general.architecture", only);
        return ModelType.All.FirstOrDefault(t => t.Gguf == architecture) ?? throw Refused(file, "general.architecture", only);
    }

    private static void RequireNothingElse(GgufFile file, string arch)
    {
        if (file.Text("general.type") is string type && type != "model") throw Refused(file, "general.type", "\"model\"");
        foreach (string key in file.Metadata.Keys.Where(k => k.StartsWith($"{arch}.expert", StringComparison.Ordinal)))
        {
            if (!IsZero(file, key)) throw Refused(file, key, "0, that is no experts,");
        }
        if (file.WholeNumber($"{arch}.attention.sliding_window", 0, int.MaxValue) is > 0) throw Refused(file, $"{arch}.attention.sliding_window", "0");
        if (file.Flag($"{arch}.attention.causal") is false) throw Refused(file, $"{arch}.attention.causal", "true");
        foreach (string key in (string[])["logit_scale", "residual_scale", "embedding_scale"])
        {
            if (file.Number($"{arch}.{key}", double.MinValue, double.MaxValue) is double factor && factor is not (0 or 1)) throw Refused(file, $"{arch}.{key}", "1");
        }
        foreach (string key in (string[])["attention.scale", "attention.clamp_kqv", "attention.max_alibi_bias", "final_logit_softcapping", "attn_logit_softcapping"])
        {
            if (file.Number($"{arch}.{key}", double.MinValue, double.MaxValue) is double factor && factor != 0) throw Refused(file, $"{arch}.{key}", "its absence");
        }
    }

    private static bool IsZero(GgufFile file, string key) => file.Metadata[key] switch
    {
        bool flag => !flag,
        float or double => file.Number(key, double.MinValue, double.MaxValue) == 0,
        string or Array => false,
        _ => file.WholeNumber(key, int.MinValue, int.MaxValue) == 0,
    };

    private static void RequireEqual(GgufFile file, string key, int expected, string what)
    {
        if (file.WholeNumber(key, 0, int.MaxValue) is int found && found != expected) throw file.Wrong(key, $"{expected}, {what}");
    }

    private static InvalidDataException Absent(GgufFile file, string key, string expected) => new($"{file.Path} lacks the metadata {key}; expected {expected}. Convert the file again.");

    internal static NotSupportedException Refused(GgufFile file, string key, string only) => new($"{file.Path} says {key} = {file.Shown(key)}; only {only} can be computed. Take another checkpoint.");
}
