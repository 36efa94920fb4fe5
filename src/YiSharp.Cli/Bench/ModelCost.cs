using YiSharp.Checkpoints;
using YiSharp.Models;

namespace YiSharp.Cli;

/// <summary>Bytes and operations that a model's tokens cost at least, counted from its weights.</summary>
/// <param name="WeightBytes">Bytes of all weights that a token reads: every matrix as it lies in memory, the head, the norms, and one row of the embeddings.</param>
/// <param name="LinearWeights">Weights of the layers' matrices; each is a product and an addition a token.</param>
/// <param name="HeadWeights">Weights of the head, which a prompt needs for its last token alone.</param>
/// <param name="AttentionWidth">Layers · heads · width of a head: of each pair of tokens two products and two additions for each.</param>
/// <param name="KvTokenBytes">Bytes of a token's keys and values in all layers.</param>
internal sealed record ModelCost(double WeightBytes, double LinearWeights, double HeadWeights, double AttentionWidth, long KvTokenBytes)
{
    /// <summary>The costs of a loaded model.</summary>
    public static ModelCost Of(LlamaModel model, long kvTokenBytes)
    {
        LlamaConfig config = model.Config;
        double bytes = (double)model.EmbedTokens.LengthBytes / config.VocabSize + model.LmHead.LengthBytes + model.Norm.LengthBytes, weights = 0;
        foreach (DecoderLayer layer in model.Layers)
        {
            bytes += layer.InputLayerNorm.LengthBytes + layer.PostAttentionLayerNorm.LengthBytes;
            foreach (Linear linear in new[] { layer.QProj, layer.KProj, layer.VProj, layer.OProj, layer.GateProj, layer.UpProj, layer.DownProj })
            {
                bytes += linear.Weight.LengthBytes + (linear.Bias?.LengthBytes ?? 0);
                weights += (double)linear.Weight.Rows * linear.Weight.Columns;
            }
        }
        return new ModelCost(bytes, weights, (double)model.LmHead.Rows * model.LmHead.Columns, (double)config.NumHiddenLayers * model.Shape.QueryColumns, kvTokenBytes);
    }

    /// <summary>Bytes that a work reads for each of its tokens, where each token has a pass of its own: the weights, and keys and values of all tokens up to its own.</summary>
    public double BytesPerToken(BenchWork work) => WeightBytes + KvTokenBytes * MeanContext(work);

    /// <summary>Products and additions of a work for each of its tokens, where the last alone needs the head.</summary>
    public double OperationsPerToken(BenchWork work) => 2 * LinearWeights + 2 * HeadWeights / work.Tokens + 4 * AttentionWidth * MeanContext(work);

    /// <summary>Tokens that a token sees, itself among them, on average.</summary>
    private static double MeanContext(BenchWork work) => work.Depth + (work.Tokens + 1) / 2.0;
}
