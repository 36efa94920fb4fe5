using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Oracles.Tests.Torch;

/// <summary>A small Llama with random weights, and a batch of random sequences with targets for it.</summary>
internal sealed class RandomLlama
{
    /// <summary>Linears of a layer, as PEFT names them.</summary>
    private static readonly string[] Linears =
        ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];

    private readonly RandomStream _random;

    public RandomLlama(string name, LlamaConfig config)
    {
        (Config, _random) = (config, RandomStream.For(4, name));
        Weights = LlamaTensors.Of(config).ToDictionary(tensor => tensor.Name, tensor => Matrix(tensor.Name, tensor.Rows, tensor.Columns));
    }

    public LlamaConfig Config { get; }

    /// <summary>All parameters under Hugging Face's names.</summary>
    public IReadOnlyDictionary<string, WeightData> Weights { get; }

    /// <summary>The shapes that are tried: heads in groups and not, heads wider and narrower than hidden_size implies, tied and untied.</summary>
    public static LlamaConfig ConfigOf(string name) => name switch
    {
        "grouped, tied" => Of(hidden: 48, mlp: 96, layers: 2, heads: 6, kvHeads: 2, headDim: 8, vocab: 101, tied: true),
        "grouped, untied" => Of(hidden: 64, mlp: 160, layers: 3, heads: 8, kvHeads: 4, headDim: 8, vocab: 128, tied: false),
        "one key head, odd sizes" => Of(hidden: 36, mlp: 52, layers: 2, heads: 3, kvHeads: 1, headDim: 20, vocab: 67, tied: false),
        "plain heads, theta of Yi" => Of(hidden: 32, mlp: 88, layers: 2, heads: 4, kvHeads: 4, headDim: 8, vocab: 300, tied: true) with { RopeTheta = 5_000_000, RmsNormEps = 1e-6f },
        _ => throw new ArgumentException($"There is no shape named {name}.", nameof(name)),
    };

    public static TheoryData<string> Names => ["grouped, tied", "grouped, untied", "one key head, odd sizes", "plain heads, theta of Yi"];

    /// <summary>Sequences of random ids.</summary>
    public int[][] Sequences(params int[] lengths) => [.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => _random.NextBelow(Config.VocabSize)).ToArray())];

    /// <summary>About two thirds of the places of a loss.</summary>
    public bool[] Mask(int count) => [.. Enumerable.Range(0, count).Select(i => i == 0 || _random.NextBelow(3) > 0)];

    /// <summary>An adapter of every linear; B is not zero, so that gradients reach A.</summary>
    public LoraAdapter Adapter(int rank, double alpha)
    {
        var modules = new Dictionary<string, LoraModule>();
        for (int layer = 0; layer < Config.NumHiddenLayers; layer++)
        {
            foreach (string linear in Linears)
            {
                string module = $"{LlamaTensors.Layer(layer)}.{linear}";
                WeightData weight = Weights[module + ".weight"];
                modules[module] = new LoraModule(module, rank, Values(rank * weight.Columns, weight.Columns), Values(weight.Rows * rank, rank));
            }
        }
        return new LoraAdapter { Rank = rank, Alpha = alpha, Modules = modules };
    }

    /// <summary>Gains around 1; other weights of a size that keeps activations near 1.</summary>
    private WeightData Matrix(string name, int rows, int columns)
    {
        float[] values = Values(rows * columns, columns);
        if (LlamaTensors.IsVector(name))
        {
            for (int i = 0; i < values.Length; i++) values[i] = 1f + values[i];
        }
        return WeightData.FromFloats(name, rows, columns, values);
    }

    /// <summary>Uniform numbers of variance 1 / inputs.</summary>
    private float[] Values(int count, int inputs) => [.. Enumerable.Range(0, count).Select(_ => MathF.Sqrt(3f / inputs) * _random.NextSigned())];

    private static LlamaConfig Of(int hidden, int mlp, int layers, int heads, int kvHeads, int headDim, int vocab, bool tied) => new()
    {
        HiddenSize = hidden,
        IntermediateSize = mlp,
        NumHiddenLayers = layers,
        NumAttentionHeads = heads,
        NumKeyValueHeads = kvHeads,
        HeadDim = headDim,
        VocabSize = vocab,
        MaxPositionEmbeddings = 256,
        RmsNormEps = 1e-5f,
        RopeTheta = 10_000,
        TieWordEmbeddings = tied,
    };
}
