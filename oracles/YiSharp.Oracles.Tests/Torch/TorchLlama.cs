using YiSharp.Checkpoints;
using YiSharp.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace YiSharp.Oracles.Tests.Torch;

/// <summary>
/// A Llama written in libtorch's operations, in double precision, after transformers' modeling_llama.py (v4.57, LlamaForCausalLM): what
/// ours is compared with. Gradients are autograd's.
/// </summary>
internal sealed class TorchLlama
{
    private readonly LlamaConfig _config;
    private readonly float _loraScale;

    /// <param name="config">What the model is made of.</param>
    /// <param name="weights">Its parameters.</param>
    /// <param name="adapter">Factors beside them, or null; they become parameters under PEFT's names.</param>
    public TorchLlama(LlamaConfig config, IReadOnlyDictionary<string, WeightData> weights, LoraAdapter? adapter = null)
    {
        (_config, _loraScale) = (config, adapter?.Scale ?? 0f);
        foreach (WeightData data in weights.Values)
        {
            Parameters[data.Name] = LlamaTensors.IsVector(data.Name) ? Parameter(data.ToArray(), data.Columns) : Parameter(data.ToArray(), data.Rows, data.Columns);
        }
        foreach (LoraModule module in adapter?.Modules.Values ?? [])
        {
            Parameters[LoraAdapter.NameOfA(module.Name)] = Parameter(module.A, module.Rank, module.Inputs);
            Parameters[LoraAdapter.NameOfB(module.Name)] = Parameter(module.B, module.Outputs, module.Rank);
        }
    }

    /// <summary>Every parameter by name; <c>grad</c> holds its gradient after a backward pass.</summary>
    public Dictionary<string, TorchSharp.Modules.Parameter> Parameters { get; } = [];

    /// <summary>Logits of one sequence, [tokens, vocab].</summary>
    public Tensor Logits(int[] ids)
    {
        Tensor table = Parameters[LlamaTensors.EmbedTokens];
        Tensor x = table.index_select(0, tensor(ids.Select(id => (long)id).ToArray()));
        (Tensor cos, Tensor sin) = Rotations(ids.Length);
        for (int layer = 0; layer < _config.NumHiddenLayers; layer++)
        {
            string prefix = LlamaTensors.Layer(layer);
            x = x + Attention(RmsNorm(x, prefix + ".input_layernorm"), prefix + ".self_attn", cos, sin);
            x = x + Mlp(RmsNorm(x, prefix + ".post_attention_layernorm"), prefix + ".mlp");
        }
        Tensor hidden = RmsNorm(x, "model.norm");
        return hidden.matmul((_config.TieWordEmbeddings ? table : Parameters[LlamaTensors.LmHead]).t());
    }

    /// <summary>Mean cross-entropy, nats, of the targets that count: token i + 1 after row i where mask[i].</summary>
    public Tensor Loss(int[][] sequences, bool[][] masks)
    {
        IEnumerable<Tensor> losses = sequences.Zip(masks, (ids, mask) =>
        {
            long[] targets = [.. ids.Skip(1).Select((id, i) => mask[i] ? id : -100L)];
            return nn.functional.cross_entropy(Logits(ids[..^1]), tensor(targets), reduction: nn.Reduction.Sum);
        });
        return losses.Aggregate((a, b) => a + b) / masks.Sum(mask => mask.Count(counts => counts));
    }

    private static TorchSharp.Modules.Parameter Parameter(float[] values, params long[] shape) => new(tensor(values).to(float64).reshape(shape));

    private Tensor RmsNorm(Tensor x, string module) =>
        x * rsqrt(x.pow(2).mean([-1L], keepdim: true) + _config.RmsNormEps) * Parameters[module + ".weight"];

    private Tensor Linear(Tensor x, string module)
    {
        Tensor y = x.matmul(Parameters[module + ".weight"].t());
        return Parameters.TryGetValue(LoraAdapter.NameOfA(module), out TorchSharp.Modules.Parameter? a)
            ? y + x.matmul(a.t()).matmul(Parameters[LoraAdapter.NameOfB(module)].t()) * _loraScale
            : y;
    }

    private Tensor Mlp(Tensor x, string module) =>
        Linear(nn.functional.silu(Linear(x, module + ".gate_proj")) * Linear(x, module + ".up_proj"), module + ".down_proj");

    private Tensor Attention(Tensor x, string module, Tensor cos, Tensor sin)
    {
        Tensor q = Rotate(Heads(Linear(x, module + ".q_proj"), _config.NumAttentionHeads), cos, sin);
        Tensor k = Rotate(Heads(Linear(x, module + ".k_proj"), _config.NumKeyValueHeads), cos, sin);
        Tensor v = Heads(Linear(x, module + ".v_proj"), _config.NumKeyValueHeads);
        long group = _config.NumAttentionHeads / _config.NumKeyValueHeads;
        (k, v) = (k.repeat_interleave(group, 0), v.repeat_interleave(group, 0));

        Tensor scores = q.matmul(k.transpose(1, 2)) / Math.Sqrt(_config.HeadDim);
        Tensor future = ones(x.shape[0], x.shape[0], dtype: ScalarType.Bool).triu(1);
        Tensor probabilities = nn.functional.softmax(scores.masked_fill(future, double.NegativeInfinity), -1);
        return Linear(probabilities.matmul(v).transpose(0, 1).reshape(x.shape[0], -1), module + ".o_proj");
    }

    /// <summary>[tokens, heads · headDim] → [heads, tokens, headDim].</summary>
    private Tensor Heads(Tensor x, int count) => x.view(x.shape[0], count, _config.HeadDim).transpose(0, 1);

    /// <summary>Cosines and sines of every position, the halves of a head alike, [tokens, headDim].</summary>
    private (Tensor Cos, Tensor Sin) Rotations(int tokenCount)
    {
        Tensor frequencies = pow(_config.RopeTheta, -arange(0, _config.HeadDim, 2, dtype: float64) / _config.HeadDim);
        Tensor half = outer(arange(tokenCount, dtype: float64), frequencies);
        Tensor angles = cat([half, half], -1);
        return (angles.cos(), angles.sin());
    }

    private static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        Tensor[] halves = x.chunk(2, -1);
        return x * cos + cat([-halves[1], halves[0]], -1) * sin;
    }
}
