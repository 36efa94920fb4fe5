using System.Runtime.InteropServices;

namespace YiSharp.Tensors;

/// <summary>
/// Bytes outside the managed heap: allocated here (64-byte aligned, zeroed) or lent by an owner such as a memory-mapped file.
/// May be longer than 2 GiB; spans over parts of it may not.
/// </summary>
public sealed unsafe class TensorMemory : IDisposable
{
    private const nuint Alignment = 64;

    private byte* _pointer;
    private readonly IDisposable? _owner;
    private readonly bool _isMapped;

    private TensorMemory(byte* pointer, long lengthBytes, IDisposable? owner, bool isMapped = false)
    {
        _pointer = pointer;
        LengthBytes = lengthBytes;
        _owner = owner;
        _isMapped = isMapped;
        if (owner is not null) GC.SuppressFinalize(this);
    }

    /// <summary>Frees memory that nobody disposed of.</summary>
    ~TensorMemory() => Free();

    /// <summary>Length in bytes.</summary>
    public long LengthBytes { get; }

    /// <summary>The first byte. Valid while this object is reachable and not disposed.</summary>
    public byte* Pointer => _pointer;

    /// <summary>Zeroed memory of <paramref name="lengthBytes"/> bytes.</summary>
    public static TensorMemory Allocate(long lengthBytes)
    {
        TensorMemory memory = AllocateUnset(lengthBytes);
        NativeMemory.Clear(memory._pointer, (nuint)lengthBytes);
        return memory;
    }

    /// <summary>Memory of <paramref name="lengthBytes"/> bytes with arbitrary contents, for callers that write all of it.</summary>
    public static TensorMemory AllocateUnset(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        var length = (nuint)Math.Max(lengthBytes, 1);
        bool isLarge = lengthBytes >= 2 * MappedPages.LargePage;
        var pointer = (byte*)NativeMemory.AlignedAlloc(length, isLarge ? (nuint)MappedPages.LargePage : Alignment);
        if (isLarge) MappedPages.AskForLarge(pointer, lengthBytes);
        GC.AddMemoryPressure((long)length);
        return new TensorMemory(pointer, lengthBytes, owner: null);
    }

    /// <summary>Memory that belongs to <paramref name="owner"/>, which is kept alive by this object and not disposed by it.</summary>
    public static TensorMemory Lend(byte* pointer, long lengthBytes, IDisposable owner) => new(pointer, lengthBytes, owner);

    /// <summary>The same for a file that is mapped read-only: what is in memory of it can be let go, since it can be read again.</summary>
    public static TensorMemory LendMapped(byte* pointer, long lengthBytes, IDisposable owner) => new(pointer, lengthBytes, owner, isMapped: true);

    /// <summary>
    /// Lets the whole pages of a part of a mapped file go, so that they do not count as this program's memory; who reads them again gets them again.
    /// Does nothing to other memory, nor where the system offers no such thing.
    /// </summary>
    public void Release(long offsetBytes, long lengthBytes)
    {
        if (!_isMapped || _pointer is null) return;
        long start = Math.Clamp(offsetBytes, 0, LengthBytes), end = Math.Clamp(offsetBytes + lengthBytes, start, LengthBytes);
        MappedPages.Release(_pointer + start, end - start);
    }

    /// <summary><paramref name="lengthBytes"/> bytes from <paramref name="offsetBytes"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside.</exception>
    public Span<byte> Slice(long offsetBytes, int lengthBytes)
    {
        ObjectDisposedException.ThrowIf(_pointer is null, this);
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes > LengthBytes - lengthBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(offsetBytes), $"Bytes {offsetBytes} + {lengthBytes} lie outside of {LengthBytes}.");
        }
        return new Span<byte>(_pointer + offsetBytes, lengthBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_owner is null && _pointer is not null)
        {
            NativeMemory.AlignedFree(_pointer);
            GC.RemoveMemoryPressure(Math.Max(LengthBytes, 1));
        }
        _pointer = null;
    }
}
