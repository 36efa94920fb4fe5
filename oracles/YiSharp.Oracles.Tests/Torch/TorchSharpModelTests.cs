using TorchSharp;

namespace YiSharp.Oracles.Tests.Torch;

public sealed class TorchSharpModelTests
{
    [Fact]
    public void Loads()
    {
        using torch.Tensor t = torch.ones(3, 4);
        Assert.Equal(12f, t.sum().item<float>());
    }
}
