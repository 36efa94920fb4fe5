using System.Buffers.Binary;
using System.Text;
using YiSharp.Checkpoints;

namespace YiSharp.Tests.Checkpoints;

public sealed class SafetensorsFileTests
{
    [Fact]
    public void Written_tensors_are_read_back_with_their_shapes()
    {
        using var folder = new TemporaryFolder();
        float[] values = [1, -2, 3.5f, float.MaxValue, 0, 6];
        SafetensorsWriter.Write(folder["a.safetensors"], [SafetensorsOutput.FromFloats("名 \"x\"", [2, 3], values), SafetensorsOutput.FromFloats("empty", [0, 4], []), SafetensorsOutput.FromFloats("one", [], [7])]);
        using SafetensorsFile file = SafetensorsFile.Open(folder["a.safetensors"]);
        Assert.Equal(values, file.ToFloats("名 \"x\""));
        Assert.Equal([2L, 3L], file["名 \"x\""].Shape);
        Assert.Empty(file.ToFloats("empty"));
        Assert.Equal([7f], file.ToFloats("one"));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(folder["a.safetensors"])) % 8);
        Assert.Contains("no tensor two", Assert.Throws<InvalidDataException>(() => file.ToFloats("two")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("has 4 bytes", null, 0, 4)]
    [InlineData("not valid JSON", "{\"a\":", 0)]
    [InlineData("holds a JSON array", "[]", 0)]
    [InlineData("not valid JSON", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("\"a\": 5", """{"a":5}""", 0)]
    [InlineData("\"dtype\": absent", """{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("\"shape\": [-1]", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("\"shape\": [1.5]", """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4)]
    [InlineData("fits in 64 bits", """{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}""", 4)]
    [InlineData("its shape needs 8", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4)]
    [InlineData("data_offsets\": [4,0]", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4)]
    [InlineData("data_offsets\": [0,8]", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4)]
    [InlineData("data_offsets\": [0]", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4)]
    [InlineData("leaves a hole", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData("overlaps", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData("8 bytes of data where its header describes 4", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8)]
    [InlineData("\"format\": 5", """{"__metadata__":{"format":5}}""", 0)]
    [InlineData("header has 1152921504606846976 bytes", null, 0, 8)]
    public void Broken_file_is_answered_with_one_sentence(string words, string? header, int dataBytes, int cutTo = int.MaxValue)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.safetensors"], Bytes(header, dataBytes, cutTo));
        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(folder["model.safetensors"])).Message;
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_type_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.safetensors"], Bytes("""{"a":{"dtype":"Q9","shape":[1],"data_offsets":[0,4]}}""", 4, int.MaxValue));
        Assert.Contains("Q9", Assert.Throws<NotSupportedException>(() => SafetensorsFile.Open(folder["model.safetensors"])).Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(string? header, int dataBytes, int cutTo)
    {
        byte[] json = Encoding.UTF8.GetBytes(header ?? "");
        var bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header is null ? 1L << 60 : json.Length);
        json.CopyTo(bytes, 8);
        return bytes[..Math.Min(cutTo, bytes.Length)];
    }
}
