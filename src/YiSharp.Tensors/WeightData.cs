using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace YiSharp.Tensors;

/// <summary>
/// A matrix of weights as a file or the program holds it, [rows, columns] with the columns contiguous; a vector is one row.
/// Rows may stand in another order in memory than they are numbered (GGUF permutes q and k).
/// </summary>
public sealed class WeightData
{
    /// <summary>Weights that a thread looks through at once.</summary>
    private const int FiniteGrain = 1 << 18;

    private readonly TensorMemory _memory;
    private readonly long _offsetBytes;
    private readonly int[]? _storedRow;

    /// <summary>Takes part of <paramref name="memory"/> as a matrix.</summary>
    /// <param name="name">The tensor's Hugging Face name, such as <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
    /// <param name="format">How the weights are stored.</param>
    /// <param name="rows">Outputs of a linear, entries of a table; 1 for a vector.</param>
    /// <param name="columns">Inputs of a linear, or the length of a vector.</param>
    /// <param name="memory">Where they lie.</param>
    /// <param name="offsetBytes">Where in <paramref name="memory"/> the first row starts.</param>
    /// <param name="storedRow">For each row where it is stored; null when in order.</param>
    public WeightData(string name, WeightFormat format, int rows, int columns, TensorMemory memory, long offsetBytes = 0, int[]? storedRow = null)
    {
        if (rows <= 0 || columns <= 0) throw new TensorException($"{name} has shape [{rows}, {columns}]; both must be positive.");
        RowBytes = checked((int)format.RowBytes(columns));
        if (offsetBytes < 0 || offsetBytes > memory.LengthBytes - (long)rows * RowBytes)
        {
            throw new TensorException($"{name} [{rows}, {columns}] in {format} takes {(long)rows * RowBytes} bytes from {offsetBytes}; the memory holds {memory.LengthBytes}.");
        }
        if (storedRow is not null && storedRow.Length != rows) throw new TensorException($"{name} has {rows} rows but an order of {storedRow.Length}.");
        (Name, Format, Rows, Columns, _memory, _offsetBytes, _storedRow) = (name, format, rows, columns, memory, offsetBytes, storedRow);
    }

    /// <summary>The tensor's Hugging Face name.</summary>
    public string Name { get; }

    /// <summary>How the weights are stored.</summary>
    public WeightFormat Format { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Length of a row.</summary>
    public int Columns { get; }

    /// <summary>Bytes of a stored row.</summary>
    public int RowBytes { get; }

    /// <summary>Where the packed form lies that <see cref="PackedForm.Write"/> has made of these weights; null where there is none.</summary>
    internal (TensorMemory Memory, long OffsetBytes)? Packed { get; private init; }

    /// <summary>The same weights with a packed form at hand: a backend that packs takes it as it is; to all others nothing changes.</summary>
    /// <param name="memory">What holds it, <see cref="PackedForm.LengthBytes(WeightData)"/> from the offset on; it must outlive the weights.</param>
    /// <param name="offsetBytes">Where it begins, a multiple of 64.</param>
    public WeightData WithPacked(TensorMemory memory, long offsetBytes = 0) =>
        new(Name, Format, Rows, Columns, _memory, _offsetBytes, _storedRow) { Packed = (memory, offsetBytes) };

    /// <summary>The stored bytes of a row.</summary>
    public ReadOnlySpan<byte> Row(int row) => _memory.Slice(_offsetBytes + (long)(_storedRow is null ? row : _storedRow[row]) * RowBytes, RowBytes);

    /// <summary>The values of a row, [columns].</summary>
    public void DequantizeRow(int row, Span<float> values) => Format.Dequantize(Row(row), values);

    /// <summary>Where the first weight stands that is infinite or no number, or the first of a block whose scales are; null where all are finite.</summary>
    public (int Row, int Column)? FindNonFinite()
    {
        for (int row = 0; row < Rows; row++)
        {
            if (Format.FindNonFinite(Row(row)) is int column and >= 0) return (row, column);
        }
        return null;
    }

    /// <summary>Whether all are finite, asked on all threads: see <see cref="FindNonFinite"/>.</summary>
    public bool IsFinite(Parallelism parallelism)
    {
        var found = new int[1];
        parallelism.For(Rows, Math.Max(1, FiniteGrain / Columns), (this, found), static (in (WeightData Data, int[] Found) call, int start, int end) =>
        {
            for (int row = start; row < end && Volatile.Read(ref call.Found[0]) == 0; row++)
            {
                if (call.Data.Format.FindNonFinite(call.Data.Row(row)) >= 0) Volatile.Write(ref call.Found[0], 1);
            }
        });
        return found[0] == 0;
    }

    /// <summary>Lets go what a mapped file has brought into memory of these weights: see <see cref="TensorMemory.Release"/>.</summary>
    public void Release() => _memory.Release(_offsetBytes, (long)Rows * RowBytes);

    /// <summary>Adds to a hash what tells these weights from others but for their values: name, format, shape, place, order of the rows.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Name}\n{Format} {Rows} {Columns} {_offsetBytes} {_storedRow is not null}\n")));
        if (_storedRow is not null) hash.AppendData(MemoryMarshal.AsBytes<int>(_storedRow));
    }

    /// <summary>All values, [rows, columns].</summary>
    public float[] ToArray()
    {
        var values = new float[checked(Rows * Columns)];
        for (int row = 0; row < Rows; row++) DequantizeRow(row, values.AsSpan(row * Columns, Columns));
        return values;
    }

    /// <summary>A matrix of single-precision values in memory of its own.</summary>
    public static WeightData FromFloats(string name, int rows, int columns, ReadOnlySpan<float> values)
    {
        if ((long)rows * columns != values.Length) throw new TensorException($"{name} [{rows}, {columns}] needs {(long)rows * columns} values; {values.Length} were given.");
        TensorMemory memory = TensorMemory.Allocate((long)values.Length * sizeof(float));
        for (int row = 0; row < rows; row++)
        {
            values.Slice(row * columns, columns).CopyTo(MemoryMarshal.Cast<byte, float>(memory.Slice((long)row * columns * sizeof(float), columns * sizeof(float))));
        }
        return new WeightData(name, WeightFormat.F32, rows, columns, memory);
    }
}
