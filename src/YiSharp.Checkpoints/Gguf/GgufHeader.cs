using System.Buffers.Binary;
using System.Numerics;

namespace YiSharp.Checkpoints;

/// <summary>What stands before the weights of one GGUF file: metadata, and where each tensor lies. The layout is drawn in docs/formats.md.</summary>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747; // "GGUF", little-endian
    private const uint NewestVersion = 3;
    private const int DefaultAlignment = 32;
    private const int MaxAlignment = 1 << 20;
    private const int MaxDimensions = 4;
    private const int MaxNameBytes = 512;

    private readonly List<GgufTensor> _tensors = [];

    /// <summary>Reads a file from its start; tensors are not touched.</summary>
    public GgufHeader(MappedFile file)
    {
        File = file;
        Metadata = new GgufMetadata(file.Path);
        var cursor = new GgufCursor(Path, file.Memory);
        ReadMetadata(cursor, ReadCounts(cursor, out int tensorCount));
        ReadTensors(cursor, tensorCount);
    }

    /// <summary>The file.</summary>
    public MappedFile File { get; }

    /// <summary>Metadata in the file's order.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>Tensors in the file's order.</summary>
    public IReadOnlyList<GgufTensor> Tensors => _tensors;

    /// <summary>Tensors start at multiples of this many bytes.</summary>
    public int Alignment { get; private set; } = DefaultAlignment;

    private string Path => File.Path;

    private int ReadCounts(GgufCursor cursor, out int tensorCount)
    {
        if (cursor.Remaining < 24 || cursor.UInt32("magic") != Magic)
        {
            throw new InvalidDataException($"{Path} does not start with \"GGUF\"; it is no GGUF file. Give a .gguf file, or a folder with config.json and safetensors.");
        }
        uint version = cursor.UInt32("version");
        if (BinaryPrimitives.ReverseEndianness(version) is > 0 and <= NewestVersion) throw new NotSupportedException($"{Path} is a big-endian GGUF file; little-endian files can be read. Convert it again for this machine.");
        if (version is not (2 or NewestVersion)) throw new NotSupportedException($"{Path} is GGUF version {version}; versions 2 and {NewestVersion} can be read. Convert it again with a newer llama.cpp.");
        tensorCount = cursor.Count("number of tensors", leastBytes: 32);
        return cursor.Count("number of metadata entries", leastBytes: 13);
    }

    private void ReadMetadata(GgufCursor cursor, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string key = cursor.Text($"the key of metadata entry {i + 1} of {count}", MaxNameBytes);
            uint type = cursor.UInt32($"the type of \"{key}\"");
            if (!Metadata.TryAdd(key, cursor.Value(type, key))) throw new InvalidDataException($"{Path} holds the metadata \"{key}\" twice; each key may occur once. The file is damaged, convert it again.");
        }
        if (Metadata.WholeNumber("general.alignment", 1, MaxAlignment) is int alignment)
        {
            if (!BitOperations.IsPow2(alignment) || alignment < 8) throw Metadata.Wrong("general.alignment", "a power of two from 8 on");
            Alignment = alignment;
        }
    }

    private void ReadTensors(GgufCursor cursor, int count)
    {
        var relative = new List<(string Name, long[] Dimensions, GgufType Type, ulong Offset, long Length)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string name = cursor.Text($"the name of tensor {i + 1} of {count}", MaxNameBytes);
            if (!names.Add(name)) throw new InvalidDataException($"{Path} holds the tensor {name} twice; each name may occur once. The file is damaged, convert it again.");
            long[] dimensions = ReadDimensions(cursor, name);
            uint typeId = cursor.UInt32($"the type of {name}");
            GgufType type = GgufType.Find(typeId) ?? throw new NotSupportedException($"{Path} stores {name} in ggml type {typeId}, which is not known; {GgufType.Readable} can be read. Convert the model to one of these.");
            relative.Add((name, dimensions, type, cursor.UInt64($"the offset of {name}"), LengthOf(name, dimensions, type)));
        }

        long dataStart = (cursor.Position + Alignment - 1) / Alignment * Alignment;
        foreach ((string name, long[] dimensions, GgufType type, ulong offset, long length) in relative)
        {
            if (offset % (ulong)Alignment != 0) throw new InvalidDataException($"{Path} puts {name} at offset {offset}, which is no multiple of the alignment {Alignment}; the file is damaged, convert it again.");
            long available = File.Memory.LengthBytes - dataStart;
            if (available < length || offset > (ulong)(available - length))
            {
                throw new InvalidDataException($"{Path} puts the {length} bytes of {name} at offset {offset} of its data, which has {Math.Max(available, 0)} bytes; the file is cut off or damaged, fetch it again.");
            }
            _tensors.Add(new GgufTensor(name, dimensions, type, dataStart + (long)offset, length, File.Memory, File.Path));
        }
        RequireNoOverlap();
    }

    private long[] ReadDimensions(GgufCursor cursor, string name)
    {
        uint count = cursor.UInt32($"the number of dimensions of {name}");
        if (count is 0 or > MaxDimensions) throw new InvalidDataException($"{Path} gives {name} {count} dimensions; 1 to {MaxDimensions} were expected. The file is damaged, fetch it again.");
        var dimensions = new long[count];
        for (int i = 0; i < count; i++)
        {
            ulong length = cursor.UInt64($"the dimensions of {name}");
            if (length is 0 or > long.MaxValue) throw new InvalidDataException($"{Path} gives {name} a dimension of {length}; the file is damaged, fetch it again.");
            dimensions[i] = (long)length;
        }
        return dimensions;
    }

    private long LengthOf(string name, long[] dimensions, GgufType type)
    {
        if (dimensions[0] % type.BlockLength != 0)
        {
            throw new InvalidDataException($"{Path} stores {name} in {type} with rows of {dimensions[0]} weights, which do not consist of whole blocks of {type.BlockLength}; the file is damaged, convert it again.");
        }
        try
        {
            return checked(dimensions.Aggregate((product, length) => product * length) / type.BlockLength * type.BlockBytes);
        }
        catch (OverflowException e)
        {
            throw new InvalidDataException($"{Path} gives {name} the dimensions [{string.Join(", ", dimensions)}], whose product exceeds 64 bits; the file is damaged, fetch it again.", e);
        }
    }

    private void RequireNoOverlap()
    {
        GgufTensor? last = null;
        foreach (GgufTensor tensor in _tensors.OrderBy(t => t.OffsetBytes))
        {
            if (last is not null && tensor.OffsetBytes < last.OffsetBytes + last.LengthBytes)
            {
                throw new InvalidDataException($"{Path} puts {tensor.Name} at byte {tensor.OffsetBytes}, inside of {last.Name}, which reaches to {last.OffsetBytes + last.LengthBytes}; the file is damaged, convert it again.");
            }
            last = tensor;
        }
    }
}
