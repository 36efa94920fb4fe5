using System.Diagnostics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>
/// What a machine reaches at most with some threads, measured: what the speed of a computation is held against. A product and its addition
/// count as two operations.
/// </summary>
/// <param name="ReadGigabytesPerSecond">10⁹ bytes a second read from memory by all threads together, in long streams.</param>
/// <param name="Int8GigaoperationsPerSecond">10⁹ operations a second on bytes with sums in 16 bits, operands in registers.</param>
/// <param name="F32GigaoperationsPerSecond">10⁹ operations a second in single precision, operands in registers.</param>
public sealed record MachineLimits(double ReadGigabytesPerSecond, double Int8GigaoperationsPerSecond, double F32GigaoperationsPerSecond)
{
    /// <summary>Bytes read where nothing else is asked for: many times what caches hold.</summary>
    public const long DefaultBufferBytes = 512L << 20;

    /// <summary>What a thread reads before it looks for more.</summary>
    private const int ReadChunkBytes = 1 << 20;

    /// <summary>Passes of each kind; the best counts, for a machine's limit is not what it does beside something else.</summary>
    private const int Passes = 5;

    /// <summary>Pieces of a pass for each thread, so that threads end together.</summary>
    private const int PiecesPerThread = 16;

    /// <summary>Shortest time that is taken for a measurement.</summary>
    private const double LeastSeconds = 0.02;

    /// <summary>Measures, in about a second.</summary>
    /// <param name="parallelism">The threads.</param>
    /// <param name="bufferBytes">Bytes to read; must be far more than the caches hold.</param>
    /// <param name="cancellation">Ends it between two passes.</param>
    public static MachineLimits Measure(Parallelism parallelism, long bufferBytes = DefaultBufferBytes, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferBytes, ReadChunkBytes);
        return new MachineLimits(
            ReadSpeed(parallelism, bufferBytes, cancellation) / 1e9,
            Speed(parallelism, PeakLoops.Int8Operations, static () => PeakLoops.Int8(), cancellation) / 1e9,
            Speed(parallelism, PeakLoops.F32Operations, static () => PeakLoops.F32(), cancellation) / 1e9);
    }

    /// <summary>
    /// The limits of works between this measurement and another right after them: the higher ones of arithmetic, for something else may have been at work; of
    /// memory what it gives after the works, for a rested one may give more for a while than it can go on giving.
    /// </summary>
    public MachineLimits Until(MachineLimits after) => new(
        after.ReadGigabytesPerSecond,
        Math.Max(Int8GigaoperationsPerSecond, after.Int8GigaoperationsPerSecond),
        Math.Max(F32GigaoperationsPerSecond, after.F32GigaoperationsPerSecond));

    private static double ReadSpeed(Parallelism parallelism, long bufferBytes, CancellationToken cancellation)
    {
        int chunks = (int)(bufferBytes / ReadChunkBytes);
        using TensorMemory memory = TensorMemory.AllocateUnset((long)chunks * ReadChunkBytes);
        // Written by the threads that will read it: pages that nobody wrote are all the same one.
        parallelism.For(chunks, 1, memory, static (in TensorMemory to, int start, int end) =>
        {
            for (int chunk = start; chunk < end; chunk++) to.Slice((long)chunk * ReadChunkBytes, ReadChunkBytes).Fill((byte)chunk);
        });
        return (double)chunks * ReadChunkBytes * Best(sweeps =>
        {
            for (int sweep = 0; sweep < sweeps; sweep++) parallelism.For(chunks, 1, memory, ReadChunks);
        }, cancellation);
    }

    private static unsafe void ReadChunks(in TensorMemory memory, int start, int end)
    {
        for (int chunk = start; chunk < end; chunk++) PeakLoops.Read(memory.Pointer + (long)chunk * ReadChunkBytes, ReadChunkBytes);
    }

    private static double Speed(Parallelism parallelism, long operationsPerCall, Action call, CancellationToken cancellation)
    {
        int pieces = parallelism.ThreadCount * PiecesPerThread;
        return (double)operationsPerCall * pieces * Best(
            calls => parallelism.For(pieces, 1, (call, calls), static (in (Action Call, int Calls) loop, int start, int end) =>
            {
                for (int i = 0; i < loop.Calls; i++) loop.Call();
            }), cancellation);
    }

    /// <summary>How often a second something can be done, at best.</summary>
    /// <param name="repeat">Does it a number of times.</param>
    /// <param name="cancellation">Ends it between two passes.</param>
    private static double Best(Action<int> repeat, CancellationToken cancellation)
    {
        int count = 1;
        while (Seconds(repeat, count, cancellation) < LeastSeconds && count < 1 << 20) count *= 2;
        double best = double.PositiveInfinity;
        for (int pass = 0; pass < Passes; pass++) best = Math.Min(best, Seconds(repeat, count, cancellation));
        return count / best;
    }

    private static double Seconds(Action<int> repeat, int count, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        repeat(count);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
