using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public sealed class WorkspaceTests
{
    [Fact]
    public void A_tensor_of_any_size_holds_its_elements_and_comes_back()
    {
        using var workspace = new Workspace();
        for (int length = 0; length < 70000; length = length < 2000 ? length + 1 : length * 9 / 8)
        {
            CpuTensor first = workspace.Rent(1, length);
            Assert.InRange(first.Memory.LengthBytes, length * 4L, Math.Max(256, length * 5L + 64));
            first.Values.Fill(length);
            first.Dispose();
            first.Dispose();
            using CpuTensor second = workspace.Rent(length, 1), third = workspace.Rent(length, 1);
            Assert.Same(first, second);
            Assert.NotSame(second, third);
        }
    }

    [Fact]
    public void A_tensor_given_back_cannot_be_read()
    {
        using var workspace = new Workspace();
        CpuTensor tensor = workspace.Rent(2, 3);
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.Values.Length);
    }

    [Fact]
    public void A_tensor_beyond_two_gibibytes_is_refused_before_any_memory_is_taken()
    {
        using var workspace = new Workspace();
        Assert.Contains("[65536, 65536]", Assert.Throws<TensorException>(() => workspace.Rent(65536, 65536)).Message);
    }
}
