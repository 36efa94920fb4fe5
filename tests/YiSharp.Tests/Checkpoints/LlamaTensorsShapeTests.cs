using YiSharp.Checkpoints;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Checkpoints;

public sealed class LlamaTensorsShapeTests
{
    private static readonly LlamaConfig s_yi6B = ToyModel.Config with
    {
        HiddenSize = 4096,
        IntermediateSize = 11008,
        NumHiddenLayers = 32,
        NumAttentionHeads = 32,
        NumKeyValueHeads = 4,
        HeadDim = 128,
        VocabSize = 64000,
        TieWordEmbeddings = false,
    };

    private static readonly LlamaConfig s_yi34B = s_yi6B with
    {
        HiddenSize = 7168,
        IntermediateSize = 20480,
        NumHiddenLayers = 60,
        NumAttentionHeads = 56,
        NumKeyValueHeads = 8,
    };

    [Fact]
    public void Yi_6B_has_its_published_parameters()
    {
        Dictionary<string, LlamaTensor> parameters = LlamaTensors.Of(s_yi6B).ToDictionary(parameter => parameter.Name);
        Assert.Equal(3 + 9 * 32, parameters.Count);
        Assert.Equal(6_061_035_520, parameters.Values.Sum(parameter => (long)parameter.Rows * parameter.Columns));
        Assert.Equal((512, 4096), Shape(parameters["model.layers.31.self_attn.k_proj.weight"]));
        Assert.Equal((4096, 11008), Shape(parameters["model.layers.0.mlp.down_proj.weight"]));
        Assert.Equal((64000, 4096), Shape(parameters["lm_head.weight"]));
    }

    [Fact]
    public void Yi_34B_has_its_published_parameters()
    {
        Dictionary<string, LlamaTensor> parameters = LlamaTensors.Of(s_yi34B).ToDictionary(parameter => parameter.Name);
        Assert.Equal(3 + 9 * 60, parameters.Count);
        Assert.Equal(34_388_917_248, parameters.Values.Sum(parameter => (long)parameter.Rows * parameter.Columns));
        Assert.Equal((1024, 7168), Shape(parameters["model.layers.59.self_attn.v_proj.weight"]));
        Assert.Equal((1, 7168), Shape(parameters["model.norm.weight"]));
    }

    [Fact]
    public void A_tied_model_has_no_head() => Assert.DoesNotContain("lm_head.weight", LlamaTensors.Of(s_yi6B with { TieWordEmbeddings = true }).Select(parameter => parameter.Name));

    private static (int, int) Shape(LlamaTensor parameter) => (parameter.Rows, parameter.Columns);
}
