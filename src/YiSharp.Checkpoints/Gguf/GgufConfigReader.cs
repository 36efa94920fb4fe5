namespace YiSharp.Checkpoints;

/// <summary>Reads a model's config from a GGUF file's metadata, and refuses whatever would be computed wrongly.</summary>
internal static class GgufConfigReader
{
    private const int MaxWidth = 1 << 20;
    private const int MaxLayers = 4096;
    private const int MaxHeads = 1 << 16;
    private const int MaxVocab = 1 << 24;

    /// <summary>llama.cpp's base where a file says none (llama-hparams).</summary>
    private const double DefaultRopeTheta = 10000;

    /// <summary>What a Llama is made of, according to <paramref name="file"/>.</summary>
    public static LlamaConfig Read(GgufFile file)
    {
        RequireLlama(file);
        int Required(string key, int max) => file.WholeNumber(key, 1, max) ?? throw Absent(file, key, $"a whole number from 1 to {max}");

        int heads = Required("llama.attention.head_count", MaxHeads);
        int hidden = Required("llama.embedding_length", MaxWidth);
        int keyValueHeads = file.WholeNumber("llama.attention.head_count_kv", 1, MaxHeads) ?? heads;
        if (heads % keyValueHeads != 0) throw file.Wrong("llama.attention.head_count_kv", $"a divisor of llama.attention.head_count, {heads}");
        int? keyLength = file.WholeNumber("llama.attention.key_length", 1, MaxWidth);
        if (keyLength is null && hidden % heads != 0) throw file.Wrong("llama.embedding_length", $"a multiple of llama.attention.head_count, {heads}, since llama.attention.key_length is not given");
        int headDim = keyLength ?? hidden / heads;
        if (headDim % 2 != 0) throw new InvalidDataException($"{file.Path} implies heads of width {headDim}; rotary embeddings need an even number. Convert it again.");
        if ((long)heads * headDim > MaxWidth) throw file.Wrong("llama.attention.head_count", $"at most {MaxWidth} / {headDim}, the width of a head");
        RequireEqual(file, "llama.attention.value_length", headDim, "the width of the keys");
        RequireEqual(file, "llama.rope.dimension_count", headDim, "the width of a head: rotation of a part of it cannot be computed");

        GgufTensor table = file.Tensors.FirstOrDefault(t => t.Name == "token_embd.weight")
            ?? throw new InvalidDataException($"{file.Path} has no tensor token_embd.weight; it holds a vocabulary without a model, or is damaged. Give a GGUF of a whole model.");
        if (table.Dimensions.Count != 2 || table.Dimensions[0] != hidden || table.Dimensions[1] > MaxVocab)
        {
            throw new InvalidDataException($"{file.Path} has token_embd.weight of shape {table.Shape}; expected [at most {MaxVocab}, {hidden}] (llama.embedding_length). Convert the file again.");
        }
        int vocab = (int)table.Dimensions[1];
        RequireEqual(file, "llama.vocab_size", vocab, "the rows of token_embd.weight");
        if (file.Texts("tokenizer.ggml.tokens") is string[] tokens && tokens.Length != vocab)
        {
            throw new InvalidDataException($"{file.Path} has {tokens.Length} tokenizer.ggml.tokens but {vocab} rows in token_embd.weight; both must agree. Convert the file again.");
        }

        return new LlamaConfig
        {
            HiddenSize = hidden,
            IntermediateSize = Required("llama.feed_forward_length", MaxWidth),
            NumHiddenLayers = Required("llama.block_count", MaxLayers),
            NumAttentionHeads = heads,
            NumKeyValueHeads = keyValueHeads,
            HeadDim = headDim,
            VocabSize = vocab,
            MaxPositionEmbeddings = Required("llama.context_length", int.MaxValue),
            RmsNormEps = (float)(file.Number("llama.attention.layer_norm_rms_epsilon", 1e-30, 1) ?? throw Absent(file, "llama.attention.layer_norm_rms_epsilon", "a number above 0")),
            RopeTheta = file.Number("llama.rope.freq_base", 1, 1e15) ?? DefaultRopeTheta,
            TieWordEmbeddings = file.Tensors.All(t => t.Name != "output.weight"),
            BosTokenId = TokenId(file, "bos", vocab),
            EosTokenIds = TokenId(file, "eos", vocab) is int eos ? [eos] : [],
            PadTokenId = TokenId(file, "padding", vocab),
        };
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

    private static void RequireLlama(GgufFile file)
    {
        if (file.Text("general.architecture") is not string architecture) throw Absent(file, "general.architecture", "\"llama\"");
        if (architecture != "llama") throw Refused(file, "general.architecture", "\"llama\"");
        if (file.Text("general.type") is string type && type != "model") throw Refused(file, "general.type", "\"model\"");
        if (file.WholeNumber("split.count", 0, int.MaxValue) is > 1) throw Refused(file, "split.count", "a model in one file");
        if (file.WholeNumber("llama.expert_count", 0, int.MaxValue) is > 0) throw Refused(file, "llama.expert_count", "0, that is no experts,");
        if (file.Text("llama.rope.scaling.type") is string scaling && scaling != "none") throw Refused(file, "llama.rope.scaling.type", "\"none\"");
        if (file.WholeNumber("llama.attention.sliding_window", 0, int.MaxValue) is > 0) throw Refused(file, "llama.attention.sliding_window", "0");
        if (file.Flag("llama.attention.causal") is false) throw Refused(file, "llama.attention.causal", "true");
        foreach (string key in (string[])["llama.rope.scale_linear", "llama.rope.scaling.factor", "llama.logit_scale", "llama.residual_scale", "llama.embedding_scale"])
        {
            if (file.Number(key, double.MinValue, double.MaxValue) is double factor && factor is not (0 or 1)) throw Refused(file, key, "1");
        }
        foreach (string key in (string[])["llama.attention.scale", "llama.attention.clamp_kqv", "llama.attention.max_alibi_bias"])
        {
            if (file.Number(key, double.MinValue, double.MaxValue) is double factor && factor != 0) throw Refused(file, key, "its absence");
        }
        if (file.Tensors.FirstOrDefault(t => t.Name.Contains("rope_freqs", StringComparison.Ordinal)) is GgufTensor frequencies)
        {
            throw new NotSupportedException($"{file.Path} has the tensor {frequencies.Name}, which scales the rotary frequencies (Llama 3.1 and later); only unscaled ones can be computed. Take another checkpoint.");
        }
    }

    private static void RequireEqual(GgufFile file, string key, int expected, string what)
    {
        if (file.WholeNumber(key, 0, int.MaxValue) is int found && found != expected) throw file.Wrong(key, $"{expected}, {what}");
    }

    private static InvalidDataException Absent(GgufFile file, string key, string expected) => new($"{file.Path} lacks the metadata {key}; expected {expected}. Convert the file again.");

    private static NotSupportedException Refused(GgufFile file, string key, string only) => new($"{file.Path} says {key} = {file.Shown(key)}; only {only} can be computed. Take another checkpoint.");
}
