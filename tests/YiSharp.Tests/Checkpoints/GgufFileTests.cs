using YiSharp.Checkpoints;

namespace YiSharp.Tests.Checkpoints;

public sealed class GgufFileTests
{
    [Fact]
    public void Every_type_of_metadata_is_read()
    {
        byte[] bytes = new GgufBytes { DataBytes = 0 }
            .Raw(w => Entry(w, "a", 0, () => w.Write((byte)200)))
            .Raw(w => Entry(w, "b", 1, () => w.Write((sbyte)-3)))
            .Raw(w => Entry(w, "c", 2, () => w.Write((ushort)65000)))
            .Raw(w => Entry(w, "d", 3, () => w.Write((short)-300)))
            .Raw(w => Entry(w, "e", 4, () => w.Write(4_000_000_000u)))
            .Raw(w => Entry(w, "f", 5, () => w.Write(-70000)))
            .Raw(w => Entry(w, "g", 6, () => w.Write(1.5f)))
            .Raw(w => Entry(w, "h", 7, () => w.Write(true)))
            .Raw(w => Entry(w, "i", 8, () => GgufBytes.Text(w, "héllo 嗯")))
            .Raw(w => Entry(w, "j", 9, () => Array(w, 8, 2, () => { GgufBytes.Text(w, "x"); GgufBytes.Text(w, ""); })))
            .Raw(w => Entry(w, "k", 9, () => Array(w, 5, 3, () => { w.Write(1); w.Write(-2); w.Write(3); })))
            .Raw(w => Entry(w, "l", 10, () => w.Write(ulong.MaxValue)))
            .Raw(w => Entry(w, "m", 11, () => w.Write(long.MinValue)))
            .Raw(w => Entry(w, "n", 12, () => w.Write(0.1)))
            .ToArray();
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.gguf"], bytes);
        using GgufFile file = GgufFile.Open(folder["a.gguf"]);
        object[] expected = [(byte)200, (sbyte)-3, (ushort)65000, (short)-300, 4_000_000_000u, -70000, 1.5f, true, "héllo 嗯", new[] { "x", "" }, new[] { 1, -2, 3 }, ulong.MaxValue, long.MinValue, 0.1];
        Assert.Equal(expected, file.Metadata.Values);
    }

    public static TheoryData<string, byte[]> Broken => new()
    {
        { "does not start with \"GGUF\"", new GgufBytes { Magic = 1 }.ToArray() },
        { "number of tensors is 1152921504606846976", new GgufBytes { TensorCount = 1UL << 60 }.ToArray() },
        { "number of metadata entries is 18446744073709551615", new GgufBytes { MetadataCount = ulong.MaxValue }.ToArray() },
        { "length of the key", new GgufBytes().Raw(w => w.Write(1UL << 60)).ToArray() },
        { "number of elements of \"k\" is 1152921504606846976", new GgufBytes().Raw(w => Entry(w, "k", 9, () => { w.Write(8u); w.Write(1UL << 60); })).ToArray() },
        { "type 13", new GgufBytes().Raw(w => Entry(w, "k", 13, () => { })).ToArray() },
        { "elements of \"k\" the type 77", new GgufBytes().Raw(w => Entry(w, "k", 9, () => Array(w, 77, 0, () => { }))).ToArray() },
        { "not valid UTF-8", new GgufBytes().Raw(w => { w.Write(1UL); w.Write((byte)0xFF); w.Write(7u); w.Write(true); }).ToArray() },
        { "\"k\" twice", new GgufBytes().With("k", 1).With("k", 2).ToArray() },
        { "general.alignment = 12", new GgufBytes().With("general.alignment", 12).ToArray() },
        { "general.alignment = 0", new GgufBytes().With("general.alignment", 0).ToArray() },
        { "tensor t twice", new GgufBytes().Tensor("t", 0, 0, 8).Tensor("t", 0, 32, 8).ToArray() },
        { "0 dimensions", new GgufBytes().Tensor("t", 0, 0).ToArray() },
        { "5 dimensions", new GgufBytes().Tensor("t", 0, 0, 1, 1, 1, 1, 1).ToArray() },
        { "a dimension of 0", new GgufBytes().Tensor("t", 0, 0, 8, 0).ToArray() },
        { "a dimension of 18446744073709551615", new GgufBytes().Tensor("t", 0, 0, ulong.MaxValue).ToArray() },
        { "product exceeds 64 bits", new GgufBytes().Tensor("t", 0, 0, 1UL << 32, 1UL << 32).ToArray() },
        { "whole blocks of 32", new GgufBytes().Tensor("t", 2, 0, 33).ToArray() },
        { "no multiple of the alignment 32", new GgufBytes().Tensor("t", 0, 16, 8).ToArray() },
        { "which has 4096 bytes", new GgufBytes().Tensor("t", 0, 4096, 8).ToArray() },
        { "which has 4096 bytes", new GgufBytes().Tensor("t", 0, ulong.MaxValue - 31, 8).ToArray() },
        { "which has 4096 bytes", new GgufBytes().Tensor("t", 0, 0, 1UL << 40).ToArray() },
        { "inside of a", new GgufBytes().Tensor("a", 0, 0, 16).Tensor("b", 0, 32, 8).ToArray() },
        { "cut off", new GgufBytes().With("key", "value").ToArray()[..40] },
        { "is empty", [] },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_file_is_answered_with_one_sentence(string words, byte[] bytes)
    {
        string message = MessageOf<InvalidDataException>(bytes);
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Contains("model.gguf", message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Unsupported => new()
    {
        { "version 1;", new GgufBytes { Version = 1 }.ToArray() },
        { "version 4;", new GgufBytes { Version = 4 }.ToArray() },
        { "big-endian", new GgufBytes { Version = 0x03000000 }.ToArray() },
        { "ggml type 4,", new GgufBytes().Tensor("t", 4, 0, 8).ToArray() },
        { "array of arrays", new GgufBytes().Raw(w => Entry(w, "k", 9, () => Array(w, 9, 1, () => { }))).ToArray() },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void What_is_not_known_is_refused_by_name(string words, byte[] bytes) => Assert.Contains(words, MessageOf<NotSupportedException>(bytes), StringComparison.Ordinal);

    private static string MessageOf<T>(byte[] bytes) where T : Exception
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.gguf"], bytes);
        return Assert.Throws<T>(() => GgufFile.Open(folder["model.gguf"])).Message;
    }

    private static void Entry(BinaryWriter writer, string key, uint type, Action value)
    {
        GgufBytes.Text(writer, key);
        writer.Write(type);
        value();
    }

    private static void Array(BinaryWriter writer, uint type, ulong count, Action values)
    {
        writer.Write(type);
        writer.Write(count);
        values();
    }
}
