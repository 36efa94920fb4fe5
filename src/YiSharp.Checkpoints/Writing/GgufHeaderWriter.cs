using System.Text;

namespace YiSharp.Checkpoints;

/// <summary>A tensor to be written to a GGUF file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Dimensions">Lengths, the fastest first.</param>
/// <param name="Type">How it is stored.</param>
/// <param name="LengthBytes">Bytes that follow the header for it, without padding.</param>
internal sealed record GgufOutput(string Name, IReadOnlyList<long> Dimensions, GgufType Type, long LengthBytes);

/// <summary>Writes what stands before the weights of a GGUF version 3 file.</summary>
internal static class GgufHeaderWriter
{
    /// <summary>Tensors start at multiples of this many bytes.</summary>
    public const int Alignment = 32;

    private const uint Version = 3;

    /// <summary>The header, padded; each tensor's bytes follow, with <see cref="Padding"/> after each.</summary>
    /// <exception cref="ArgumentException">A value of a type that GGUF does not hold.</exception>
    public static byte[] Header(IReadOnlyList<(string Key, object Value)> metadata, IReadOnlyList<GgufOutput> tensors)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach ((string key, object value) in metadata)
        {
            WriteText(writer, key);
            WriteValue(writer, key, value);
        }
        long offset = 0;
        foreach (GgufOutput tensor in tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Dimensions.Count);
            foreach (long length in tensor.Dimensions) writer.Write((ulong)length);
            writer.Write(tensor.Type.Id);
            writer.Write((ulong)offset);
            offset += tensor.LengthBytes + Padding(tensor.LengthBytes);
        }
        writer.Write(new byte[Padding(stream.Length)]);
        return stream.ToArray();
    }

    /// <summary>Zeros between something of <paramref name="lengthBytes"/> bytes and what comes next.</summary>
    public static int Padding(long lengthBytes) => (int)((Alignment - lengthBytes % Alignment) % Alignment);

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteValue(BinaryWriter writer, string key, object value)
    {
        if (value is not Array array)
        {
            writer.Write(TypeOf(key, value.GetType()));
            WriteElement(writer, value);
            return;
        }
        writer.Write(9u);
        writer.Write(TypeOf(key, value.GetType().GetElementType()!));
        writer.Write((ulong)array.Length);
        foreach (object element in array) WriteElement(writer, element);
    }

    private static uint TypeOf(string key, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => 0,
        TypeCode.SByte => 1,
        TypeCode.UInt16 => 2,
        TypeCode.Int16 => 3,
        TypeCode.UInt32 => 4,
        TypeCode.Int32 => 5,
        TypeCode.Single => 6,
        TypeCode.Boolean => 7,
        TypeCode.String => 8,
        TypeCode.UInt64 => 10,
        TypeCode.Int64 => 11,
        TypeCode.Double => 12,
        _ => throw new ArgumentException($"The metadata {key} is a {type.Name}; GGUF holds numbers, flags, strings and arrays of these."),
    };

    private static void WriteElement(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case byte v: writer.Write(v); break;
            case sbyte v: writer.Write(v); break;
            case ushort v: writer.Write(v); break;
            case short v: writer.Write(v); break;
            case uint v: writer.Write(v); break;
            case int v: writer.Write(v); break;
            case float v: writer.Write(v); break;
            case bool v: writer.Write(v); break;
            case string v: WriteText(writer, v); break;
            case ulong v: writer.Write(v); break;
            case long v: writer.Write(v); break;
            case double v: writer.Write(v); break;
        }
    }
}
