using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Cli;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Cli;

/// <summary>What <c>yi inspect</c> says that a model takes, held against what the kernel says that <c>yi generate</c> took.</summary>
public sealed class MemoryTests(ITestOutputHelper output)
{
    private const double Tolerance = 0.05;

    /// <summary>What the collector has left of reading the tokenizer varies by this much from run to run: more than 5 % of models below half a gigabyte.</summary>
    private const long FloorBytes = 24L << 20;

    [Theory]
    [InlineData(16, "off")]
    [InlineData(1024, "always")]
    public void The_prediction_is_what_the_program_takes(int contextTokens, string packedCache)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Reads /proc.");
        using var folder = new TemporaryFolder();
        JsonElement memory = Yi.Run("inspect", CheckpointGoldens.Embedded, "--context", contextTokens.ToString(CultureInfo.InvariantCulture), "--json").Objects[0].GetProperty("memory");
        long predicted = memory.GetProperty("as_stored").GetProperty("total_bytes").GetInt64();
        for (int start = 0; start < (packedCache == "always" ? 2 : 1); start++)
        {
            long measured = Measure(folder.Path, contextTokens, "generate", "--jsonl", "--threads", "2", "--model", CheckpointGoldens.Embedded, "--packed-cache", packedCache);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contextTokens} tokens, cache {packedCache}, start {start + 1}: predicted {predicted >> 20} MiB, measured {measured >> 20} MiB"));
            Assert.InRange(predicted - measured, -Math.Max(FloorBytes, (long)(Tolerance * measured)), Math.Max(FloorBytes, (long)(Tolerance * measured)));
        }
    }

    /// <summary>Most bytes that were resident until the context was full.</summary>
    private static long Measure(string cacheFolder, int contextTokens, params string[] args)
    {
        const int Answer = 4;
        using Process process = ProgramProcess.Start([(PackedCacheOptions.FolderVariable, cacheFolder)], args);
        process.StandardInput.WriteLine($"{{\"ids\": [{string.Join(", ", Enumerable.Range(0, contextTokens - Answer).Select(i => 1000 + i * 37 % 40000))}], \"max_new_tokens\": {Answer}, \"ignore_eos\": true}}");
        process.StandardInput.Flush();
        Assert.NotNull(process.StandardOutput.ReadLine());
        string line = File.ReadLines($"/proc/{process.Id}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        process.StandardInput.Close();
        process.WaitForExit();
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Yi_34B_at_4_bits_fits_into_20_GiB()
    {
        ModelShape shape = LargeCheckpointTests.ShapeOf(LargeCheckpointTests.Yi34B);
        StoredTensor[] tensors = [.. LlamaTensors.Of(LargeCheckpointTests.Yi34B).Select(t => new StoredTensor(t.Name, "BF16", t.IsVector ? [t.Columns] : [t.Rows, t.Columns], 2L * t.Rows * t.Columns, 0, "model.safetensors"))];
        MemoryNeeds memory = MemoryNeeds.Of(shape, tensors, packedBits: null, contextTokens: 4096, availableBytes: 20L << 30, hasTokenizer: true)!;
        MemoryNeed need = memory.Needs.Single(n => n.Name == "4 bits");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"weights {need.WeightBytes}, cache {memory.KvCacheBytes}, workspace {memory.WorkspaceBytes}, program {memory.ProgramBytes}, together {need.TotalBytes / (double)(1L << 30):0.00} GiB"));
        Assert.InRange(need.TotalBytes, 18L << 30, 20L << 30);
    }

    [Fact]
    public void Numbers_that_no_model_has_are_no_prediction()
    {
        ModelShape shape = LargeCheckpointTests.ShapeOf(LargeCheckpointTests.Yi34B);
        StoredTensor[] tensors = [new("a", "Q4_0", [32, 32], 576, 0, "a")];
        Assert.NotNull(MemoryNeeds.Of(shape, tensors, null, null, null, true));
        foreach (ModelShape odd in (ModelShape[])[shape with { NumHiddenLayers = 1L << 40 }, shape with { HeadDim = null }, shape with { NumHiddenLayers = 16000, NumAttentionHeads = 16000, HeadDim = 16000 }, shape with { VocabSize = 0 }])
            Assert.Null(MemoryNeeds.Of(odd, tensors, null, 1 << 28, null, true));
        Assert.Null(MemoryNeeds.Of(shape, tensors, null, int.MaxValue, null, true));
    }
}
