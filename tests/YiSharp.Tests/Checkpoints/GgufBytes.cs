using System.Text;

namespace YiSharp.Tests.Checkpoints;

/// <summary>A GGUF file put together by hand, lies included.</summary>
internal sealed class GgufBytes
{
    private readonly List<byte[]> _metadata = [];
    private readonly List<byte[]> _tensors = [];

    public uint Magic { get; init; } = 0x46554747;

    public uint Version { get; init; } = 3;

    public ulong? TensorCount { get; init; }

    public ulong? MetadataCount { get; init; }

    public int DataBytes { get; init; } = 4096;

    public static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        write(writer);
        return stream.ToArray();
    }

    public static void Text(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    public GgufBytes Raw(Action<BinaryWriter> write)
    {
        _metadata.Add(Bytes(write));
        return this;
    }

    public GgufBytes With(string key, uint value) => Raw(w =>
    {
        Text(w, key);
        w.Write(4u);
        w.Write(value);
    });

    public GgufBytes With(string key, float value) => Raw(w =>
    {
        Text(w, key);
        w.Write(6u);
        w.Write(value);
    });

    public GgufBytes With(string key, string value) => Raw(w =>
    {
        Text(w, key);
        w.Write(8u);
        Text(w, value);
    });

    public GgufBytes Tensor(string name, uint type, ulong offset, params ulong[] dimensions)
    {
        _tensors.Add(Bytes(w =>
        {
            Text(w, name);
            w.Write((uint)dimensions.Length);
            foreach (ulong dimension in dimensions) w.Write(dimension);
            w.Write(type);
            w.Write(offset);
        }));
        return this;
    }

    public byte[] ToArray() => Bytes(w =>
    {
        w.Write(Magic);
        w.Write(Version);
        w.Write(TensorCount ?? (ulong)_tensors.Count);
        w.Write(MetadataCount ?? (ulong)_metadata.Count);
        foreach (byte[] bytes in _metadata.Concat(_tensors)) w.Write(bytes);
        w.Write(new byte[(32 - w.BaseStream.Length % 32) % 32 + DataBytes]);
    });
}
