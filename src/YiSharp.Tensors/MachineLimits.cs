using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>
/// What a machine reaches at most with some threads, measured: what the speed of a computation is held against. A product and its addition
/// count as two operations.
/// </summary>
/// <param name="ReadGigabytesPerSecond">10⁹ bytes a second read from memory by all threads together, in long streams.</param>
/// <param name="Int8GigaoperationsPerSecond">10⁹ operations a second on bytes, operands in registers, by the instructions that the kernels use: <c>vpdpbusd</c>, or <c>vpmaddubsw</c> with sums of 16 bits.</param>
/// <param name="F32GigaoperationsPerSecond">10⁹ operations a second in single precision, operands in registers.</param>
public sealed record MachineLimits(double ReadGigabytesPerSecond, double Int8GigaoperationsPerSecond, double F32GigaoperationsPerSecond)
{
    /// <summary>Passes of each kind; the best counts, for a machine's limit is not what it does beside something else.</summary>
    private const int Passes = 5;

    /// <summary>Pieces of a pass for each thread, so that threads end together.</summary>
    private const int PiecesPerThread = 16;

    /// <summary>Shortest time that is taken for a measurement.</summary>
    private const double LeastSeconds = 0.02;

    /// <summary>The widest instructions that the kernels use here.</summary>
    public static string Instructions => PackedWeight.Widest switch
    {
        InstructionSet.Vnni => "avx512 with vnni",
        InstructionSet.Avx512 => "avx512",
        InstructionSet.Avx2 => "avx2",
        _ => AdvSimd.IsSupported ? "neon" : Vector128.IsHardwareAccelerated ? "vectors of 128 bits" : "none",
    };

    /// <summary>Measures, in about a second.</summary>
    /// <param name="parallelism">The threads.</param>
    /// <param name="bufferBytes">Bytes to read; must be far more than the caches hold.</param>
    /// <param name="cancellation">Ends it between two passes.</param>
    public static MachineLimits Measure(Parallelism parallelism, long bufferBytes = ReadMeter.DefaultBufferBytes, CancellationToken cancellation = default)
    {
        using var meter = new ReadMeter(parallelism, bufferBytes);
        return new MachineLimits(
            ReadSpeed(meter, cancellation),
            Speed(parallelism, PeakLoops.Int8Operations, static () => PeakLoops.Int8(), cancellation) / 1e9,
            Speed(parallelism, PeakLoops.F32Operations, static () => PeakLoops.F32(), cancellation) / 1e9);
    }

    /// <summary>The limits of works between this measurement and another: the higher ones, for something else may have been at work.</summary>
    public MachineLimits Until(MachineLimits after) => new(
        Math.Max(ReadGigabytesPerSecond, after.ReadGigabytesPerSecond),
        Math.Max(Int8GigaoperationsPerSecond, after.Int8GigaoperationsPerSecond),
        Math.Max(F32GigaoperationsPerSecond, after.F32GigaoperationsPerSecond));

    private static double ReadSpeed(ReadMeter meter, CancellationToken cancellation)
    {
        double best = 0;
        for (int pass = 0; pass < Passes; pass++)
        {
            cancellation.ThrowIfCancellationRequested();
            best = Math.Max(best, meter.GigabytesPerSecond());
        }
        return best;
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
