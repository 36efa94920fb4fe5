using System.Numerics;
using System.Runtime.InteropServices;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Writes a matrix's rows in a format, a few at a time.</summary>
internal static class WeightEncoder
{
    private const float MaxFloat16 = 65504;

    /// <summary>Bytes of a matrix in a format.</summary>
    /// <exception cref="NotSupportedException">Its rows do not consist of whole blocks.</exception>
    public static long LengthBytes(WeightSource source, WeightFormat format) => source.Columns % format.BlockLength == 0
        ? source.Rows * format.RowBytes(source.Columns)
        : throw new NotSupportedException($"{source.Name} has rows of {source.Columns} weights, which do not consist of whole {format} blocks of {format.BlockLength}; choose F16 for it.");

    /// <summary>Writes all rows; row i of the file is <paramref name="order"/>[i] of the matrix.</summary>
    /// <exception cref="InvalidDataException">A value is not finite, or too large for F16.</exception>
    public static void Write(Stream stream, WeightSource source, WeightFormat format, WriteMeter meter, int[]? order = null)
    {
        var values = new float[source.Columns];
        var bytes = new byte[format.RowBytes(source.Columns)];
        for (int place = 0; place < source.Rows; place++)
        {
            int row = order is null ? place : order[place];
            meter.Add(bytes.Length);
            if (source.Stored is WeightData stored && stored.Format == format)
            {
                if (format.FindNonFinite(stored.Row(row)) >= 0) throw new InvalidDataException($"{source.Name} holds numbers that are not finite in row {row}; finite weights were expected. The training or the file that they come from has failed.");
                stream.Write(stored.Row(row));
                continue;
            }
            source.Fill(row, values);
            RequireFits(source, row, values, format);
            format.Quantize(values, bytes);
            stream.Write(bytes);
        }
    }

    private static void RequireFits(WeightSource source, int row, ReadOnlySpan<float> values, WeightFormat format)
    {
        float limit = format == WeightFormat.F16 ? MaxFloat16 : float.MaxValue;
        if (AllWithin(values, limit)) return;
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) throw new InvalidDataException($"{source.Name} holds {value} in row {row}; finite weights were expected. The training or the file that they come from has failed.");
            if (MathF.Abs(value) > limit) throw new InvalidDataException($"{source.Name} holds {value} in row {row}, beyond F16's {MaxFloat16}; write the model in BF16 or F32.");
        }
    }

    /// <summary>Whether |value| ≤ limit for every value; false for NaN.</summary>
    private static bool AllWithin(ReadOnlySpan<float> values, float limit)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var limits = new Vector<float>(limit);
        foreach (Vector<float> vector in vectors)
        {
            if (!Vector.LessThanOrEqualAll(Vector.Abs(vector), limits)) return false;
        }
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            if (!(MathF.Abs(value) <= limit)) return false;
        }
        return true;
    }
}
