namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>
/// Products with few rows of activations, as fast as memory gives the weights: scales are read as <see cref="ScaleTable"/> stores them, with its arithmetic, and what comes
/// next is fetched.
/// </summary>
internal sealed class StoredProductCode(AffineForm form, int rows) : ProductCode(form.CodeBits, form.GroupLength < BlockLength, form.HasOffsets, rows)
{
    private const int HalvesBytes = GroupRows * sizeof(ushort);

    private const Gpr Ahead = Gpr.Rcx;

    protected override int BlocksPerTurn => form.BlockLength / BlockLength;

    /// <summary>What all groups of one of the file's blocks share.</summary>
    private Zmm BlockScale => First;

    private Zmm BlockOffset => Second;

    /// <summary>Whether there are such instructions.</summary>
    public static bool Takes(AffineForm form) => form.Scales != GroupScales.PowerOfTwo;

    protected override void Begin()
    {
        base.Begin();
        Assembler.Mov(Ahead, Field(nameof(ProductCall.Ahead)));
    }

    protected override void ReadScales(int block)
    {
        if (block == 0) OpenScales();
        FetchAhead.Append(Assembler, Codes, block * BlockCodeBytes, BlockCodeBytes, Ahead);
        for (int part = 0; part < Parts; part++)
        {
            int at = block * BlockLength + part * BlockLength / Parts;
            if (at % form.GroupLength == 0) ReadScale(at / form.GroupLength, part);
        }
    }

    protected override void Advance()
    {
        base.Advance();
        Assembler.Add(Scales, form.ScaleBytes * GroupRows);
    }

    private void OpenScales()
    {
        FetchAhead.Append(Assembler, Scales, 0, form.ScaleBytes * GroupRows, Ahead);
        if (form.Scales is not (GroupScales.TwoLevels or GroupScales.TwoLevelsSigned)) return;
        Assembler.Vcvtph2ps(BlockScale, new Memory(Scales));
        if (form.Scales != GroupScales.TwoLevels) return;
        Assembler.Vcvtph2ps(BlockOffset, new Memory(Scales, HalvesBytes));
        Assembler.VmulpsBroadcast(BlockOffset, BlockOffset, Field(nameof(ProductCall.MinusOne)));
    }

    private void ReadScale(int group, int part)
    {
        Zmm scale = Scale(part), offset = Offset(part);
        int bytes = form.HalfCount * HalvesBytes + group * GroupRows;
        switch (form.Scales)
        {
            case GroupScales.Half:
                Assembler.Vcvtph2ps(scale, new Memory(Scales, group * HalvesBytes));
                break;
            case GroupScales.HalfWithOffset:
                Assembler.Vcvtph2ps(scale, new Memory(Scales, 2 * group * HalvesBytes));
                Assembler.Vcvtph2ps(offset, new Memory(Scales, (2 * group + 1) * HalvesBytes));
                return;
            case GroupScales.TwoLevels:
                Assembler.Vpmovzxbd(scale, new Memory(Scales, bytes));
                Assembler.Vpmovzxbd(offset, new Memory(Scales, bytes + form.GroupCount * GroupRows));
                Multiply(scale, BlockScale);
                Multiply(offset, BlockOffset);
                return;
            case GroupScales.TwoLevelsSigned:
                Assembler.Vpmovsxbd(scale, new Memory(Scales, bytes));
                Multiply(scale, BlockScale);
                break;
            default:
                throw new NotSupportedException($"There are no instructions for scales of the kind {form.Scales}.");
        }
        if (form.HasOffsets) Assembler.VmulpsBroadcast(offset, scale, Field(nameof(ProductCall.MinusZero)));
    }

    private void Multiply(Zmm integers, Zmm by)
    {
        Assembler.Vcvtdq2ps(integers, integers);
        Assembler.Vmulps(integers, by, integers);
    }
}
