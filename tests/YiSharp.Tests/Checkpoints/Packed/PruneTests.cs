using YiSharp.Checkpoints;

namespace YiSharp.Tests.Checkpoints.Packed;

public sealed class PruneTests
{
    private static readonly string[] Models = ["llama-q8_0", "llama-q4_0-mix"];

    /// <summary>Two models in one cache, the first used an hour before the second.</summary>
    private static (PackedModel Older, PackedModel Newer, PackedCache Cache) Fill()
    {
        var older = new PackedModel(Models[0]);
        var newer = new PackedModel(Models[1]);
        Assert.Null(older.Make());
        Assert.Null(newer.Make(older.Cache));
        Assert.Equal(2, older.Cache.List().Count);
        foreach (PackedCacheEntry entry in older.Cache.List())
        {
            File.SetLastWriteTimeUtc(entry.Path, DateTime.UtcNow - TimeSpan.FromHours(entry.Model == older.Path ? 2 : 1));
        }
        return (older, newer, older.Cache);
    }

    [Fact]
    public void The_least_recently_used_go_first_and_use_counts()
    {
        (PackedModel older, PackedModel newer, PackedCache cache) = Fill();
        using (older)
        using (newer)
        {
            Assert.Equal([newer.Path, older.Path], cache.List().Select(e => e.Model));
            Assert.True(older.IsFound());
            Assert.Equal([older.Path, newer.Path], cache.List().Select(e => e.Model));
            long largest = cache.List().Max(e => e.Bytes);
            Assert.Equal(newer.Path, Assert.Single(cache.Prune(new PruneOptions { MaxBytes = largest })).Entry.Model);
            Assert.Equal(older.Path, Assert.Single(cache.List()).Model);
            Assert.Empty(cache.Prune(new PruneOptions()));
        }
    }

    [Fact]
    public void A_new_file_makes_its_room()
    {
        (PackedModel older, PackedModel newer, PackedCache cache) = Fill();
        using (older)
        using (newer)
        {
            long bytes = cache.List().Single(e => e.Model == newer.Path).Bytes;
            foreach (PackedCacheEntry entry in cache.List().Where(e => e.Model == newer.Path)) File.Delete(entry.Path);
            Assert.Null(newer.Make(older.Bounded(bytes)));
            Assert.Equal(newer.Path, Assert.Single(cache.List()).Model);
        }
    }

    [Fact]
    public void What_is_too_old_goes_and_what_is_in_use_stays()
    {
        (PackedModel older, PackedModel newer, PackedCache cache) = Fill();
        using (older)
        using (newer)
        {
            Assert.Equal(older.Path, Assert.Single(cache.Prune(new PruneOptions { OlderThan = TimeSpan.FromMinutes(90) })).Entry.Model);
            older.Make();
            older.WithFound((_, packed) =>
            {
                Assert.NotNull(packed);
                IReadOnlyList<PrunedEntry> pruned = cache.Prune(new PruneOptions { MaxBytes = 0 });
                Assert.Equal("it is in use", pruned.Single(p => p.Entry.Model == older.Path).WhyKept);
                Assert.Null(pruned.Single(p => p.Entry.Model == newer.Path).WhyKept);
                return 0;
            });
            Assert.Equal(older.Path, Assert.Single(cache.List()).Model);
            Assert.True(older.IsFound());
        }
    }

    [Fact]
    public void What_no_start_will_take_goes_always()
    {
        (PackedModel older, PackedModel newer, PackedCache cache) = Fill();
        using (older)
        using (newer)
        {
            File.Delete(older.Path);
            Assert.Contains("gone", cache.List().Single(e => e.Model == older.Path).WhyUseless, StringComparison.Ordinal);
            string damaged = cache.List().Single(e => e.Model == newer.Path).Path;
            File.WriteAllText(damaged, "YiPacked");
            Assert.Equal(2, cache.Prune(new PruneOptions()).Count);
            Assert.Empty(Directory.GetFiles(cache.Folder));
        }
    }

    [Fact]
    public void Nothing_else_is_ever_touched()
    {
        using var model = new PackedModel();
        model.Make();
        string name = Path.GetFileName(model.File1);
        string[] others =
        [
            "model.gguf", "notes.txt", "x" + name, name + "x", name.ToUpperInvariant(), name.Replace("yisharp-", "yisharp_", StringComparison.Ordinal), name[..^8] + ".packed", ".partial", "." + name,
            $".{name}.partial.bak", name + "\n",
        ];
        foreach (string other in others) File.WriteAllText(Path.Combine(model.CacheFolder, other), "mine");
        Directory.CreateDirectory(Path.Combine(model.CacheFolder, "deeper"));
        File.WriteAllText(Path.Combine(model.CacheFolder, "deeper", name), "mine");
        string outside = Path.Combine(Path.GetDirectoryName(model.CacheFolder)!, "precious");
        File.WriteAllText(outside, "mine");
        File.CreateSymbolicLink(Path.Combine(model.CacheFolder, $"yisharp-{new string('0', 32)}.packed"), outside);

        Assert.Equal(name, Path.GetFileName(Assert.Single(model.Cache.Prune(new PruneOptions { MaxBytes = 0 })).Entry.Path));
        Assert.All(others, other => Assert.True(File.Exists(Path.Combine(model.CacheFolder, other)), other));
        Assert.True(File.Exists(outside) && File.Exists(Path.Combine(model.CacheFolder, "deeper", name)));
    }

    [Fact]
    public void Reading_a_file_through_finds_what_samples_need_not()
    {
        using var model = new PackedModel();
        model.Make();
        Assert.Null(PackedCache.Verify(Assert.Single(model.Cache.List())));
        byte[] bytes = File.ReadAllBytes(model.File1);
        bytes[^1] ^= 128;
        File.WriteAllBytes(model.File1, bytes);
        Assert.Contains("damaged between bytes", PackedCache.Verify(Assert.Single(model.Cache.List())), StringComparison.Ordinal);
    }
}
