namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>A loop of nothing but <c>vpdpbusd</c>, for <see cref="PeakLoops"/>.</summary>
internal static unsafe class AssembledPeak
{
    /// <summary>Sums that are under way at once.</summary>
    public const int Sums = 16;

    // A field, so that a process that measures nothing assembles nothing.
    private static readonly nint s_function = AssembledProducts.IsSupported && ExecutableCode.TryPlace(Assemble(), out nint function) ? function : 0;

    /// <summary>Whether there is such a loop.</summary>
    public static bool IsSupported => s_function != 0;

    /// <summary>Takes <paramref name="turns"/> times <see cref="Sums"/> products of 64 bytes, and sums them in fours.</summary>
    public static int Int8(int turns)
    {
        Counter counter = new() { End = turns };
        ((delegate* unmanaged[SuppressGCTransition]<Counter*, void>)s_function)(&counter);
        return turns;
    }

    private static byte[] Assemble()
    {
        const Gpr Argument = Gpr.Rdi, Turn = Gpr.Rax;
        const int FirstFactor = Sums, Factors = 16;
        var assembler = new Assembler();
        assembler.Mov(Turn, new Memory(Argument));
        assembler.Align();
        int loop = assembler.Position;
        for (int sum = 0; sum < Sums; sum++) assembler.Vpdpbusd(new Zmm(sum), new Zmm(FirstFactor + sum % Factors), new Zmm(FirstFactor + (sum + 1) % Factors));
        assembler.Add(Turn, 1);
        assembler.Cmp(Turn, new Memory(Argument, sizeof(long)));
        assembler.Jb(loop);
        assembler.Vzeroupper();
        assembler.Ret();
        return assembler.ToArray();
    }

    private struct Counter
    {
        /// <summary>The first turn, and where they end.</summary>
        public long Start, End;
    }
}
