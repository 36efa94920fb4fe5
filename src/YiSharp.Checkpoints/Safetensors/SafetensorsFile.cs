using System.Buffers.Binary;
using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DType">How its elements are stored, in the file's words, such as <c>BF16</c>.</param>
/// <param name="Shape">Lengths, slowest dimension first; empty for one number.</param>
/// <param name="OffsetBytes">Where it starts, bytes from the file's start.</param>
/// <param name="LengthBytes">How long it is, bytes.</param>
public sealed record SafetensorsTensor(string Name, string DType, IReadOnlyList<long> Shape, long OffsetBytes, long LengthBytes);

/// <summary>
/// A safetensors file, memory-mapped: u64 header length, JSON header, then the tensors one after the other without holes. Held to
/// the rules of the original library (huggingface/safetensors, safetensors/src/tensor.rs, <c>Metadata::validate</c>).
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const long MaxHeaderBytes = 100_000_000;

    /// <summary>Bits of an element. Sub-byte types are known so that their names appear in messages.</summary>
    private static readonly Dictionary<string, int> ElementBits = new(StringComparer.Ordinal)
    {
        ["F64"] = 64, ["F32"] = 32, ["F16"] = 16, ["BF16"] = 16,
        ["I64"] = 64, ["I32"] = 32, ["I16"] = 16, ["I8"] = 8,
        ["U64"] = 64, ["U32"] = 32, ["U16"] = 16, ["U8"] = 8, ["BOOL"] = 8, ["C64"] = 64,
        ["F8_E4M3"] = 8, ["F8_E5M2"] = 8, ["F8_E8M0"] = 8, ["F8_E4M3FNUZ"] = 8, ["F8_E5M2FNUZ"] = 8, ["F6_E2M3"] = 6, ["F6_E3M2"] = 6, ["F4"] = 4,
    };

    private readonly MappedFile _file;
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsFile(MappedFile file)
    {
        _file = file;
        long length = file.Memory.LengthBytes;
        if (length < 8) throw new InvalidDataException($"{Path} has {length} bytes; a safetensors file starts with 8 bytes of header length. Fetch it again.");
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(file.Memory.Slice(0, 8));
        if (headerBytes > MaxHeaderBytes || (long)headerBytes > length - 8)
        {
            throw new InvalidDataException($"{Path} says that its header has {headerBytes} bytes; the file has {length} in all and a header at most {MaxHeaderBytes}. It is cut off or no safetensors file: fetch it again.");
        }
        ReadHeader(JsonFile.Parse($"The header of {Path}", file.Memory.Slice(8, (int)headerBytes).ToArray()), 8 + (long)headerBytes);
    }

    /// <summary>Where the file lies.</summary>
    public string Path => _file.Path;

    /// <summary>Tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    /// <summary>Strings that the writer added, such as <c>format</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The file itself; valid until this object is disposed of.</summary>
    internal MappedFile Mapped => _file;

    /// <summary>The file's bytes; valid until this object is disposed of.</summary>
    internal TensorMemory Memory => _file.Memory;

    /// <summary>Maps a file and reads its header; tensors are not touched.</summary>
    /// <exception cref="InvalidDataException">The file is absent, cut off, damaged or inconsistent.</exception>
    /// <exception cref="NotSupportedException">A type of elements that is not known.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The weight format of a tensor's elements.</summary>
    /// <exception cref="NotSupportedException">They are no weights that can be read.</exception>
    public static WeightFormat FormatOf(string file, SafetensorsTensor tensor) => tensor.DType switch
    {
        "F32" => WeightFormat.F32,
        "F16" => WeightFormat.F16,
        "BF16" => WeightFormat.BF16,
        _ => throw new NotSupportedException($"{file} stores {tensor.Name} as {tensor.DType}; weights in F32, F16 and BF16 can be read. Convert the checkpoint to one of these."),
    };

    /// <summary>A tensor's elements as single-precision numbers, [all].</summary>
    /// <exception cref="InvalidDataException">The file has no such tensor.</exception>
    public float[] ToFloats(string name)
    {
        SafetensorsTensor tensor = this[name];
        WeightFormat format = FormatOf(Path, tensor);
        var values = new float[Math.Min(tensor.LengthBytes / format.BlockBytes, Array.MaxLength)];
        if (values.Length > 0) format.Dequantize(Bytes(name), values);
        return values;
    }

    /// <summary>A tensor's bytes, at most 2 GiB; valid until this object is disposed of.</summary>
    /// <exception cref="InvalidDataException">The file has no such tensor.</exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        SafetensorsTensor tensor = this[name];
        if (tensor.LengthBytes > int.MaxValue) throw new NotSupportedException($"{name} in {Path} has {tensor.LengthBytes} bytes; at most 2 GiB can be taken at once.");
        return Memory.Slice(tensor.OffsetBytes, (int)tensor.LengthBytes);
    }

    /// <summary>A tensor by name.</summary>
    /// <exception cref="InvalidDataException">The file has no such tensor.</exception>
    public SafetensorsTensor this[string name] => _tensors.TryGetValue(name, out SafetensorsTensor? tensor) ? tensor : throw new InvalidDataException($"{Path} has no tensor {name}; it holds {_tensors.Count} others.");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadHeader(JsonFile header, long dataStart)
    {
        foreach (JsonProperty field in header.Fields)
        {
            string name = field.Name;
            if (name == "__metadata__") ReadMetadata(header);
            else _tensors.Add(name, ReadTensor(name, header.Object(field), dataStart));
        }

        long end = dataStart;
        foreach (SafetensorsTensor tensor in _tensors.Values.OrderBy(t => t.OffsetBytes).ThenBy(t => t.LengthBytes))
        {
            if (tensor.OffsetBytes != end)
            {
                string what = tensor.OffsetBytes < end ? "overlaps the tensor before it" : "leaves a hole before it";
                throw new InvalidDataException($"{Path} puts {tensor.Name} at byte {tensor.OffsetBytes - dataStart} of its data, which {what} (expected {end - dataStart}); the file is damaged, fetch it again.");
            }
            end += tensor.LengthBytes;
        }
        if (end != _file.Memory.LengthBytes)
        {
            throw new InvalidDataException($"{Path} has {_file.Memory.LengthBytes - dataStart} bytes of data where its header describes {end - dataStart}; the file is cut off or damaged, fetch it again.");
        }
    }

    private void ReadMetadata(JsonFile header)
    {
        if (header.Object("__metadata__") is not JsonFile metadata) return;
        foreach (JsonProperty field in metadata.Fields) _metadata.Add(field.Name, field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()! : throw metadata.Wrong(field.Name, "a string"));
    }

    private SafetensorsTensor ReadTensor(string name, JsonFile json, long dataStart)
    {
        string dtype = json.Text("dtype") ?? throw json.Wrong("dtype", "a type such as \"F32\"");
        if (!ElementBits.TryGetValue(dtype, out int bits)) throw new NotSupportedException($"{Path} stores {name} as {dtype}, which is not known; F32, F16 and BF16 can be read as weights.");
        IReadOnlyList<long> shape = Longs(json, "shape");
        IReadOnlyList<long> offsets = Longs(json, "data_offsets");
        long available = _file.Memory.LengthBytes - dataStart;
        if (offsets.Count != 2 || offsets[0] > offsets[1] || offsets[1] > available)
        {
            throw json.Wrong("data_offsets", $"[begin, end] with begin at most end and end at most {available}, the bytes of data in the file");
        }
        if (!TryLength(shape, bits, out long length)) throw json.Wrong("shape", $"lengths whose product times {bits} bits fits in 64 bits and fills whole bytes");
        if (length != offsets[1] - offsets[0])
        {
            throw new InvalidDataException($"{Path} gives {name}, {dtype} [{string.Join(", ", shape)}], {offsets[1] - offsets[0]} bytes; its shape needs {length}. The file is damaged, fetch it again.");
        }
        return new SafetensorsTensor(name, dtype, shape, dataStart + offsets[0], length);
    }

    private static bool TryLength(IReadOnlyList<long> shape, int bits, out long lengthBytes)
    {
        lengthBytes = 0;
        UInt128 product = (UInt128)bits;
        foreach (long length in shape)
        {
            product *= (UInt128)length;
            if (product > long.MaxValue) return false;
        }
        if (product % 8 != 0) return false;
        lengthBytes = (long)(product / 8);
        return true;
    }

    private static List<long> Longs(JsonFile json, string field)
    {
        if (!json.TryGet(field, out JsonElement value) || value.ValueKind != JsonValueKind.Array) throw json.Wrong(field, "a list of whole numbers from 0 on");
        var numbers = new List<long>();
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out long number) || number < 0) throw json.Wrong(field, "a list of whole numbers from 0 on");
            numbers.Add(number);
        }
        return numbers;
    }
}
