using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace YiSharp.Tensors.Kernels;

/// <summary>Which of the kernels' bodies runs; all give the same bits.</summary>
internal enum InstructionSet
{
    /// <summary>C# alone.</summary>
    Plain,

    /// <summary>256-bit vectors.</summary>
    Avx2,

    /// <summary>512-bit vectors.</summary>
    Avx512,
}

/// <summary>
/// Quantized weights in the order in which the kernels read them: groups of <see cref="GroupRows"/> rows side by side, so that each lane of
/// a vector belongs to one row and no sum runs across lanes. Takes as many bytes as the file's form, but for the last group's padding.
/// </summary>
/// <remarks>
/// An output is Σ over blocks of integer products, exact, times the weights' and the activations' scales, added in the blocks' order with a
/// rounding after every operation: so it has the same bits whatever other rows are in the call, and on every instruction set.
/// </remarks>
internal abstract unsafe class PackedWeight
{
    /// <summary>Changes with the order of the bytes: what was packed under another version means nothing.</summary>
    public const int LayoutVersion = 1;

    /// <summary>Rows of a group: the lanes of a 512-bit vector of floats.</summary>
    public const int GroupRows = 16;

    /// <summary>Weights that share a scale, and activations that do.</summary>
    public const int BlockLength = 32;

    /// <summary>Weights of a chunk: see <see cref="LinearF32"/>; smaller, since one weight costs less.</summary>
    private const int ChunkWeights = 1 << 15;

    private readonly TensorMemory _memory;
    private readonly long _offsetBytes;

    /// <summary>Bytes in <paramref name="memory"/> from an offset on; null allocates them.</summary>
    protected PackedWeight(int rows, int columns, long blockBytes, TensorMemory? memory, long offsetBytes)
    {
        (Rows, Columns, GroupBytes) = (rows, columns, columns / BlockLength * blockBytes);
        if (memory is not null && (offsetBytes % 64 != 0 || offsetBytes < 0 || offsetBytes > memory.LengthBytes - LengthBytes))
        {
            throw new TensorException(string.Create(CultureInfo.InvariantCulture, $"Packed weights [{rows}, {columns}] take {LengthBytes} bytes from {offsetBytes}, a multiple of 64; the memory holds {memory.LengthBytes}."));
        }
        _memory = memory ?? TensorMemory.AllocateUnset(LengthBytes);
        _offsetBytes = offsetBytes;
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Bytes of all of it.</summary>
    public long LengthBytes => GroupCount * GroupBytes;

    protected int GroupCount => (Rows + GroupRows - 1) / GroupRows;

    private long GroupBytes { get; }

    protected int BlockCount => Columns / BlockLength;

    /// <summary>How activations are to be rounded for this weight.</summary>
    protected abstract ActivationForm Form { get; }

    /// <summary>Weights whose packed form lies in memory, or will once <see cref="Fill"/> has written it there; null where there is no kernel for the format.</summary>
    /// <param name="format">How a file stores them.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="memory">Where they lie, <see cref="LengthBytes"/> from the offset on; null allocates it.</param>
    /// <param name="offsetBytes">Where they begin, a multiple of 64.</param>
    public static PackedWeight? Over(WeightFormat format, int rows, int columns, TensorMemory? memory = null, long offsetBytes = 0)
    {
        if (format == WeightFormat.Q4_0 || format == WeightFormat.Q4_1) return new AffineInt4(format, rows, columns, memory, offsetBytes);
        return format == WeightFormat.Q8_0 ? new AffineInt8(rows, columns, memory, offsetBytes) : null;
    }

    /// <summary>Packs weights into memory of their own; null where there is no kernel for their format.</summary>
    public static PackedWeight? TryPack(WeightData data, Parallelism parallelism)
    {
        PackedWeight? packed = Over(data.Format, data.Rows, data.Columns);
        packed?.Fill(data, parallelism);
        return packed;
    }

    /// <summary>Writes the packed form of weights of the format and shape that this was made for.</summary>
    public void Fill(WeightData data, Parallelism parallelism) => parallelism.For(GroupCount, 4, (this, data), static (in (PackedWeight To, WeightData Data) call, int start, int end) =>
    {
        for (int group = start; group < end; group++) call.To.Pack(call.Data, group);
    });

    protected abstract void Pack(WeightData data, int group);

    /// <summary>The first byte of a group's rows.</summary>
    protected byte* GroupPointer(int group) => _memory.Pointer + _offsetBytes + group * GroupBytes;

    /// <summary>The values of a row, [columns].</summary>
    public abstract void DequantizeRow(int row, Span<float> values);

    /// <summary>The widest that this machine has.</summary>
    private static InstructionSet Widest { get; } = Avx512BW.IsSupported ? InstructionSet.Avx512 : Avx2.IsSupported ? InstructionSet.Avx2 : InstructionSet.Plain;

    /// <summary>x [tokens, inputs], rounded in blocks, times the weights → y [tokens, outputs].</summary>
    public void Forward(CpuTensor x, CpuTensor y, Workspace workspace, Parallelism parallelism) => Forward(x, y, workspace, parallelism, Widest);

    /// <summary>The same on an instruction set that this machine has.</summary>
    internal void Forward(CpuTensor x, CpuTensor y, Workspace workspace, Parallelism parallelism, InstructionSet set)
    {
        Activations rounded = Activations.Round(x, Form, workspace, parallelism);
        int grain = Math.Max(1, ChunkWeights / GroupRows / Columns);
        parallelism.For(GroupCount, grain, (this, rounded, y, (InstructionSet)Math.Min((int)set, (int)Widest)), static (in (PackedWeight Weight, Activations X, CpuTensor Y, InstructionSet Set) call, int start, int end) =>
        {
            for (int group = start; group < end; group++) call.Weight.Group(call.X, call.Y, group, call.Set);
        });
        rounded.Return();
    }

    /// <summary>
    /// The outputs of one group for every row of x: y[row, lane] at y + row · yColumns, 16 each; padding rows give 0.
    /// </summary>
    protected abstract void Group(in Activations x, int group, int firstRow, int rowCount, float* y, int yColumns, InstructionSet set);

    private void Group(in Activations x, CpuTensor y, int group, InstructionSet set)
    {
        int first = group * GroupRows, width = Math.Min(GroupRows, Rows - first);
        if (width == GroupRows)
        {
            Group(in x, group, 0, y.Rows, y.Pointer + first, y.Columns, set);
            return;
        }
        float* whole = stackalloc float[GroupRows];
        for (int row = 0; row < y.Rows; row++)
        {
            Group(in x, group, row, 1, whole, GroupRows, set);
            new ReadOnlySpan<float>(whole, width).CopyTo(new Span<float>(y.Pointer + (long)row * y.Columns + first, width));
        }
    }
}
