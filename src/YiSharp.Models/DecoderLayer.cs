using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Models;

/// <summary>One layer of a Llama: attention and MLP, each after a norm and added to its input.</summary>
public sealed class DecoderLayer
{
    internal DecoderLayer(int index, WeightLoader loader)
    {
        Index = index;
        string prefix = LlamaTensors.Layer(index);
        InputLayerNorm = loader.Load($"{prefix}.input_layernorm.weight");
        QProj = loader.LoadLinear($"{prefix}.self_attn.q_proj");
        KProj = loader.LoadLinear($"{prefix}.self_attn.k_proj");
        VProj = loader.LoadLinear($"{prefix}.self_attn.v_proj");
        OProj = loader.LoadLinear($"{prefix}.self_attn.o_proj");
        PostAttentionLayerNorm = loader.Load($"{prefix}.post_attention_layernorm.weight");
        GateProj = loader.LoadLinear($"{prefix}.mlp.gate_proj");
        UpProj = loader.LoadLinear($"{prefix}.mlp.up_proj");
        DownProj = loader.LoadLinear($"{prefix}.mlp.down_proj");
    }

    /// <summary>0-based index.</summary>
    public int Index { get; }

    /// <summary>Gain of the norm before attention, [1, hiddenSize].</summary>
    public Weight InputLayerNorm { get; }

    /// <summary>Queries, [heads · headDim, hiddenSize].</summary>
    public Linear QProj { get; }

    /// <summary>Keys, [kvHeads · headDim, hiddenSize].</summary>
    public Linear KProj { get; }

    /// <summary>Values, [kvHeads · headDim, hiddenSize].</summary>
    public Linear VProj { get; }

    /// <summary>Output of attention, [hiddenSize, heads · headDim].</summary>
    public Linear OProj { get; }

    /// <summary>Gain of the norm before the MLP, [1, hiddenSize].</summary>
    public Weight PostAttentionLayerNorm { get; }

    /// <summary>Gate, [intermediateSize, hiddenSize].</summary>
    public Linear GateProj { get; }

    /// <summary>What is gated, [intermediateSize, hiddenSize].</summary>
    public Linear UpProj { get; }

    /// <summary>Output of the MLP, [hiddenSize, intermediateSize].</summary>
    public Linear DownProj { get; }

    /// <summary>The residual stream through this layer, [tokens, hiddenSize] → the same shape; <paramref name="x"/> is disposed of.</summary>
    internal Tensor Forward(IBackend backend, Tensor x, LlamaConfig config, RotaryTable rotary, SequenceBatch batch)
    {
        using Tensor input = x;
        using Tensor mixed = Attend(backend, input, config, rotary, batch);
        return Finish(backend, input, mixed, config);
    }

    /// <summary>The same for some rows alone, [n, hiddenSize]; keys and values are those of all rows.</summary>
    internal Tensor Forward(IBackend backend, Tensor x, LlamaConfig config, RotaryTable rotary, SequenceBatch batch, ReadOnlySpan<int> rows)
    {
        using Tensor input = x;
        using Tensor mixed = Attend(backend, input, config, rotary, batch);
        using Tensor someInput = backend.SelectRows(input, rows), someMixed = backend.SelectRows(mixed, rows);
        return Finish(backend, someInput, someMixed, config);
    }

    private Tensor Finish(IBackend backend, Tensor input, Tensor mixed, LlamaConfig config)
    {
        using Tensor attention = OProj.Forward(backend, mixed);
        using Tensor middle = backend.AddScaled(input, attention, 1f);
        using Tensor mlp = Mlp(backend, middle, config);
        return backend.AddScaled(middle, mlp, 1f);
    }

    private Tensor Attend(IBackend backend, Tensor x, LlamaConfig config, RotaryTable rotary, SequenceBatch batch)
    {
        using Tensor normed = backend.RmsNorm(x, InputLayerNorm, config.RmsNormEps);
        (Tensor queries, Tensor keys, Tensor values) = Linear.Forward(backend, normed, QProj, KProj, VProj);
        using Tensor q = queries, k = keys, v = values;
        backend.Rotary(q, rotary, batch);
        backend.Rotary(k, rotary, batch);
        return backend.Attention(q, k, v, LlamaModel.ShapeOf(config), batch, Index);
    }

    private Tensor Mlp(IBackend backend, Tensor x, LlamaConfig config)
    {
        using Tensor normed = backend.RmsNorm(x, PostAttentionLayerNorm, config.RmsNormEps);
        (Tensor gates, Tensor ups) = Linear.Forward(backend, normed, GateProj, UpProj);
        using Tensor gate = gates, up = ups;
        using Tensor gated = backend.SiluMultiply(gate, up);
        return DownProj.Forward(backend, gated);
    }
}
