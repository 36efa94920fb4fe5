using System.Diagnostics;
using System.Globalization;
using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Tests.Checkpoints.Packed;

/// <summary>
/// A second start of a model of Yi-34B's shape at 4 bits: the packed file is a hole, so it takes no room on disk, but is opened, checked and mapped as any other. How long that
/// takes is written to the test's output.
/// </summary>
public sealed class LargePackedTests(ITestOutputHelper output)
{
    [Fact]
    public void A_model_of_Yi_34B_s_shape_starts_from_its_packed_weights_without_reading_them()
    {
        using var folder = new TemporaryFolder();
        string path = folder["yi-34b.gguf"];
        LargeCheckpointTests.WriteGguf(path);
        var cache = new PackedCache(new PackedCacheOptions { Folder = folder["cache"] });
        using (Checkpoint first = Checkpoint.Open(path)) WriteHole(cache, first);

        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        long started = Stopwatch.GetTimestamp();
        using Checkpoint checkpoint = Checkpoint.Open(path);
        double opened = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        using PackedWeights? packed = cache.Find(checkpoint);
        Assert.NotNull(packed);
        double found = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        LlamaModel model = LlamaModel.Load(checkpoint, backend, packed: packed);
        double loaded = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{PackedWeights.LengthBytes(checkpoint) / 1e9:0.0} GB packed: opened after {opened:0} ms, found and checked after {found:0} ms, ready for the first token after {loaded:0} ms"));
        Assert.Equal(60, model.Layers.Count);
        Assert.Equal(packed.Path, Assert.Single(cache.List()).Path);
    }

    private static void WriteHole(PackedCache cache, Checkpoint checkpoint)
    {
        var header = new PackedHeader(PackedTable.Of(ModelIdentity.Of(checkpoint), checkpoint.Weights.Values));
        var zeros = new byte[PackedHeader.PieceBytes];
        Array.Fill(header.Checksums, PieceChecksums.Of(zeros));
        header.Checksums[^1] = PieceChecksums.Of(zeros.AsSpan(0, header.LengthOf(header.Checksums.Length - 1)));
        Directory.CreateDirectory(cache.Folder);
        LargeCheckpointTests.WriteSparse(new PackedCacheFolder(cache.Folder).PathOf(header.Table.Key), header.ToBytes(), header.DataBytes);
    }
}
