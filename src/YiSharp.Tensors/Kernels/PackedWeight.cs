using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using YiSharp.Tensors.Kernels.MachineCode;

namespace YiSharp.Tensors.Kernels;

/// <summary>Which of the kernels' bodies runs; all give the same bits.</summary>
internal enum InstructionSet
{
    /// <summary>Any vectors of 128 bits, or none.</summary>
    Portable,

    /// <summary>256-bit vectors.</summary>
    Avx2,

    /// <summary>512-bit vectors.</summary>
    Avx512,

    /// <summary>512-bit vectors and sums of four products of bytes: instructions of our own.</summary>
    Vnni,
}

/// <summary>
/// Quantized weights in the order in which the kernels read them: groups of <see cref="GroupRows"/> rows side by side, so that each lane of
/// a vector belongs to one row and no sum runs across lanes.
/// <code>
/// a group of rows   scales [the file's blocks][halves][16 rows], [bytes][16 rows], filled up to 64 bytes, then codes [blocks of 32 inputs, 16 rows interleaved]
/// </code>
/// A product reads a group's scales, then its codes, then the next group: all bytes in the order of memory.
/// </summary>
/// <remarks>
/// An output is Σ over blocks of exact integer products, times the weights' and the activations' scales, added in the blocks' order with one
/// rounding: so it has the same bits whatever other rows are in the call, and on every instruction set.
/// </remarks>
internal abstract unsafe class PackedWeight
{
    /// <summary>Changes with the order of the bytes: what was packed under another version means nothing.</summary>
    public const int LayoutVersion = 3;

    /// <summary>Rows of a group: the lanes of a 512-bit vector of floats.</summary>
    public const int GroupRows = 16;

    /// <summary>Inputs that are multiplied before a scale is applied, and activations that share one.</summary>
    public const int BlockLength = 32;

    /// <summary>A cache line: no vector of codes lies across two.</summary>
    public const int Alignment = 64;

    /// <summary>Weights of a chunk of work: enough to be worth handing to a thread, few enough to even out the threads.</summary>
    private const int ChunkWeights = 1 << 15;

    /// <summary>Codes that are multiplied with all rows of activations before the next: they stay in the second-level cache, and few enough calls are made.</summary>
    private const int DepthBytes = 1 << 16;

    /// <summary>Blocks whose scales are expanded at once for few rows of activations: the file's longest block.</summary>
    private const int ShortDepth = 8;

    /// <summary>Rows of up to so many blocks have their scales expanded at once: that is over before what was asked of memory has come.</summary>
    private const int ShortRow = 64;

    private readonly WeightFormat _format;
    private readonly AssembledProducts? _assembled;
    private readonly TensorMemory _memory;
    private readonly long _offsetBytes;
    private readonly long _scaleBytes;

    /// <summary>Bytes in <paramref name="memory"/> from an offset on; null allocates them.</summary>
    protected PackedWeight(WeightFormat format, int rows, int columns, TensorMemory? memory, long offsetBytes)
    {
        (_format, Form, Rows, Columns) = (format, format.Affine!, rows, columns);
        _assembled = AssembledProducts.Of(Form);
        _scaleBytes = ScaleBytesOf(Form, columns);
        GroupBytes = GroupBytesOf(Form, columns);
        if (memory is not null && (offsetBytes % Alignment != 0 || offsetBytes < 0 || offsetBytes > memory.LengthBytes - LengthBytes))
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

    protected AffineForm Form { get; }

    protected int BlockCount => Columns / BlockLength;

    /// <summary>Scales of a block of 32 inputs.</summary>
    protected int ScalesPerBlock => Form.GroupLength < BlockLength ? 2 : 1;

    /// <summary>How activations are to be rounded for these weights.</summary>
    public abstract ActivationForm Activations { get; }

    public int GroupCount => GroupsOf(Rows);

    private long GroupBytes { get; }

    private int BlockCodeBytes => CodeBytesOf(Form);

    /// <summary>The widest that this machine has.</summary>
    public static InstructionSet Widest { get; } = AssembledProducts.IsSupported ? InstructionSet.Vnni : Avx512BW.IsSupported ? InstructionSet.Avx512 : Avx2.IsSupported && Fma.IsSupported ? InstructionSet.Avx2 : InstructionSet.Portable;

    /// <summary>Weights whose packed form lies in memory, or will once <see cref="Fill"/> has written it there; null where there is no kernel for the format.</summary>
    /// <param name="format">How a file stores them.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="memory">Where they lie, <see cref="LengthBytes"/> from the offset on; null allocates it.</param>
    /// <param name="offsetBytes">Where they begin, a multiple of 64.</param>
    public static PackedWeight? Over(WeightFormat format, int rows, int columns, TensorMemory? memory = null, long offsetBytes = 0) => format.Affine?.CodeBits switch
    {
        4 => new AffineInt4(format, rows, columns, memory, offsetBytes),
        8 => new AffineInt8(format, rows, columns, memory, offsetBytes),
        _ => null,
    };

    /// <summary>Bytes of the packed form of weights [rows, columns]; null where there is no kernel for the format.</summary>
    public static long? LengthOf(WeightFormat format, int rows, int columns) => format.Affine is { } form ? GroupsOf(rows) * GroupBytesOf(form, columns) : null;

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

    /// <summary>The values of a row, [columns].</summary>
    public void DequantizeRow(int row, Span<float> values)
    {
        int lane = row % GroupRows;
        byte* stored = GroupPointer(row / GroupRows), codes = stored + _scaleBytes;
        Span<float> scales = stackalloc float[Form.GroupCount], offsets = stackalloc float[Form.GroupCount];
        Span<int> block = stackalloc int[BlockLength];
        for (int from = 0; from < Columns; from += Form.BlockLength, stored += Form.ScaleBytes * GroupRows)
        {
            ScaleTable.RowOf(Form, stored, lane, scales, offsets);
            for (int at = 0; at < Form.BlockLength; at += BlockLength, codes += BlockCodeBytes)
            {
                CodesOf(codes, lane, block);
                for (int i = 0; i < BlockLength; i++)
                {
                    int group = (at + i) / Form.GroupLength;
                    float scaled = block[i] * scales[group];
                    values[from + at + i] = Form.HasOffsets ? scaled + offsets[group] : scaled;
                }
            }
        }
    }

    /// <summary>x [tokens, inputs], rounded in blocks, times the weights → y [tokens, outputs].</summary>
    public void Forward(CpuTensor x, CpuTensor y, Workspace workspace, Parallelism parallelism) => Forward(x, y, workspace, parallelism, Widest);

    /// <summary>The same on an instruction set that this machine has.</summary>
    internal void Forward(CpuTensor x, CpuTensor y, Workspace workspace, Parallelism parallelism, InstructionSet set)
    {
        var one = new PackedSet();
        one.Add(this, y);
        Forward(x, in one, workspace, parallelism, set);
    }

    /// <summary>x times each weight of a set, rounded once and shared out at once; the set's weights have the same <see cref="Activations"/>.</summary>
    public static void Forward(CpuTensor x, in PackedSet set, Workspace workspace, Parallelism parallelism) => Forward(x, in set, workspace, parallelism, Widest);

    private static void Forward(CpuTensor x, in PackedSet set, Workspace workspace, Parallelism parallelism, InstructionSet instructions)
    {
        Activations rounded = Kernels.Activations.Round(x, set.Weight(0).Activations, workspace, parallelism);
        int least = Math.Max(1, ChunkWeights / GroupRows / x.Columns);
        int grain = rounded.TileCount == 1 ? parallelism.LongGrain(set.GroupCount, least) : least;
        parallelism.For(set.GroupCount, grain, (set, rounded, (InstructionSet)Math.Min((int)instructions, (int)Widest)), static (in (PackedSet Set, Activations X, InstructionSet Instructions) call, int start, int end) =>
        {
            for (int i = 0; i < call.Set.Count; i++)
            {
                PackedWeight weight = call.Set.Weight(i);
                for (int group = Math.Max(start, 0); group < Math.Min(end, weight.GroupCount); group++) weight.Group(in call.X, call.Set.Output(i), group, call.Instructions);
                start -= weight.GroupCount;
                end -= weight.GroupCount;
            }
        });
        rounded.Return();
    }

    /// <summary>The outputs of one group of rows for the rows of a tile, over some blocks, without outliers: y[row, lane] at y + row · yColumns, 16 each; padding rows give 0.</summary>
    protected abstract void Multiply(in GroupView weights, in ActivationTile x, BlockRange blocks, float* y, int yColumns, InstructionSet set);

    /// <summary>The outputs of one group of rows for one row of activations, the scales read as they are stored, without outliers; false where there is no such kernel.</summary>
    protected abstract bool TryMultiplyRow(in GroupView weights, in ActivationTile x, float* y, InstructionSet set);

    /// <summary>Adds the products of one group of rows with activations that are outliers; where there is no table of scales they are read as they are stored.</summary>
    protected abstract void AddOutliers(in GroupView weights, in Activations x, float* y, int yColumns, InstructionSet set);

    /// <summary>Puts a row's codes of a block of 32 inputs where the kernels want them.</summary>
    protected abstract void PlaceCodes(ReadOnlySpan<byte> codes, int lane, byte* block);

    /// <summary>The inverse of <see cref="PlaceCodes"/>, as integers.</summary>
    protected abstract void CodesOf(byte* block, int lane, Span<int> codes);

    private static int GroupsOf(int rows) => (rows + GroupRows - 1) / GroupRows;

    private static int CodeBytesOf(AffineForm form) => GroupRows * BlockLength * form.CodeBits / 8;

    private static long ScaleBytesOf(AffineForm form, int columns) => ((long)(columns / form.BlockLength) * form.ScaleBytes * GroupRows + Alignment - 1) / Alignment * Alignment;

    private static long GroupBytesOf(AffineForm form, int columns) => ScaleBytesOf(form, columns) + (long)(columns / BlockLength) * CodeBytesOf(form);

    private byte* GroupPointer(int group) => _memory.Pointer + _offsetBytes + group * GroupBytes;

    private void Group(in Activations x, CpuTensor y, int group, InstructionSet set)
    {
        int first = group * GroupRows, width = Math.Min(GroupRows, Rows - first), outlierCount = x.OutlierColumns.Length * GroupRows;
        byte* stored = GroupPointer(group);
        if (x.TileCount == 1 && width == GroupRows && TryMultiplyStored(View(stored, null, null, Scratch.Floats(outlierCount), fetchesNext: true), in x, y.Pointer + first, y.Columns, set)) return;

        int scaleCount = BlockCount * ScalesPerBlock * GroupRows;
        float* scales = Scratch.Floats(2 * scaleCount + outlierCount + (width < GroupRows ? x.Rows * GroupRows : 0)), offsets = Form.HasOffsets ? scales + scaleCount : null;
        float* outliers = scales + 2 * scaleCount, to = width < GroupRows ? outliers + outlierCount : y.Pointer + first;
        int toColumns = width < GroupRows ? GroupRows : y.Columns;
        GroupView weights = View(stored, scales, offsets, outliers, x.TileCount == 1);
        // The codes of some blocks stay in a cache while all rows of activations pass by. With few rows memory is what counts,
        // and nothing is fetched while scales are expanded: a few at a time.
        int depth = x.TileCount > 1 ? DepthBytes / BlockCodeBytes : BlockCount <= ShortRow ? BlockCount : ShortDepth;
        for (int block = 0; block < BlockCount; block += depth)
        {
            var blocks = new BlockRange(block, Math.Min(block + depth, BlockCount));
            ExpandScales(stored, blocks, scales, offsets);
            if (set == InstructionSet.Vnni && _assembled is not null) _assembled.Multiply(in weights, in x, blocks, to, toColumns);
            else for (int index = 0; index < x.TileCount; index++) Multiply(in weights, x.Tile(index), blocks, to + (long)index * Kernels.Activations.TileRows * toColumns, toColumns, set);
        }
        AddOutliers(in weights, in x, to, toColumns, set);
        // The last rows of a weight, fewer than a group.
        for (int row = 0; row < x.Rows && width < GroupRows; row++) new ReadOnlySpan<float>(to + row * GroupRows, width).CopyTo(new Span<float>(y.Pointer + (long)row * y.Columns + first, width));
    }

    /// <summary>The outputs of one group of rows for few rows of activations, the scales read as they are stored; false where there is no such kernel.</summary>
    private bool TryMultiplyStored(in GroupView weights, in Activations x, float* y, int yColumns, InstructionSet set)
    {
        ActivationTile tile = x.Tile(0);
        bool done = set == InstructionSet.Vnni && _assembled is not null ? _assembled.TryMultiplyStored(in weights, in tile, y, yColumns) : x.IsRow && TryMultiplyRow(in weights, in tile, y, set);
        if (done) AddOutliers(in weights, in x, y, yColumns, set);
        return done;
    }

    private GroupView View(byte* stored, float* scales, float* offsets, float* outliers, bool fetchesNext) =>
        new(stored, stored + _scaleBytes, scales, offsets, outliers, BlockCount, stored + GroupBytes, fetchesNext ? (int)((GroupBytes + BlockCount - 1) / BlockCount) : 0);

    /// <summary>The scales of whole blocks of the file, to where those of the group's other blocks lie too.</summary>
    private void ExpandScales(byte* stored, BlockRange blocks, float* scales, float* offsets)
    {
        int perFileBlock = Form.BlockLength / BlockLength, first = blocks.First / perFileBlock, at = blocks.First * ScalesPerBlock * GroupRows;
        ScaleTable.Expand(Form, stored + first * Form.ScaleBytes * GroupRows, (blocks.End - blocks.First) / perFileBlock, scales + at, offsets == null ? null : offsets + at);
    }

    [SkipLocalsInit]
    private void Pack(WeightData data, int group)
    {
        const int MostWeights = 256, MostScaleBytes = 64;
        Span<byte> codes = stackalloc byte[MostWeights], stored = stackalloc byte[MostScaleBytes];
        stored = stored[..Form.ScaleBytes];
        byte* groupScales = GroupPointer(group), groupCodes = groupScales + _scaleBytes;
        // Equal weights give equal bytes, between scales and codes too.
        new Span<byte>(groupCodes - Alignment, Alignment).Clear();
        for (int lane = 0; lane < GroupRows; lane++)
        {
            int row = group * GroupRows + lane;
            ReadOnlySpan<byte> from = row < Rows ? data.Row(row) : [];
            if (from.IsEmpty)
            {
                codes.Clear();
                stored.Clear();
            }
            byte* toCodes = groupCodes, toScales = groupScales;
            for (int at = 0; at < Columns; at += Form.BlockLength, toScales += Form.ScaleBytes * GroupRows)
            {
                if (!from.IsEmpty)
                {
                    _format.Unpack(from[.._format.BlockBytes], codes[..Form.BlockLength], stored);
                    from = from[_format.BlockBytes..];
                }
                for (int i = 0; i < Form.BlockLength; i += BlockLength, toCodes += BlockCodeBytes) PlaceCodes(codes.Slice(i, BlockLength), lane, toCodes);
                ScaleTable.Place(Form, stored, lane, toScales);
            }
        }
    }
}

/// <summary>A group of rows, ready for the kernels.</summary>
/// <param name="Stored">The scales as they are stored.</param>
/// <param name="Codes">The codes, block by block.</param>
/// <param name="Scales">[blocks, 1 or 2, 16 rows].</param>
/// <param name="Offsets">The same; null where there are none.</param>
/// <param name="Outliers">Room for the weights of inputs that have outliers, [inputs, 16 rows].</param>
/// <param name="BlockCount">Blocks of 32 inputs.</param>
/// <param name="Next">The next group, to be fetched meanwhile where a few rows read each weight once.</param>
/// <param name="NextStep">Bytes of it that belong to a block of this one; 0 where nothing is fetched.</param>
internal readonly unsafe struct GroupView(byte* Stored, byte* Codes, float* Scales, float* Offsets, float* Outliers, int BlockCount, byte* Next, int NextStep)
{
    public readonly byte* Next = Next;
    public readonly int NextStep = NextStep;

    public readonly byte* Stored = Stored, Codes = Codes;
    public readonly float* Scales = Scales, Offsets = Offsets, Outliers = Outliers;
    public readonly int BlockCount = BlockCount;
}
