using System.Runtime.InteropServices;

namespace YiSharp.Tensors;

/// <summary>Cosines and sines of a <see cref="RotaryTable"/> for the positions seen so far: they are the same in every layer.</summary>
internal sealed class RotaryAngles(RotaryTable table) : IDisposable
{
    private const int FirstCapacity = 512;

    private TensorMemory? _memory;
    private int _capacity;

    public RotaryTable Table { get; } = table;

    private int Half => Table.HeadDim / 2;

    /// <summary>Computes what is missing below <paramref name="positionCount"/>. Angles are products in single precision, as in the original software.</summary>
    public void Reserve(int positionCount)
    {
        if (positionCount <= _capacity) return;
        int capacity = (int)Math.Clamp(2L * _capacity, Math.Max(positionCount, FirstCapacity), int.MaxValue);
        TensorMemory memory = TensorMemory.Allocate(2L * capacity * Half * sizeof(float));
        ReadOnlySpan<float> frequencies = Table.Frequencies.Span;
        for (int position = 0; position < capacity; position++)
        {
            Compute(position, frequencies, Table.AttentionFactor, Row(memory, position));
        }
        _memory?.Dispose();
        (_memory, _capacity) = (memory, capacity);
    }

    /// <summary>Cosines, then sines of one position, [headDim], times <paramref name="factor"/>.</summary>
    public static void Compute(int position, ReadOnlySpan<float> frequencies, float factor, Span<float> row)
    {
        for (int i = 0; i < frequencies.Length; i++)
        {
            (float sin, float cos) = MathF.SinCos(position * frequencies[i]);
            (row[i], row[frequencies.Length + i]) = (cos * factor, sin * factor);
        }
    }

    /// <summary>Cosines at a position below the reserved count, [headDim / 2].</summary>
    public ReadOnlySpan<float> Cos(int position) => Row(_memory!, position)[..Half];

    /// <summary>Sines at a position below the reserved count, [headDim / 2].</summary>
    public ReadOnlySpan<float> Sin(int position) => Row(_memory!, position)[Half..];

    public void Dispose() => _memory?.Dispose();

    private Span<float> Row(TensorMemory memory, int position) =>
        MemoryMarshal.Cast<byte, float>(memory.Slice(2L * position * Half * sizeof(float), 2 * Half * sizeof(float)));
}
