using System.Runtime.InteropServices;

namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>
/// Instructions that multiply 16 rows of weights with up to 8 rows of activations by <c>vpdpbusd</c> and <c>vpdpwssd</c>, which .NET has no intrinsics for: what
/// <see cref="Int4Products{TGroups}"/> and <see cref="Int8Products{TGroups}"/> compute, with the same roundings in the same order. A function of one argument, the address of
/// a <see cref="ProductCall"/>; kinds differ in where scales come from.
/// </summary>
/// <param name="codeBits">4 or 8, of the weights.</param>
/// <param name="isHalved">Whether each half of a block of 32 inputs has a scale of its own.</param>
/// <param name="hasOffsets">Whether weights have offsets.</param>
/// <param name="rows">Rows of activations.</param>
internal abstract class ProductCode(int codeBits, bool isHalved, bool hasOffsets, int rows)
{
    protected const int BlockLength = PackedWeight.BlockLength;
    protected const int GroupRows = PackedWeight.GroupRows;
    protected const int VectorBytes = GroupRows * sizeof(float);

    protected const Gpr Call = Gpr.Rdi, Codes = Gpr.Rsi, Scales = Gpr.Rdx, X = Gpr.R8, XScales = Gpr.R9, XSums = Gpr.R10, Any = Gpr.Rax;

    // Registers 0 to 7 are sums. Of 4-bit codes 8 words are unpacked at once, beside the dots of 4 rows; 8-bit codes are widened one by one, beside those of 8.
    private const int FirstDot = 8, FirstCode = 16, FirstScale = 24, FirstOffset = 26, FirstProduct = 28, Products = 4;

    private const int RowsAtOnce = 4, BytesAtOnce = 4;

    private static readonly Zmm s_nibbles = new(15);

    protected Assembler Assembler { get; } = new();

    /// <summary>Scales of a block of 32 inputs.</summary>
    protected int Parts => isHalved ? 2 : 1;

    protected bool HasOffsets => hasOffsets;

    protected int Rows => rows;

    protected int BlockCodeBytes => GroupRows * BlockLength * codeBits / 8;

    /// <summary>Bytes of a row's block of activations.</summary>
    protected int XBytes => BlockLength * codeBits / 4;

    /// <summary>Two registers that nothing else uses.</summary>
    protected Zmm First => new(codeBits == 4 ? 13 : 20);

    protected Zmm Second => new(codeBits == 4 ? 14 : 21);

    /// <summary>Blocks of 32 inputs in a turn of the loop.</summary>
    protected abstract int BlocksPerTurn { get; }

    /// <summary>The function's instructions.</summary>
    public byte[] Assemble()
    {
        Begin();
        Assembler.Align();
        int loop = Assembler.Position;
        for (int block = 0; block < BlocksPerTurn; block++)
        {
            ReadScales(block);
            if (codeBits == 4) MultiplyNibbles(block);
            else MultiplyBytes(block);
        }
        Advance();
        Assembler.Cmp(Codes, Field(nameof(ProductCall.End)));
        Assembler.Jb(loop);
        End();
        return Assembler.ToArray();
    }

    /// <summary>Fills the registers of <see cref="Scale"/> and <see cref="Offset"/> for one of a turn's blocks.</summary>
    protected abstract void ReadScales(int block);

    protected virtual void Begin()
    {
        Assembler.Mov(Codes, Field(nameof(ProductCall.Codes)));
        Assembler.Mov(Scales, Field(nameof(ProductCall.Scales)));
        Assembler.Mov(X, Field(nameof(ProductCall.X)));
        Assembler.Mov(XScales, Field(nameof(ProductCall.XScales)));
        if (hasOffsets) Assembler.Mov(XSums, Field(nameof(ProductCall.XSums)));
        if (codeBits == 4) Assembler.Vpbroadcastd(s_nibbles, Field(nameof(ProductCall.Nibbles)));
        Assembler.Mov(Any, Field(nameof(ProductCall.From)));
        for (int row = 0; row < rows; row++)
        {
            Assembler.Vmovups(Sum(row), new Memory(Any));
            Assembler.Add(Any, Field(nameof(ProductCall.FromBytes)));
        }
    }

    /// <summary>To the next turn.</summary>
    protected virtual void Advance()
    {
        Assembler.Add(Codes, BlocksPerTurn * BlockCodeBytes);
        Assembler.Add(X, BlocksPerTurn * rows * XBytes);
        Assembler.Add(XScales, BlocksPerTurn * rows * sizeof(float));
        if (hasOffsets) Assembler.Add(XSums, BlocksPerTurn * Parts * rows * sizeof(float));
    }

    protected static Memory Field(string name) => new(Call, (int)Marshal.OffsetOf<ProductCall>(name));

    protected static Zmm Scale(int part) => new(FirstScale + part);

    protected static Zmm Offset(int part) => new(FirstOffset + part);

    private static Zmm Sum(int row) => new(row);

    private static Zmm Dot(int row) => new(FirstDot + row);

    private static Zmm Code(int index) => new(FirstCode + index);

    private void End()
    {
        Assembler.Mov(Any, Field(nameof(ProductCall.Y)));
        for (int row = 0; row < rows; row++)
        {
            Assembler.Vmovups(new Memory(Any), Sum(row));
            Assembler.Add(Any, Field(nameof(ProductCall.YBytes)));
        }
        Assembler.Vzeroupper();
        Assembler.Ret();
    }

    /// <summary>A block's 4-bit codes are unpacked once for all rows: bytes that are multiplied in fours and summed in 32 bits at once.</summary>
    private void MultiplyNibbles(int block)
    {
        const int Words = BlockLength / sizeof(int);
        for (int i = 0; i < Words / 2; i++)
        {
            Assembler.Vmovups(Code(i), new Memory(Codes, block * BlockCodeBytes + i * VectorBytes));
            Assembler.Vpsrld(Code(Words / 2 + i), Code(i), 4);
            Assembler.Vpandd(Code(i), Code(i), s_nibbles);
            Assembler.Vpandd(Code(Words / 2 + i), Code(Words / 2 + i), s_nibbles);
        }
        for (int first = 0; first < rows; first += RowsAtOnce)
        {
            int end = Math.Min(first + RowsAtOnce, rows);
            for (int part = 0; part < Parts; part++)
            {
                for (int row = first; row < end; row++) Clear(Dot(row - first));
                for (int word = part * Words / Parts; word < (part + 1) * Words / Parts; word++)
                {
                    for (int row = first; row < end; row++) Assembler.VpdpbusdBroadcast(Dot(row - first), Code(word), XOf(block, row, word * sizeof(int)));
                }
                for (int row = first; row < end; row++) AddScaled(Dot(row - first), block, row, part);
            }
            for (int row = first; row < end; row++) AddOffsets(block, row);
        }
    }

    /// <summary>8-bit codes are widened two inputs at a time, and multiplied with activations of 16 bits.</summary>
    private void MultiplyBytes(int block)
    {
        const int Pairs = BlockLength / 2, PairCodeBytes = 2 * GroupRows, PairBytes = 2 * sizeof(short);
        for (int part = 0; part < Parts; part++)
        {
            for (int row = 0; row < rows; row++) Clear(Dot(row));
            for (int pair = part * Pairs / Parts; pair < (part + 1) * Pairs / Parts; pair++)
            {
                Zmm codes = Code(pair % BytesAtOnce);
                Assembler.Vpmovsxbw(codes, new Memory(Codes, block * BlockCodeBytes + pair * PairCodeBytes));
                for (int row = 0; row < rows; row++) Assembler.VpdpwssdBroadcast(Dot(row), codes, XOf(block, row, pair * PairBytes));
            }
            for (int row = 0; row < rows; row++) AddScaled(Dot(row), block, row, part);
        }
        for (int row = 0; row < rows; row++) AddOffsets(block, row);
    }

    private void Clear(Zmm register) => Assembler.Vpxord(register, register, register);

    private Memory XOf(int block, int row, int offset) => new(X, (block * rows + row) * XBytes + offset);

    /// <summary>sum += dot · (scale · the activations' scale).</summary>
    private void AddScaled(Zmm dot, int block, int row, int part)
    {
        Zmm product = new(FirstProduct + row % Products);
        Assembler.Vcvtdq2ps(dot, dot);
        Assembler.VmulpsBroadcast(product, Scale(part), new Memory(XScales, (block * rows + row) * sizeof(float)));
        Assembler.Vfmadd231ps(Sum(row), dot, product);
    }

    /// <summary>sum += offset · the activations' sum.</summary>
    private void AddOffsets(int block, int row)
    {
        for (int part = 0; part < Parts && hasOffsets; part++) Assembler.Vfmadd231psBroadcast(Sum(row), Offset(part), new Memory(XSums, ((block * Parts + part) * rows + row) * sizeof(float)));
    }
}
