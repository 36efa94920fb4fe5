namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>
/// Asks memory for what is read next, at five distances: 1, 2, 4 and 8 steps, and a little more. A processor drops a prefetch while all its buffers for misses are taken, and code that waits for memory asks in bursts: what was
/// dropped far ahead is asked for again, nearer. With one distance a core reads 22 GB/s, with five 30 (docs/experiments.md).
/// </summary>
internal static class FetchAhead
{
    private const int LineBytes = 64;

    /// <summary>Most bytes from what is read to what is fetched: beyond, the second-level cache would be filled with what is not read for long.</summary>
    private const long MostBytes = 1 << 16;

    /// <summary>What the farthest is farther than 8 steps, in bytes.</summary>
    private const int Beyond = 4096;

    /// <summary>Bytes of a step, where a group of weights has so many; 8 of them are a group at most, for where a thread's part ends, what lies behind it is fetched in vain.</summary>
    public static nint StepOf(long groupBytes) => (nint)(Math.Min(groupBytes, MostBytes) / 8 / LineBytes * LineBytes);

    /// <summary>Fetches what lies ahead of some bytes.</summary>
    /// <param name="assembler">Where instructions go.</param>
    /// <param name="at">What is read.</param>
    /// <param name="offset">The bytes' offset from there.</param>
    /// <param name="count">Their number.</param>
    /// <param name="step">Holds what <see cref="StepOf"/> gives.</param>
    public static void Append(Assembler assembler, Gpr at, int offset, int count, Gpr step)
    {
        foreach ((int steps, int beyond) in stackalloc[] { (8, Beyond), (8, 0), (4, 0), (2, 0), (1, 0) })
        {
            for (int line = 0; line < count; line += LineBytes) assembler.PrefetchT1(new Memory(at, offset + beyond + line, step, steps));
        }
    }
}
