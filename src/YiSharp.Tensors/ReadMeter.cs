using System.Diagnostics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>Measures how fast memory is read by all threads together, in long streams, as often as one wants: it changes within seconds.</summary>
public sealed class ReadMeter : IDisposable
{
    /// <summary>Bytes read where nothing else is asked for: many times what caches hold.</summary>
    public const long DefaultBufferBytes = 512L << 20;

    /// <summary>What a thread reads before it looks for more.</summary>
    private const int ChunkBytes = 1 << 20;

    private readonly Parallelism _parallelism;
    private readonly TensorMemory _memory;
    private readonly int _chunks;

    /// <summary>Makes the buffer.</summary>
    /// <param name="parallelism">The threads.</param>
    /// <param name="bufferBytes">Bytes to read; must be far more than the caches hold.</param>
    public ReadMeter(Parallelism parallelism, long bufferBytes = DefaultBufferBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferBytes, ChunkBytes);
        (_parallelism, _chunks) = (parallelism, (int)(bufferBytes / ChunkBytes));
        _memory = TensorMemory.AllocateUnset((long)_chunks * ChunkBytes);
        // Written by the threads that will read it: pages that nobody wrote are all the same one.
        parallelism.For(_chunks, 1, _memory, static (in TensorMemory to, int start, int end) =>
        {
            for (int chunk = start; chunk < end; chunk++) to.Slice((long)chunk * ChunkBytes, ChunkBytes).Fill((byte)chunk);
        });
    }

    /// <summary>10⁹ bytes a second, over some passes through the buffer.</summary>
    public double GigabytesPerSecond(int sweeps = 2)
    {
        long start = Stopwatch.GetTimestamp();
        for (int sweep = 0; sweep < sweeps; sweep++) _parallelism.For(_chunks, 1, _memory, ReadChunks);
        return (double)sweeps * _chunks * ChunkBytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static unsafe void ReadChunks(in TensorMemory memory, int start, int end)
    {
        for (int chunk = start; chunk < end; chunk++) PeakLoops.Read(memory.Pointer + (long)chunk * ChunkBytes, ChunkBytes);
    }
}
