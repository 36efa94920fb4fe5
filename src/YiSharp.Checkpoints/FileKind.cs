using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace YiSharp.Checkpoints;

/// <summary>
/// Tells files that can be replaced from pipes, devices and sockets, without opening them: a pipe would wait, a device might act. Linux and macOS are asked; Windows has devices by
/// their names alone (<c>NUL</c>, <c>COM1</c>, <c>\\.\pipe\x</c>).
/// </summary>
internal static partial class FileKind
{
    private const int AtCurrentFolder = -100, MaskType = 1, TypeBits = 0xF000, Regular = 0x8000, Folder = 0x4000;

    // Linux: struct statx, the same on every machine. macOS: struct stat with 64-bit inode numbers, the same on both of its machines.
    private const int LinuxBytes = 256, LinuxMode = 28, MacBytes = 144, MacMode = 4;

    /// <summary>Whether something stands there, behind links too, that is neither a regular file nor a folder. false where the system cannot say.</summary>
    public static bool IsSpecial(string path)
    {
        if (OperatingSystem.IsWindows()) return IsWindowsDevice(Path.GetFullPath(path));
        try
        {
            return (OperatingSystem.IsLinux() ? LinuxType(path) : OperatingSystem.IsMacOS() ? MacType(path) : null) is not (null or Regular or Folder);
        }
        catch (EntryPointNotFoundException)
        {
            return false; // Linux: a C library from before 2018
        }
    }

    /// <summary>Whether a full path is a device's: Windows makes <c>\\.\NUL</c> of <c>NUL</c> in any folder. <c>\\.\C:\x</c> is a file all the same.</summary>
    internal static bool IsWindowsDevice(string fullPath) =>
        (fullPath.StartsWith(@"\\.\", StringComparison.Ordinal) || fullPath.StartsWith(@"\\?\", StringComparison.Ordinal) && fullPath[4..].StartsWith("pipe", StringComparison.OrdinalIgnoreCase))
        && fullPath[4..] is not [(>= 'A' and <= 'Z') or (>= 'a' and <= 'z'), ':', '\\', ..];

    [SupportedOSPlatform("linux")]
    private static int? LinuxType(string path)
    {
        Span<byte> status = stackalloc byte[LinuxBytes];
        return Statx(AtCurrentFolder, path, 0, MaskType, status) == 0 ? BitConverter.ToUInt16(status[LinuxMode..]) & TypeBits : null;
    }

    [SupportedOSPlatform("macos")]
    private static int? MacType(string path)
    {
        Span<byte> status = stackalloc byte[MacBytes];
        int result = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Stat(path, status) : StatInode64(path, status);
        return result == 0 ? BitConverter.ToUInt16(status[MacMode..]) & TypeBits : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatInode64(string path, Span<byte> status);
}
