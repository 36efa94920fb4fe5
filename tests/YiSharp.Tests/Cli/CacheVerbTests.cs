using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Cli;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Cli;

/// <summary>Packed weights through the command line: kept by a start, taken by the next, listed, checked, deleted.</summary>
public sealed class CacheVerbTests
{
    private static string[] Start(string model, string choice) => ["generate", "--jsonl", "--model", model, "--packed-cache", choice];

    private static YiResult Answer(string model, string choice) => Yi.RunLines(["{\"ids\": [5, 6, 7], \"max_new_tokens\": 3, \"ignore_eos\": true}"], Start(model, choice));

    [Fact]
    public void A_start_keeps_what_the_next_one_takes()
    {
        using var folder = new TemporaryFolder();
        string model = folder["model.gguf"], cache = folder[".yisharp"];
        File.Copy(CheckpointGoldens.Gguf("llama-q8_0"), model);

        YiResult off = Answer(model, "off");
        Assert.Equal((0, ""), (off.ExitCode, off.Error));
        Assert.False(Directory.Exists(cache));
        YiResult first = Answer(model, "beside");
        Assert.Contains("packing weights, once for this model", first.Error, StringComparison.Ordinal);
        YiResult second = Answer(model, "beside");
        Assert.Equal((0, ""), (second.ExitCode, second.Error));
        Assert.Equal((off.Output, off.Output), (first.Output, second.Output));

        JsonElement listed = Yi.Run("cache", "ls", "--dir", cache, "--json").Objects[0];
        JsonElement file = Assert.Single(listed.GetProperty("files").EnumerateArray());
        Assert.Equal(["folder", "total_bytes", "files"], listed.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["path", "model", "key", "bytes", "last_used", "why_useless"], file.EnumerateObject().Select(p => p.Name));
        Assert.Equal((model, JsonValueKind.Null), (file.GetProperty("model").GetString(), file.GetProperty("why_useless").ValueKind));
        Assert.Equal(new FileInfo(file.GetProperty("path").GetString()!).Length, listed.GetProperty("total_bytes").GetInt64());
        Assert.Contains($"{model}  ", Yi.Run("cache", "ls", "--dir", cache).Output, StringComparison.Ordinal);

        // Other inputs of the fingerprint of an evaluation are the model's files alone.
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [Fact]
    public void Damage_is_found_by_verify_and_a_model_that_is_gone_by_prune()
    {
        using var folder = new TemporaryFolder();
        string model = folder["model.gguf"], cache = folder[".yisharp"];
        File.Copy(CheckpointGoldens.Gguf("llama-q8_0"), model);
        Answer(model, "beside");
        string file = Assert.Single(Directory.GetFiles(cache));
        Assert.Equal((0, $"{file}: sound\n"), Result(Yi.Run("cache", "verify", "--dir", cache)));
        Assert.Equal((0, "0 B freed\n"), Result(Yi.Run("cache", "prune", "--dir", cache, "--max-size", "1GB", "--older-than", "1d")));

        byte[] bytes = File.ReadAllBytes(file);
        bytes[^3] ^= 4;
        File.WriteAllBytes(file, bytes);
        YiResult damaged = Yi.Run("cache", "verify", "--dir", cache);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("damaged between bytes", damaged.Output, StringComparison.Ordinal);

        File.Delete(model);
        Assert.Contains("its model is gone", Yi.Run("cache", "ls", "--dir", cache).Output, StringComparison.Ordinal);
        JsonElement pruned = Yi.Run("cache", "prune", "--dir", cache, "--json").Objects[0];
        Assert.Equal(bytes.Length, pruned.GetProperty("freed_bytes").GetInt64());
        Assert.Equal(["path", "model", "key", "bytes", "last_used", "why_kept"], pruned.GetProperty("files")[0].EnumerateObject().Select(p => p.Name));
        Assert.Empty(Directory.GetFiles(cache));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_said_once_and_the_answer_comes()
    {
        using var folder = new TemporaryFolder();
        string model = folder["model.gguf"];
        File.Copy(CheckpointGoldens.Gguf("llama-q8_0"), model);
        File.WriteAllText(folder[".yisharp"], "");
        YiResult result = Answer(model, "beside");
        Assert.Equal((0, Answer(model, "off").Output), (result.ExitCode, result.Output));
        Assert.Single(result.Error.Split('\n'), line => line.StartsWith($"yi: The packed weights of {model} could not be kept in {folder[".yisharp"]}: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("yi cache needs one of ls, prune, verify", "cache")]
    [InlineData("'list' is no verb of yi cache", "cache", "list")]
    [InlineData("'--al' is no option of yi cache prune (did you mean '--all'?); 'yi cache prune --help'", "cache", "prune", "--al")]
    [InlineData("--max-size is '3'; a number of bytes with its unit", "cache", "prune", "--max-size", "3")]
    [InlineData("--older-than is '-1d'; a time with its unit", "cache", "prune", "--older-than", "-1d")]
    [InlineData("--dir /no/such is no folder", "cache", "ls", "--dir", "/no/such")]
    [InlineData("--packed-cache is 'maybe'; auto, always, beside or off", "score", "--packed-cache", "maybe", "a")]
    public void A_wrong_request_is_one_sentence(string said, params string[] args)
    {
        YiResult result = Yi.Run(args);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(said, Assert.Single(result.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cache")]
    [InlineData("cache", "ls")]
    [InlineData("cache", "prune")]
    [InlineData("cache", "verify")]
    public void Help_shows_command_lines_that_work(params string[] verb)
    {
        YiResult help = Yi.Run([.. verb, "--help"]);
        Assert.Equal((0, ""), (help.ExitCode, help.Error));
        Assert.Contains($"  yi {string.Join(' ', verb)}", help.Output[help.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("20GB", 20_000_000_000)]
    [InlineData("1.5 GiB", 1_610_612_736)]
    [InlineData("7b", 7)]
    public void Sizes_have_units(string text, long bytes) => Assert.Equal(bytes, Quantity.Bytes(text, "--max-size"));

    [Fact]
    public void Times_have_units() => Assert.Equal([TimeSpan.FromDays(30), TimeSpan.FromMinutes(90), TimeSpan.FromSeconds(5)], new[] { "30d", "1.5h", "5s" }.Select(t => Quantity.Time(t, "--older-than")));

    [Fact]
    public void The_users_folder_is_what_the_environment_names()
    {
        using var folder = new TemporaryFolder();
        foreach ((string variable, string expected) in ((string, string)[])[(PackedCacheOptions.FolderVariable, folder.Path), ("XDG_CACHE_HOME", folder["yisharp"])])
        {
            if (OperatingSystem.IsWindows() && variable == "XDG_CACHE_HOME") continue;
            using var process = ProgramProcess.Start([(PackedCacheOptions.FolderVariable, ""), (variable, folder.Path)], "cache", "ls", "--json");
            Assert.Equal(expected, JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement.GetProperty("folder").GetString());
        }
    }

    private static (int, string) Result(YiResult result) => (result.ExitCode, result.Output);
}
