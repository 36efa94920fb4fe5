using System.Security.Cryptography;
using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Tests.Checkpoints.Packed;

public sealed class PackedCacheTests
{
    [Theory]
    [InlineData("llama-q8_0")]
    [InlineData("llama-q4_0-mix")]
    public void Logits_are_the_same_to_the_bit_with_and_without_a_cache(string gguf)
    {
        using var model = new PackedModel(gguf);
        float[] plain = model.WithFound((checkpoint, packed) =>
        {
            Assert.Null(packed);
            return PackedModel.Logits(checkpoint, null);
        });
        Assert.Null(model.Make());
        float[] mapped = model.WithFound((checkpoint, packed) =>
        {
            Assert.Equal(model.File1, packed!.Path);
            return PackedModel.Logits(checkpoint, packed);
        });
        Assert.Equal(plain, mapped);
        using Checkpoint again = Checkpoint.Open(model.Path);
        using var parallelism = new Parallelism(1);
        using PackedWeights inMemory = PackedWeights.InMemory(again, parallelism);
        Assert.Equal(plain, PackedModel.Logits(again, inMemory));
    }

    [Fact]
    public void Equal_models_give_equal_files_on_any_number_of_threads()
    {
        using var model = new PackedModel();
        model.Make();
        byte[] first = File.ReadAllBytes(model.File1);
        File.Delete(model.File1);
        using Checkpoint checkpoint = Checkpoint.Open(model.Path);
        using var parallelism = new Parallelism(1);
        model.Cache.Make(checkpoint, parallelism).Dispose();
        Assert.Equal(first, File.ReadAllBytes(model.File1));
        Assert.Equal(0, first.Length % PackedForm.Alignment);
    }

    public static TheoryData<string> Damages => ["empty", "one byte", "cut off", "longer", "magic", "version", "form", "table", "checksum", "hash", "data", "other model's"];

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_bad_file_is_passed_over_and_written_anew(string damage)
    {
        using var model = new PackedModel();
        model.Make();
        string path = model.File1;
        byte[] good = File.ReadAllBytes(path);
        File.WriteAllBytes(path, Damage(good, damage));
        Assert.False(model.IsFound());
        Assert.Null(model.Make());
        Assert.True(model.IsFound());
        Assert.Equal(good, File.ReadAllBytes(model.File1));
    }

    private static byte[] Damage(byte[] good, string damage)
    {
        byte[] bad = [.. good];
        int table = 64, checksums = 64 + BitConverter.ToInt32(good, 16);
        switch (damage)
        {
            case "empty": return [];
            case "one byte": return [(byte)'Y'];
            case "cut off": return good[..^1];
            case "longer": return [.. good, 0];
            case "other model's":
                using (var other = new PackedModel("llama-q4_0-mix"))
                {
                    other.Make();
                    return File.ReadAllBytes(other.File1);
                }
        }
        int at = damage switch { "magic" => 3, "version" => 8, "form" => 12, "table" => table + 30, "checksum" => checksums, "hash" => 40, _ => good.Length - 100 };
        bad[at] ^= 1;
        return bad;
    }

    [Fact]
    public void What_another_version_packed_is_not_read_though_its_header_is_whole()
    {
        using var model = new PackedModel();
        model.Make();
        byte[] bytes = File.ReadAllBytes(model.File1);
        bytes[12]++;
        int hashed = BitConverter.ToInt32(bytes, 16) + sizeof(uint) * (int)((bytes.Length + PackedHeader.PieceBytes - 1) / PackedHeader.PieceBytes);
        SHA256.HashData([.. bytes[..32], .. bytes[64..(64 + hashed)]]).CopyTo(bytes, 32);
        File.WriteAllBytes(model.File1, bytes);
        Assert.Contains("of version", Assert.Throws<InvalidDataException>(() => PackedFile.ReadHeader(model.File1)).Message, StringComparison.Ordinal);
        Assert.False(model.IsFound());
    }

    [Fact]
    public void A_model_that_was_changed_is_another_one()
    {
        using var model = new PackedModel();
        model.Make();
        File.SetLastWriteTimeUtc(model.Path, File.GetLastWriteTimeUtc(model.Path).AddSeconds(-5));
        Assert.False(model.IsFound());
        PackedCacheEntry entry = Assert.Single(model.Cache.List());
        Assert.Contains("changed", entry.WhyUseless, StringComparison.Ordinal);
        model.Make(); // what was made of it as it was goes
        Assert.Null(Assert.Single(model.Cache.List()).WhyUseless);
    }

    [Fact]
    public void An_interrupted_start_leaves_nothing()
    {
        using var model = new PackedModel();
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => model.Make(progress: (done, total) =>
        {
            if (done > total / 2) source.Cancel();
        }, cancellation: source.Token));
        Assert.Empty(Directory.GetFiles(model.CacheFolder));
    }

    [Fact]
    public void What_a_killed_start_left_is_written_over_and_never_read()
    {
        using var model = new PackedModel();
        model.Make();
        string path = model.File1, partial = AtomicFile.PartialPath(path);
        File.Move(path, partial);
        Assert.False(model.IsFound());
        Assert.Empty(model.Cache.List());
        File.WriteAllBytes(partial, new byte[100]);
        Assert.Null(model.Make());
        Assert.Equal(path, model.File1);
        File.WriteAllBytes(partial, new byte[100]);
        model.Cache.Prune(new PruneOptions());
        Assert.Equal(path, model.File1);
    }

    [Fact]
    public void While_another_process_writes_the_file_weights_are_packed_in_memory()
    {
        using var model = new PackedModel();
        model.Make();
        string path = model.File1, partial = AtomicFile.PartialPath(path);
        File.Delete(path);
        using (var writer = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            writer.WriteByte(7);
            Assert.Contains("could not be kept", model.Make(), StringComparison.Ordinal);
            model.Cache.Prune(new PruneOptions { MaxBytes = 0 });
            Assert.True(File.Exists(partial));
        }
        Assert.Null(model.Make());
    }

    [Theory]
    [InlineData("a file for a folder")]
    [InlineData("a folder for the file")]
    [InlineData("a bound below its size")]
    [InlineData("a folder that may not be written to")]
    public void Where_no_file_can_be_written_weights_are_packed_in_memory(string trouble)
    {
        using var model = new PackedModel();
        PackedCache cache = model.Cache;
        switch (trouble)
        {
            case "a file for a folder":
                File.WriteAllText(model.CacheFolder, "");
                break;
            case "a folder for the file":
                model.Make();
                string path = model.File1;
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
            case "a bound below its size":
                cache = model.Bounded(1000);
                break;
            default:
                if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess) Assert.Skip("Nothing is forbidden to this user.");
                else Directory.CreateDirectory(model.CacheFolder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
                break;
        }
        Assert.StartsWith($"The packed weights of {model.Path} could not be kept in {model.CacheFolder}: ", model.Make(cache), StringComparison.Ordinal);
        Assert.False(model.IsFound());
    }

    [Fact]
    public void Weights_that_are_not_finite_are_damage_of_the_model_and_leave_no_file()
    {
        using var model = new PackedModel();
        byte[] bytes = File.ReadAllBytes(model.Path);
        bytes.AsSpan(bytes.Length - 34 * 40).Fill(0xFF);
        File.WriteAllBytes(model.Path, bytes);
        Assert.Contains("not finite", Assert.Throws<InvalidDataException>(() => model.Make()).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(model.CacheFolder));
    }

    [Fact]
    public void Models_below_the_bound_and_those_that_do_not_pack_are_not_kept()
    {
        using var model = new PackedModel();
        using Checkpoint quantized = Checkpoint.Open(model.Path), plain = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        Assert.True(model.Cache.Keeps(quantized));
        Assert.False(new PackedCache(new PackedCacheOptions { Folder = model.CacheFolder }).Keeps(quantized));
        Assert.False(model.Cache.Keeps(plain));
        Assert.False(Directory.Exists(model.CacheFolder));
    }
}
