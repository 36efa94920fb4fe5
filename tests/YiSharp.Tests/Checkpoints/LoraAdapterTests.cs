using YiSharp.Checkpoints;

namespace YiSharp.Tests.Checkpoints;

public sealed class LoraAdapterTests
{
    private static readonly string Adapters = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "checkpoints", "adapters");
    private static readonly string Base = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "checkpoints", "tiny", "yi-tiny");

    [Theory]
    [InlineData("lora-qv", 8, 16, false, 2f, 6)]
    [InlineData("rslora-all", 4, 8, true, 4f, 21)]
    public void Plain_adapter_opens_and_fits_its_base(string name, int rank, double alpha, bool rslora, float scale, int moduleCount)
    {
        LoraAdapter adapter = LoraAdapter.Open(Path.Combine(Adapters, name));
        Assert.Equal((rank, alpha, rslora, scale), (adapter.Rank, adapter.Alpha, adapter.UseRslora, adapter.Scale));
        Assert.Equal(moduleCount, adapter.Modules.Count);
        Assert.Equal((32, 128), (adapter.Modules["model.layers.0.self_attn.v_proj"].Outputs, adapter.Modules["model.layers.0.self_attn.v_proj"].Inputs));
        using Checkpoint checkpoint = Checkpoint.Open(Base);
        adapter.RequireFits(checkpoint.Config);
        Assert.Contains("another model", Assert.Throws<InvalidDataException>(() => adapter.RequireFits(checkpoint.Config with { HeadDim = 8 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dora", "use_dora")]
    [InlineData("lora-head", "modules_to_save")]
    [InlineData("lora-patterns", "_pattern")]
    public void Adapter_that_would_be_computed_wrongly_is_refused_by_field(string name, string field)
    {
        string message = Assert.Throws<NotSupportedException>(() => LoraAdapter.Open(Path.Combine(Adapters, name))).Message;
        Assert.Contains(field, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Saved_adapter_opens_equal_and_saves_to_equal_bytes()
    {
        LoraAdapter adapter = LoraAdapter.Open(Path.Combine(Adapters, "rslora-all"));
        using var folder = new TemporaryFolder();
        adapter.Save(folder["a"]);
        LoraAdapter again = LoraAdapter.Open(folder["a"]);
        again.Save(folder["b"]);
        Assert.Equal((adapter.Rank, adapter.Scale, adapter.BaseModel), (again.Rank, again.Scale, again.BaseModel));
        Assert.All(adapter.Modules.Values, m =>
        {
            Assert.Equal(m.A, again.Modules[m.Name].A);
            Assert.Equal(m.B, again.Modules[m.Name].B);
        });
        Assert.Equal(2, Directory.GetFiles(folder["a"]).Length);
        Assert.All(Directory.GetFiles(folder["a"]), f => Assert.Equal(File.ReadAllBytes(f), File.ReadAllBytes(Path.Combine(folder["b"], Path.GetFileName(f)))));
        // PEFT's own file holds the same tensors in the same order.
        Assert.Equal(File.ReadAllBytes(Path.Combine(Adapters, "rslora-all", "adapter_model.safetensors")).AsSpan()[^4096..], File.ReadAllBytes(Path.Combine(folder["a"], "adapter_model.safetensors")).AsSpan()[^4096..]);
    }
}
