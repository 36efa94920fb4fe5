using YiSharp.Checkpoints;
using YiSharp.Data;

namespace YiSharp.Cli;

/// <summary>Published models by their numbers alone: what <c>yi bench --shape</c> fills with random weights.</summary>
internal static class ModelShapes
{
    private static readonly (string Name, LlamaConfig Config)[] Table =
    [
        ("yi-6b", Of(hidden: 4096, mlp: 11008, layers: 32, heads: 32, kvHeads: 4, vocab: 64000, context: 4096, theta: 5e6)),
        ("yi-9b", Of(hidden: 4096, mlp: 11008, layers: 48, heads: 32, kvHeads: 4, vocab: 64000, context: 4096, theta: 5e6)),
        ("yi-34b", Of(hidden: 7168, mlp: 20480, layers: 60, heads: 56, kvHeads: 8, vocab: 64000, context: 4096, theta: 5e6)),
        ("smollm2-135m", Of(hidden: 576, mlp: 1536, layers: 30, heads: 9, kvHeads: 3, vocab: 49152, context: 8192, theta: 1e5) with { TieWordEmbeddings = true }),
        ("smollm2-360m", Of(hidden: 960, mlp: 2560, layers: 32, heads: 15, kvHeads: 5, vocab: 49152, context: 8192, theta: 1e5) with { TieWordEmbeddings = true }),
        ("smollm2-1.7b", Of(hidden: 2048, mlp: 8192, layers: 24, heads: 32, kvHeads: 32, vocab: 49152, context: 8192, theta: 130000) with { TieWordEmbeddings = true }),
        ("tinyllama-1.1b", Of(hidden: 2048, mlp: 5632, layers: 22, heads: 32, kvHeads: 4, vocab: 32000, context: 2048, theta: 1e4)),
        ("llama-2-7b", Of(hidden: 4096, mlp: 11008, layers: 32, heads: 32, kvHeads: 32, vocab: 32000, context: 4096, theta: 1e4)),
        ("llama-2-13b", Of(hidden: 5120, mlp: 13824, layers: 40, heads: 40, kvHeads: 40, vocab: 32000, context: 4096, theta: 1e4)),
        ("llama-3-8b", Of(hidden: 4096, mlp: 14336, layers: 32, heads: 32, kvHeads: 8, vocab: 128256, context: 8192, theta: 5e5)),
        ("mistral-7b", Of(hidden: 4096, mlp: 14336, layers: 32, heads: 32, kvHeads: 8, vocab: 32000, context: 32768, theta: 1e6)),
        ("toy", Of(hidden: 256, mlp: 512, layers: 2, heads: 4, kvHeads: 2, vocab: 512, context: 4096, theta: 1e4)),
    ];

    /// <summary>The names, the ones of Yi first.</summary>
    public static IEnumerable<string> Names => Table.Select(row => row.Name);

    /// <summary>A shape by its name, in any case of its letters.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="context">Tokens of context instead of the published ones, or null.</param>
    /// <exception cref="UsageException">There is no such shape.</exception>
    public static LlamaConfig Find(string name, int? context = null)
    {
        foreach ((string known, LlamaConfig config) in Table)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase)) return config with { MaxPositionEmbeddings = context ?? config.MaxPositionEmbeddings };
        }
        string hint = NearestName.Of(name, Names) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
        throw new UsageException($"--shape '{name}' is no known shape{hint}; one of {string.Join(", ", Names)} was expected.");
    }

    private static LlamaConfig Of(int hidden, int mlp, int layers, int heads, int kvHeads, int vocab, int context, double theta) => new()
    {
        HiddenSize = hidden,
        IntermediateSize = mlp,
        NumHiddenLayers = layers,
        NumAttentionHeads = heads,
        NumKeyValueHeads = kvHeads,
        HeadDim = hidden / heads,
        VocabSize = vocab,
        MaxPositionEmbeddings = context,
        RmsNormEps = 1e-5f,
        RopeTheta = theta,
        TieWordEmbeddings = false,
    };
}
