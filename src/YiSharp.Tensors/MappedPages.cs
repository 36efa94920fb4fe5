using System.Runtime.InteropServices;

namespace YiSharp.Tensors;

/// <summary>What the system is told about pages of mapped files, where it can be told.</summary>
internal static unsafe partial class MappedPages
{
    /// <summary><c>MADV_DONTNEED</c>, the same number on Linux and macOS.</summary>
    private const int DoNotNeed = 4;

    /// <summary>Lets the whole pages in a part of a read-only mapping go.</summary>
    public static void Release(byte* pointer, long lengthBytes)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return;
        long page = Environment.SystemPageSize;
        long start = ((long)pointer + page - 1) / page * page, end = ((long)pointer + lengthBytes) / page * page;
        // A refusal costs memory and nothing else.
        if (end > start) _ = Advise((byte*)start, (nuint)(end - start), DoNotNeed);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* start, nuint lengthBytes, int advice);
}
