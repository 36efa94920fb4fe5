using System.Runtime.InteropServices;
using System.Text.Json;

namespace YiSharp.Tests;

/// <summary>A safetensors file of expected values, read without the product's own reader.</summary>
internal sealed class GoldenTensors
{
    private readonly byte[] _bytes;
    private readonly JsonElement _header;
    private readonly int _data;

    public GoldenTensors(string path)
    {
        _bytes = File.ReadAllBytes(path);
        int headerBytes = checked((int)BitConverter.ToUInt64(_bytes));
        _header = JsonDocument.Parse(_bytes.AsMemory(8, headerBytes)).RootElement;
        _data = 8 + headerBytes;
    }

    /// <summary>A file among those copied into the repository.</summary>
    public static GoldenTensors Copied(string path) => new(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", path));

    public IEnumerable<string> Names => _header.EnumerateObject().Select(entry => entry.Name).Where(name => name != "__metadata__");

    public int[] Shape(string name) => [.. _header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(n => n.GetInt32())];

    public string Type(string name) => _header.GetProperty(name).GetProperty("dtype").GetString()!;

    public ReadOnlySpan<byte> Bytes(string name)
    {
        JsonElement offsets = _header.GetProperty(name).GetProperty("data_offsets");
        int start = offsets[0].GetInt32(), end = offsets[1].GetInt32();
        return _bytes.AsSpan(_data + start, end - start);
    }

    public T[] Values<T>(string name) where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes(name)).ToArray();
}
