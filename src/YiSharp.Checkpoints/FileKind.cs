using System.Runtime.InteropServices;

namespace YiSharp.Checkpoints;

/// <summary>Tells files that can be replaced from pipes, devices and sockets, without opening them: a pipe would wait, a device might act.</summary>
internal static partial class FileKind
{
    private const int AtCurrentFolder = -100, MaskType = 1, ModeOffset = 28, StatxBytes = 256, TypeBits = 0xF000, Regular = 0x8000, Folder = 0x4000;

    /// <summary>Whether something stands there, behind links too, that is neither a regular file nor a folder. false where the system cannot say.</summary>
    public static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux()) return false;
        Span<byte> status = stackalloc byte[StatxBytes];
        try
        {
            if (Statx(AtCurrentFolder, path, 0, MaskType, status) != 0) return false;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // a C library from before 2018
        }
        return (BitConverter.ToUInt16(status[ModeOffset..]) & TypeBits) is not (Regular or Folder);
    }

    /// <summary>Its structure is the same on every machine, unlike that of stat.</summary>
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);
}
