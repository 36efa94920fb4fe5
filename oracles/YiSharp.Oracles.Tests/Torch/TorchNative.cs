using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace YiSharp.Oracles.Tests.Torch;

/// <summary>
/// Loads TorchSharp's native library where the C++ runtime is older than the compiler it was built with. The library asks for version
/// GLIBCXX_3.4.32 of libstdc++ (GCC 13; Debian 12 has 3.4.30) for the sake of one symbol, <c>_ZSt21ios_base_library_initv</c>, which
/// &lt;iostream&gt; of GCC 13 mentions so that an older libstdc++ is refused, and which nothing calls: no relocation refers to it, and
/// an older libstdc++ initializes its streams by static objects. Marking that one requirement as weak lets the loader accept it.
/// </summary>
internal static class TorchNative
{
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private const int ProgramHeadersOffset = 0x20;
    private const int ProgramHeaderCountOffset = 0x38;
    private const int ProgramHeaderBytes = 56;
    private const uint LoadSegment = 1;
    private const uint DynamicSegment = 2;
    private const long StringTable = 5;
    private const long VersionNeeds = 0x6ffffffe;
    private const long VersionNeedCount = 0x6fffffff;
    private const ushort WeakVersion = 2;

    /// <summary>Runs before the first test: TorchSharp then finds a library that loads.</summary>
    [ModuleInitializer]
    internal static void Initialize()
    {
        Load();
        TorchSharp.torch.set_num_threads(1); // the models are too small for more
    }

    private static void Load()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        if (!OperatingSystem.IsLinux() || !File.Exists(path)) return;
        try
        {
            NativeLibrary.Load(path);
        }
        catch (DllNotFoundException exception) when (exception.Message.Contains(MissingVersion, StringComparison.Ordinal))
        {
            byte[] library = File.ReadAllBytes(path);
            MakeVersionWeak(library, MissingVersion);
            string patched = path + ".patched";
            File.WriteAllBytes(patched, library);
            File.SetUnixFileMode(patched, File.GetUnixFileMode(path));
            File.Move(patched, path, overwrite: true);
            NativeLibrary.Load(path);
        }
    }

    /// <summary>
    /// Sets VER_FLG_WEAK on a required version in a 64-bit little-endian ELF file (System V ABI, "Symbol versioning":
    /// an Elf64_Verneed names a library, its chain of Elf64_Vernaux the versions; links are relative, in bytes).
    /// </summary>
    private static void MakeVersionWeak(Span<byte> elf, string version)
    {
        (long address, int count) = (Dynamic(elf, VersionNeeds), (int)Dynamic(elf, VersionNeedCount));
        int need = FileOffset(elf, address);
        int strings = FileOffset(elf, Dynamic(elf, StringTable));
        for (; count > 0; count--)
        {
            int auxiliary = need + (int)UInt32(elf, need + 8);
            for (int left = BinaryPrimitives.ReadUInt16LittleEndian(elf[(need + 2)..]); left > 0; left--)
            {
                ReadOnlySpan<byte> name = elf[(strings + (int)UInt32(elf, auxiliary + 8))..];
                if (Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]) == version)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(elf[(auxiliary + 4)..], WeakVersion);
                    return;
                }
                auxiliary += (int)UInt32(elf, auxiliary + 12);
            }
            need += (int)UInt32(elf, need + 12);
        }
        throw new InvalidDataException($"TorchSharp's library does not name {version} among the versions that it needs, though the loader misses it.");
    }

    private static long Dynamic(ReadOnlySpan<byte> elf, long tag)
    {
        for (int entry = (int)Segment(elf, DynamicSegment, 0).Offset; ; entry += 16)
        {
            long found = BinaryPrimitives.ReadInt64LittleEndian(elf[entry..]);
            if (found == tag) return BinaryPrimitives.ReadInt64LittleEndian(elf[(entry + 8)..]);
            if (found == 0) throw new InvalidDataException($"TorchSharp's library has no dynamic entry {tag:x}.");
        }
    }

    private static int FileOffset(ReadOnlySpan<byte> elf, long address)
    {
        (long offset, long start) = Segment(elf, LoadSegment, address);
        return (int)(address - start + offset);
    }

    /// <summary>File offset and address of the first segment of a type that holds an address; any address when it is 0.</summary>
    private static (long Offset, long Address) Segment(ReadOnlySpan<byte> elf, uint type, long address)
    {
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(elf[ProgramHeadersOffset..]);
        for (int left = BinaryPrimitives.ReadUInt16LittleEndian(elf[ProgramHeaderCountOffset..]); left > 0; left--, header += ProgramHeaderBytes)
        {
            if (UInt32(elf, header) != type) continue;
            long offset = BinaryPrimitives.ReadInt64LittleEndian(elf[(header + 8)..]);
            long start = BinaryPrimitives.ReadInt64LittleEndian(elf[(header + 16)..]);
            long size = BinaryPrimitives.ReadInt64LittleEndian(elf[(header + 32)..]);
            if (address == 0 || (address >= start && address < start + size)) return (offset, start);
        }
        throw new InvalidDataException($"TorchSharp's library has no segment of type {type} around {address:x}.");
    }

    private static uint UInt32(ReadOnlySpan<byte> elf, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(elf[offset..]);
}
