using System.Runtime.InteropServices;

namespace YiSharp.Tensors;

/// <summary>What the system is told about pages of memory, where it can be told.</summary>
internal static unsafe partial class MappedPages
{
    /// <summary><c>MADV_DONTNEED</c>, the same number on Linux and macOS.</summary>
    private const int DoNotNeed = 4;

    /// <summary><c>MADV_HUGEPAGE</c> of Linux.</summary>
    private const int LargePages = 14;

    /// <summary>A large page's length in bytes on x86-64 and, with pages of 4 KiB, on Arm.</summary>
    public const long LargePage = 2 << 20;

    /// <summary>
    /// Asks for large pages behind memory that was just allocated: weights are read from end to end, and with pages of 4 KiB the walk through the page tables costs a decoded token a tenth of its time.
    /// </summary>
    public static void AskForLarge(byte* pointer, long lengthBytes)
    {
        // Whole large pages alone, so that no memory is resident that was not asked for. A refusal costs speed and nothing else.
        if (OperatingSystem.IsLinux()) _ = Advise(pointer, (nuint)(lengthBytes / LargePage * LargePage), LargePages);
    }

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
