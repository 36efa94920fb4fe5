using System.Runtime.InteropServices;

namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>Memory that holds instructions, for as long as the process lives; never writable and executable at once.</summary>
internal static unsafe partial class ExecutableCode
{
    // Of Linux on x86-64.
    private const int Read = 1, Write = 2, Execute = 4, Private = 2, Anonymous = 0x20;

    private const byte Return = 0xC3;

    /// <summary>Whether the system lets instructions be written and called.</summary>
    public static bool IsAllowed { get; } = OperatingSystem.IsLinux() && TryPlace([Return], out _);

    /// <summary>Puts instructions where they can be called; false where the system does not allow it.</summary>
    public static bool TryPlace(ReadOnlySpan<byte> code, out nint function)
    {
        function = 0;
        var length = (nuint)code.Length;
        byte* memory = Map(null, length, Read | Write, Private | Anonymous, -1, 0);
        if ((nint)memory == -1) return false;
        code.CopyTo(new Span<byte>(memory, code.Length));
        if (Protect(memory, length, Read | Execute) != 0)
        {
            _ = Unmap(memory, length);
            return false;
        }
        function = (nint)memory;
        return true;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(byte* address, nuint lengthBytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(byte* address, nuint lengthBytes, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(byte* address, nuint lengthBytes);
}
