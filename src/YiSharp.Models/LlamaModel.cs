using System.Globalization;
using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Models;

/// <summary>
/// A Llama (Touvron et al. 2023, arXiv:2302.13971 and arXiv:2307.09288), Hugging Face's variant: ids to hidden states to logits, over any
/// backend.
/// </summary>
public sealed class LlamaModel
{
    private readonly DecoderLayer[] _layers;

    private LlamaModel(LlamaConfig config, WeightLoader loader)
    {
        Config = config;
        Rotary = new RotaryTable(config.HeadDim, config.RopeTheta, config.RopeScaling);
        EmbedTokens = loader.Load(LlamaTensors.EmbedTokens);
        _layers = new DecoderLayer[config.NumHiddenLayers];
        for (int layer = 0; layer < _layers.Length; layer++) _layers[layer] = new DecoderLayer(layer, loader);
        Norm = loader.Load(LlamaTensors.Norm);
        LmHead = config.TieWordEmbeddings ? EmbedTokens : loader.Load(LlamaTensors.LmHead);
    }

    /// <summary>What it is made of.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The table of token embeddings, [vocabSize, hiddenSize].</summary>
    public Weight EmbedTokens { get; }

    /// <summary>The decoder layers in order.</summary>
    public IReadOnlyList<DecoderLayer> Layers => _layers;

    /// <summary>Gain of the final norm, [1, hiddenSize].</summary>
    public Weight Norm { get; }

    /// <summary>The language-model head, [vocabSize, hiddenSize]; the embedding table itself when tied.</summary>
    public Weight LmHead { get; }

    /// <summary>Frequencies of its positions.</summary>
    internal RotaryTable Rotary { get; }

    /// <summary>Heads of its attention.</summary>
    public AttentionShape Shape => ShapeOf(Config);

    /// <summary>
    /// Longest sequence whose keys do not depend on its length, tokens. What a cache holds of longer ones does not serve a sequence of another length.
    /// </summary>
    public int FixedLength => Rotary.FixedLength;

    /// <summary>Takes a checkpoint's weights to a backend; the checkpoint must outlive the model.</summary>
    /// <param name="checkpoint">What was opened.</param>
    /// <param name="backend">Where it is to be computed.</param>
    /// <param name="adapter">A low-rank adapter to compute beside the weights, or null.</param>
    /// <param name="packed">The checkpoint's weights as a cache has them, found to be finite when they were packed; it must outlive the model. Null where there is none.</param>
    /// <exception cref="InvalidDataException">A weight is infinite or no number.</exception>
    public static LlamaModel Load(Checkpoint checkpoint, IBackend backend, LoraAdapter? adapter = null, PackedWeights? packed = null)
    {
        if (packed is null) checkpoint.RequireFinite();
        return Load(checkpoint.Config, packed?.Weights ?? checkpoint.Weights, backend, adapter);
    }

    /// <summary>Takes weights under Hugging Face's names to a backend.</summary>
    /// <param name="config">What the model is made of.</param>
    /// <param name="weights">All its parameters; their memory must outlive the model.</param>
    /// <param name="backend">Where it is to be computed.</param>
    /// <param name="adapter">A low-rank adapter to compute beside them, or null.</param>
    /// <exception cref="InvalidDataException">Parameters are missing or have another shape than the config implies.</exception>
    /// <exception cref="NotSupportedException">There are parameters that a Llama does not have.</exception>
    public static LlamaModel Load(LlamaConfig config, IReadOnlyDictionary<string, WeightData> weights, IBackend backend, LoraAdapter? adapter = null)
    {
        if (config.NumKeyValueHeads <= 0 || config.NumAttentionHeads % config.NumKeyValueHeads != 0)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"num_attention_heads is {config.NumAttentionHeads} and num_key_value_heads {config.NumKeyValueHeads}; the second must divide the first."));
        }
        return new LlamaModel(config, new WeightLoader(config, weights, backend, adapter));
    }

    /// <summary>An empty cache for one sequence of this model.</summary>
    public KvCache CreateKvCache(IBackend backend, int maxTokens) => backend.CreateKvCache(Config.NumHiddenLayers, Shape, maxTokens);

    /// <summary>Hidden states after the final norm of some rows; the caches of the batch move on.</summary>
    /// <param name="backend">The backend that the weights were loaded to, or one that wraps it.</param>
    /// <param name="ids">Tokens of all sequences, [tokens].</param>
    /// <param name="batch">Which rows belong to which sequence.</param>
    /// <param name="rows">The rows wanted, [n].</param>
    /// <returns>[n, hiddenSize].</returns>
    public Tensor Forward(IBackend backend, ReadOnlySpan<int> ids, SequenceBatch batch, ReadOnlySpan<int> rows)
    {
        if (ids.Length != batch.TokenCount)
        {
            throw new TensorException(string.Create(CultureInfo.InvariantCulture, $"{ids.Length} ids were given for a batch of {batch.TokenCount} rows."));
        }
        Tensor x = backend.Embedding(EmbedTokens, ids);
        // Nothing reads what the last layer makes of other rows.
        for (int i = 0; i < _layers.Length - 1; i++) x = _layers[i].Forward(backend, x, Config, Rotary, batch);
        using Tensor selected = _layers[^1].Forward(backend, x, Config, Rotary, batch, rows);
        batch.AdvanceCaches();
        return backend.RmsNorm(selected, Norm, Config.RmsNormEps);
    }

    /// <summary>Unnormalized scores of every token, [n, hiddenSize] → [n, vocabSize].</summary>
    public Tensor Logits(IBackend backend, Tensor hidden) => backend.Linear(hidden, LmHead);

    internal static AttentionShape ShapeOf(LlamaConfig config) => new(config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim);
}
