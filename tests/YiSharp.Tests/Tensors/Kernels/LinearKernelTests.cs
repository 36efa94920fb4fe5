using System.Runtime.Intrinsics.X86;
using YiSharp.Tensors;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tests.Tensors.Kernels;

public sealed unsafe class LinearKernelTests
{
    [Fact]
    public void LinearF32_matches_reference_at_every_length()
    {
        using var workspace = new Workspace();
        using var parallelism = new Parallelism(2);
        for (int inputs = 1; inputs <= 260; inputs++)
        {
            var noise = new Noise((ulong)inputs);
            int rows = inputs % 8 + 1, outputs = inputs % 5 + 8;
            float[] w = noise.Normals(outputs * inputs);
            using CpuTensor x = workspace.Rent(rows, inputs), y = workspace.Rent(rows, outputs);
            noise.Normals(rows * inputs).CopyTo(x.Values);
            LinearF32.Forward(x, new CpuWeight(WeightData.FromFloats("w", outputs, inputs, w)), y, parallelism);

            var expected = new double[rows * outputs];
            for (int i = 0; i < expected.Length; i++)
            {
                for (int k = 0; k < inputs; k++) expected[i] += (double)x.Row(i / outputs)[k] * w[i % outputs * inputs + k];
            }
            Tolerance.Holds(Tolerance.SinglePrecision, y.Values, expected, $"{inputs} inputs");
        }
    }

    /// <summary>Plain C#, and what the processor has beside it, must give what the widest kernel gives.</summary>
    [Theory]
    [InlineData("Q4_0")]
    [InlineData("Q4_1")]
    [InlineData("Q8_0")]
    public void Packed_products_have_the_same_bits_on_every_instruction_set(string format)
    {
        const int Rows = 9, Inputs = 320, Outputs = PackedWeight.GroupRows;
        using var workspace = new Workspace();
        using var parallelism = new Parallelism(1);
        var noise = new Noise(17);
        WeightData data = Models.ToyModel.In(WeightFormatTests.Format(format), "w", Outputs, Inputs, noise.Normals(Outputs * Inputs));
        PackedWeight weight = PackedWeight.TryPack(data, parallelism)!;
        using CpuTensor x = workspace.Rent(Rows, Inputs), y = workspace.Rent(Rows, Outputs);
        noise.Normals(Rows * Inputs).CopyTo(x.Values);
        for (int row = 0; row < Rows; row++) x.Row(row)[row * 33] *= 25;
        weight.Forward(x, y, workspace, parallelism);

        foreach (InstructionSet set in Enum.GetValues<InstructionSet>())
        {
            if (set == InstructionSet.Avx2 && !Avx2.IsSupported) continue;
            using CpuTensor again = workspace.Rent(Rows, Outputs);
            weight.Forward(x, again, workspace, parallelism, set);
            Tolerance.SameBits(y.Values, again.Values, $"{format}, {set}");
        }
    }

    [Theory]
    [InlineData("Q4_0")]
    [InlineData("Q4_1")]
    [InlineData("Q8_0")]
    public void Packed_rows_hold_the_files_values(string format)
    {
        using var parallelism = new Parallelism(2);
        foreach (int rows in new[] { 1, 15, 16, 17, 40 })
        {
            WeightData data = Models.ToyModel.In(WeightFormatTests.Format(format), "w", rows, 96, new Noise((ulong)rows).Normals(rows * 96));
            PackedWeight weight = PackedWeight.TryPack(data, parallelism)!;
            float[] expected = data.ToArray(), row = new float[96];
            for (int i = 0; i < rows; i++)
            {
                weight.DequantizeRow(i, row);
                Tolerance.SameBits(expected.AsSpan(i * 96, 96), row, $"{format}, row {i} of {rows}");
            }
        }
    }

    [Fact]
    public void Packed_rows_follow_the_order_that_the_file_gives()
    {
        using var parallelism = new Parallelism(1);
        WeightData data = Models.ToyModel.In(WeightFormat.Q4_1, "w", 32, 64, new Noise(3).Normals(32 * 64));
        var memory = TensorMemory.Allocate(32L * data.RowBytes);
        for (int i = 0; i < 32; i++) data.Row(i).CopyTo(memory.Slice((long)i * data.RowBytes, data.RowBytes));
        var turned = new WeightData("w", WeightFormat.Q4_1, 32, 64, memory, 0, [.. Enumerable.Range(0, 32).Reverse()]);
        PackedWeight weight = PackedWeight.TryPack(turned, parallelism)!;
        float[] expected = data.ToArray(), row = new float[64];
        weight.DequantizeRow(3, row);
        Tolerance.SameBits(expected.AsSpan(28 * 64, 64), row, "row 3");
    }

    /// <summary>Codes and activations at their limits: nothing may saturate.</summary>
    [Theory]
    [InlineData("Q4_0")]
    [InlineData("Q4_1")]
    [InlineData("Q8_0")]
    public void Packed_products_do_not_saturate(string format)
    {
        const int Inputs = 64;
        using var workspace = new Workspace();
        using var parallelism = new Parallelism(1);
        WeightFormat kind = WeightFormatTests.Format(format);
        TensorMemory memory = TensorMemory.Allocate(kind.RowBytes(Inputs));
        Span<byte> bytes = memory.Slice(0, (int)kind.RowBytes(Inputs));
        bytes.Fill(format == "Q8_0" ? (byte)0x80 : (byte)0xff);
        for (int block = 0; block < 2; block++)
        {
            Span<byte> head = bytes[(block * kind.BlockBytes)..];
            BitConverter.TryWriteBytes(head, (Half)1);
            if (format == "Q4_1") BitConverter.TryWriteBytes(head[2..], (Half)0.5);
        }
        PackedWeight weight = PackedWeight.TryPack(new WeightData("w", kind, 1, Inputs, memory), parallelism)!;
        using CpuTensor x = workspace.Rent(4, Inputs), y = workspace.Rent(4, 1);
        for (int row = 0; row < 4; row++) x.Row(row).Fill(row % 2 == 0 ? 127 : -127);
        weight.Forward(x, y, workspace, parallelism);
        double each = format switch { "Q4_0" => 7, "Q4_1" => 15.5, _ => -128 };
        Tolerance.Holds(1e-13, y.Values, [each * Inputs * 127, -each * Inputs * 127, each * Inputs * 127, -each * Inputs * 127], format);
    }
}
