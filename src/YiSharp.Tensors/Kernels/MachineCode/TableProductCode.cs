namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>Products with many rows of activations: scales are read from a table in single precision, which all rows share.</summary>
internal sealed class TableProductCode(int codeBits, bool isHalved, bool hasOffsets, int rows) : ProductCode(codeBits, isHalved, hasOffsets, rows)
{
    private const Gpr Offsets = Gpr.Rcx;

    protected override int BlocksPerTurn => 1;

    protected override void Begin()
    {
        base.Begin();
        if (HasOffsets) Assembler.Mov(Offsets, Field(nameof(ProductCall.Offsets)));
    }

    protected override void ReadScales(int block)
    {
        for (int part = 0; part < Parts; part++)
        {
            Assembler.Vmovups(Scale(part), new Memory(Scales, part * VectorBytes));
            if (HasOffsets) Assembler.Vmovups(Offset(part), new Memory(Offsets, part * VectorBytes));
        }
    }

    protected override void Advance()
    {
        base.Advance();
        Assembler.Add(Scales, Parts * VectorBytes);
        if (HasOffsets) Assembler.Add(Offsets, Parts * VectorBytes);
    }
}
