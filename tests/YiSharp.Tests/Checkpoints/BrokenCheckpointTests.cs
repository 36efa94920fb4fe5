using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using YiSharp.Checkpoints;

namespace YiSharp.Tests.Checkpoints;

/// <summary>Files that are damaged in ways that can be foreseen: each is answered with one sentence of ours that names the file.</summary>
public sealed partial class BrokenCheckpointTests
{
    private const string Weights = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const string Shard = "model-00002-of-00003.safetensors";

    /// <summary>Wording of the platform, which means nothing to people who have a model.</summary>
    private static readonly string[] Foreign = ["System.", "Exception", "LineNumber", "BytePositionInLine", "JsonReader", "Duplicate property", "Expected depth", "invalid start", "Arithmetic", "Parameter '", "\n"];

    /// <summary>Damage to any file of the folder, by what it does to the file.</summary>
    private static readonly Dictionary<string, Action<string>> ToAnyFile = new()
    {
        ["is empty"] = path => File.WriteAllBytes(path, []),
        ["is a folder"] = path => { File.Delete(path); Directory.CreateDirectory(path); },
        ["is a pipe"] = path => { File.Delete(path); Assert.Equal(0, MakeFifo(path, 0b110_100_100)); },
        ["is a device"] = path => { File.Delete(path); File.CreateSymbolicLink(path, "/dev/zero"); },
        ["links to nothing"] = path => { File.Delete(path); File.CreateSymbolicLink(path, "nowhere"); },
        ["links to itself"] = path => { File.Delete(path); File.CreateSymbolicLink(path, path); },
        ["links out of the folder"] = path => { File.Delete(path); File.CreateSymbolicLink(path, Path.Combine(CheckpointGoldens.Tiny("llama-tiny"), "config.json")); },
        ["holds noise"] = path => File.WriteAllBytes(path, [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * i * 31 + 129))]),
        ["holds a page"] = path => File.WriteAllText(path, "<!DOCTYPE html>\n<html><body>404</body></html>\n"),
        ["holds a pointer"] = path => File.WriteAllText(path, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4987\n"),
        ["holds zeros"] = path => File.WriteAllBytes(path, new byte[1000]),
    };

    /// <summary>Damage to a JSON file's text.</summary>
    private static readonly Dictionary<string, Func<string, string>> ToJson = new()
    {
        ["ends early"] = text => text[..(text.Length / 2)],
        ["has a field twice"] = text => "{\"x\": 1, \"x\": 2," + text[1..],
        ["has a field twice inside"] = text => "{\"x\": {\"y\": 1, \"y\": 2}," + text[1..],
        ["is a list"] = text => $"[{text}]",
        ["is a number"] = _ => "7",
        ["is null"] = _ => "null",
        ["nests deeply"] = text => $"{{\"x\": {new string('[', 100_000)}{new string(']', 100_000)}," + text[1..],
        ["nests deeply without an end"] = _ => string.Concat(Enumerable.Repeat("{\"a\":", 200_000)),
        ["says NaN"] = text => "{\"x\": NaN," + text[1..],
        ["says Infinity"] = text => "{\"x\": -Infinity," + text[1..],
        ["has a comment"] = text => "// made by hand\n" + text,
        ["has a comma too many"] = text => text.TrimEnd()[..^1] + ",}",
        ["has half a character"] = text => "{\"x\": \"\\ud800\"," + text[1..],
        ["has a second value"] = text => text + "{}",
        ["has single quotes"] = text => text.Replace('"', '\''),
    };

    public static TheoryData<string, string> Files => new(
        from file in (string[])["config.json", "generation_config.json", "tokenizer_config.json", Index, Shard] from damage in ToAnyFile.Keys select (file, damage));

    [Theory]
    [MemberData(nameof(Files))]
    public void File_that_is_something_else(string file, string damage)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes, devices and links are made as Unix has them.");
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        ToAnyFile[damage](folder[file]);
        RequireSentence(folder.Path, file);
    }

    public static TheoryData<string, string> Texts => new(
        from file in (string[])["config.json", "generation_config.json", "tokenizer_config.json", Index] from damage in ToJson.Keys select (file, damage));

    [Theory]
    [MemberData(nameof(Texts))]
    public void Json_that_is_damaged(string file, string damage)
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        File.WriteAllText(folder[file], ToJson[damage](File.ReadAllText(folder[file])));
        RequireSentence(folder.Path, file);
    }

    [Fact]
    public void File_that_ends_at_any_boundary()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("bias-tiny"));
        byte[] bytes = File.ReadAllBytes(folder[Weights]);
        long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        foreach (long length in (long[])[1, 7, 8, 9, 100, 8 + header - 1, 8 + header, 8 + header + 1, bytes.Length / 2, bytes.Length - 1, bytes.Length + 1])
        {
            File.WriteAllBytes(folder[Weights], length <= bytes.Length ? bytes[..(int)length] : [.. bytes, 0]);
            RequireSentence(folder.Path, Weights);
        }
    }

    /// <summary>Damage to the header of a safetensors file, given the entry of one tensor.</summary>
    private static readonly Dictionary<string, Action<JsonObject, JsonObject>> ToHeader = new()
    {
        ["dtype fp8"] = (_, tensor) => tensor["dtype"] = "F8_E4M3",
        ["dtype unknown"] = (_, tensor) => tensor["dtype"] = "Q9_Z",
        ["dtype integer"] = (_, tensor) => tensor["dtype"] = "I16",
        ["dtype number"] = (_, tensor) => tensor["dtype"] = 7,
        ["dtype absent"] = (_, tensor) => tensor.Remove("dtype"),
        ["shape absent"] = (_, tensor) => tensor.Remove("shape"),
        ["shape text"] = (_, tensor) => tensor["shape"] = "64",
        ["shape negative"] = (_, tensor) => tensor["shape"] = new JsonArray(-64),
        ["shape fraction"] = (_, tensor) => tensor["shape"] = new JsonArray(64.5),
        ["shape overflowing"] = (_, tensor) => tensor["shape"] = new JsonArray(1L << 40, 1L << 40, 4),
        ["shape of another model"] = (_, tensor) => tensor["shape"] = new JsonArray(8, 8),
        ["shape with zeros"] = (_, tensor) => tensor["shape"] = new JsonArray(0, 64),
        ["offsets absent"] = (_, tensor) => tensor.Remove("data_offsets"),
        ["offsets backwards"] = (_, tensor) => tensor["data_offsets"] = new JsonArray(128, 0),
        ["offsets far away"] = (_, tensor) => tensor["data_offsets"] = new JsonArray(1L << 60, (1L << 60) + 128),
        ["offsets negative"] = (_, tensor) => tensor["data_offsets"] = new JsonArray(-128, 0),
        ["offsets three"] = (_, tensor) => tensor["data_offsets"] = new JsonArray(0, 64, 128),
        ["offsets of another tensor"] = (header, tensor) => tensor["data_offsets"] = header.First(e => e.Key != "__metadata__" && e.Value != tensor).Value!["data_offsets"]!.DeepClone(),
        ["entry text"] = (header, _) => header["model.norm.weight"] = "F16",
        ["entry gone"] = (header, _) => header.Remove("model.norm.weight"),
        ["entry too many"] = (header, tensor) => header["model.layers.9.self_attn.q_norm.weight"] = new JsonObject { ["dtype"] = "F16", ["shape"] = new JsonArray(0), ["data_offsets"] = new JsonArray(0, 0) },
        ["metadata number"] = (header, _) => header["__metadata__"] = new JsonObject { ["format"] = 7 },
    };

    public static TheoryData<string> Headers => [.. ToHeader.Keys];

    [Theory]
    [MemberData(nameof(Headers))]
    public void Header_that_cannot_be(string damage)
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("bias-tiny"));
        byte[] bytes = File.ReadAllBytes(folder[Weights]);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        JsonObject header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        ToHeader[damage](header, header["model.norm.weight"]!.AsObject());
        WriteHeader(folder[Weights], Encoding.UTF8.GetBytes(header.ToJsonString()), bytes.AsSpan(8 + length));
        RequireSentence(folder.Path, damage.StartsWith("entry", StringComparison.Ordinal) ? "" : Weights);
    }

    [Fact]
    public void Header_that_is_no_json()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("bias-tiny"));
        foreach (byte[] header in (byte[][])[[], [0xFF, 0xFE], "{\"a"u8.ToArray(), "{\"\xC0\":1}"u8.ToArray(), [.. "{\""u8, 0xC3, 0x28, .. "\":{}}"u8], [.. Encoding.UTF8.GetBytes(new string('[', 90_000))], [.. "{\"t\":{\"dtype\":\"F16\",\"dtype\":\"F16\"}}"u8]])
        {
            WriteHeader(folder[Weights], header, []);
            RequireSentence(folder.Path, Weights);
        }
        foreach (ulong length in (ulong[])[1UL << 60, ulong.MaxValue, 100_000_001, int.MaxValue])
        {
            var bytes = new byte[200];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            File.WriteAllBytes(folder[Weights], bytes);
            RequireSentence(folder.Path, Weights);
        }
    }

    [Theory]
    [InlineData("\"/etc/hostname\"")]
    [InlineData("\"../yi-tiny/model-00001-of-00003.safetensors\"")]
    [InlineData("\"model.safetensors.index.json\"")]
    [InlineData("\"\"")]
    [InlineData("\".\"")]
    [InlineData("\"a\\u0000b.safetensors\"")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("[\"model-00001-of-00003.safetensors\"]")]
    public void Index_that_points_elsewhere(string shard)
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        JsonObject index = JsonNode.Parse(File.ReadAllText(folder[Index]))!.AsObject();
        index["weight_map"]!["model.norm.weight"] = JsonNode.Parse(shard);
        File.WriteAllText(folder[Index], index.ToJsonString());
        RequireSentence(folder.Path, "");
    }

    private static void WriteHeader(string path, ReadOnlySpan<byte> header, ReadOnlySpan<byte> data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(path, [.. length, .. header, .. data]);
    }

    private static void RequireSentence(string folder, string file)
    {
        // A pipe that is opened waits for ever; the test must fail instead.
        Task<string> opening = Task.Run(() =>
        {
            Exception e = Assert.ThrowsAny<Exception>(() => Checkpoint.Open(folder).Dispose());
            Assert.True(e is InvalidDataException or NotSupportedException, e.ToString());
            return e.Message;
        });
        Assert.True(opening.Wait(TimeSpan.FromSeconds(30)), $"{file} is not answered");
        string message = opening.Result;
        Assert.Contains(folder, message, StringComparison.Ordinal);
        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 30, 1500);
        Assert.All(Foreign, word => Assert.DoesNotContain(word, message, StringComparison.Ordinal));
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
