using System.Buffers.Binary;
using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>A tensor to be written to a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DType">How its elements are stored, in the file's words, such as <c>BF16</c>.</param>
/// <param name="Shape">Lengths, slowest dimension first.</param>
/// <param name="LengthBytes">Bytes that <paramref name="Write"/> puts out.</param>
/// <param name="Write">Puts the tensor's bytes into the stream.</param>
public sealed record SafetensorsOutput(string Name, string DType, IReadOnlyList<long> Shape, long LengthBytes, Action<Stream> Write)
{
    /// <summary>A tensor of single-precision numbers.</summary>
    public static SafetensorsOutput FromFloats(string name, IReadOnlyList<long> shape, float[] values) =>
        new(name, "F32", shape, (long)values.Length * sizeof(float), stream => stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)));
}

/// <summary>Writes safetensors files: header padded with spaces to a multiple of 8 bytes, tensors in the order given, atomically.</summary>
public static class SafetensorsWriter
{
    private const int HeaderAlignment = 8;

    /// <summary>Writes a file with the metadata <c>"format": "pt"</c>, without which transformers refuses it.</summary>
    public static void Write(string path, IReadOnlyList<SafetensorsOutput> tensors) => AtomicFile.Write(path, stream =>
    {
        byte[] header = Header(tensors);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (SafetensorsOutput tensor in tensors)
        {
            long start = stream.Position;
            tensor.Write(stream);
            if (stream.Position - start != tensor.LengthBytes) throw new TensorException($"{tensor.Name} was announced with {tensor.LengthBytes} bytes and wrote {stream.Position - start}.");
        }
    });

    private static byte[] Header(IReadOnlyList<SafetensorsOutput> tensors)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonOutput.Compact))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            long offset = 0;
            foreach (SafetensorsOutput tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.DType);
                json.WriteStartArray("shape");
                foreach (long length in tensor.Shape) json.WriteNumberValue(length);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.LengthBytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (stream.Length % HeaderAlignment != 0) stream.WriteByte((byte)' ');
        return stream.ToArray();
    }
}
