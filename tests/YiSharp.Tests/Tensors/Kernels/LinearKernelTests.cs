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

    /// <summary>One token reads weights as they are stored, several share widened ones; both sum in the same order.</summary>
    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("TQ2_0")]
    public void LinearF32_gives_a_row_the_same_bits_alone_and_among_others(string format)
    {
        using var workspace = new Workspace();
        using var parallelism = new Parallelism(1);
        WeightFormat kind = WeightFormatTests.Format(format);
        for (int size = 1; size <= 40; size++)
        {
            int inputs = kind.IsQuantized ? kind.BlockLength : 7 * size, outputs = size % 9 + 1;
            float[] values = new Noise((ulong)size).Normals(outputs * inputs);
            WeightData data = kind.CanQuantize ? Models.ToyModel.In(kind, "w", outputs, inputs, values) : Data(format, outputs, inputs, (ulong)size);
            var weight = new CpuWeight(data);
            using CpuTensor x = Activations(workspace, 7, inputs, (ulong)size), y = workspace.Rent(7, outputs), one = workspace.Rent(1, inputs), its = workspace.Rent(1, outputs);
            LinearF32.Forward(x, weight, y, parallelism);
            Tolerance.Holds(Tolerance.SinglePrecision, y.Values, Expected(x, data.ToArray(), outputs), $"{format} [{outputs}, {inputs}]");
            for (int row = 0; row < 7; row++)
            {
                x.Row(row).CopyTo(one.Values);
                LinearF32.Forward(one, weight, its, parallelism);
                Tolerance.SameBits(y.Row(row), its.Values, $"{format} [{outputs}, {inputs}], row {row}");
            }
        }
    }

    /// <summary>Every format that the integer kernels take.</summary>
    public static TheoryData<string> Formats => [.. WeightFormat.All.Where(format => format.Affine is not null).Select(format => format.Name)];

    [Fact]
    public void The_integer_kernels_take_every_quantized_format_but_the_ternary_ones() =>
        Assert.Equal(["TQ1_0", "TQ2_0"], WeightFormat.All.Where(format => format.IsQuantized && format.Affine is null).Select(format => format.Name));

    /// <summary>The narrower bodies must give what the widest gives, for tiles of every height, with outliers in some blocks and without.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Packed_products_have_the_same_bits_on_every_instruction_set_and_in_every_batch(string format) => HaveTheSameBits(format, 0.01f);

    /// <summary>Such halves are read in two ways: by .NET's arithmetic, and by the processor's own instruction.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Scales_below_a_halfs_normal_range_have_the_same_bits_too(string format) => HaveTheSameBits(format, 2e-7f);

    private static void HaveTheSameBits(string format, float scaleUnit)
    {
        const int Rows = 23, Inputs = 512, Outputs = 2 * PackedWeight.GroupRows;
        using var workspace = new Workspace();
        using var parallelism = new Parallelism(1);
        PackedWeight weight = PackedWeight.TryPack(Data(format, Outputs, Inputs, 17, scaleUnit), parallelism)!;
        using CpuTensor x = Activations(workspace, Rows, Inputs, 18), y = workspace.Rent(Rows, Outputs);
        weight.Forward(x, y, workspace, parallelism);

        foreach (InstructionSet set in Enum.GetValues<InstructionSet>())
        {
            if (set == InstructionSet.Avx2 && !Avx2.IsSupported) continue;
            using CpuTensor again = workspace.Rent(Rows, Outputs);
            weight.Forward(x, again, workspace, parallelism, set);
            Tolerance.SameBits(y.Values, again.Values, $"{format}, {set}");
        }
        for (int start = 0, count = 1; start + count <= Rows; start += count, count++)
        {
            using CpuTensor some = workspace.Rent(count, Inputs), its = workspace.Rent(count, Outputs);
            x.Values.Slice(start * Inputs, count * Inputs).CopyTo(some.Values);
            weight.Forward(some, its, workspace, parallelism);
            Tolerance.SameBits(y.Values.Slice(start * Outputs, count * Outputs), its.Values, $"{format}, rows {start} to {start + count}");
        }
    }

    /// <summary>Every number of rows and outputs up to 40, and every number of blocks of 32 inputs up to 260 inputs.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Packed_products_match_double_precision_at_every_shape(string format)
    {
        using var workspace = new Workspace();
        using var parallelism = new Parallelism(2);
        WeightFormat kind = WeightFormatTests.Format(format);
        double tolerance = kind.Affine!.CodeBits == 4 ? Tolerance.EightBitActivations : Tolerance.SixteenBitActivations;
        for (int size = 1; size <= 40; size++)
        {
            int rows = size, outputs = size * 7 % 40 + 1, inputs = kind.BlockLength * (kind.BlockLength > 32 ? 1 + size % 2 : 1 + size % 8);
            WeightData data = Data(format, outputs, inputs, (ulong)size);
            float[] w = data.ToArray();
            PackedWeight weight = PackedWeight.TryPack(data, parallelism)!;
            using CpuTensor x = Activations(workspace, rows, inputs, (ulong)size), y = workspace.Rent(rows, outputs);
            weight.Forward(x, y, workspace, parallelism);
            double[] expected = Expected(x, w, outputs);
            Tolerance.Holds(tolerance, y.Values, expected, $"{format} [{outputs}, {inputs}] for {rows} rows");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Packed_rows_hold_the_files_values(string format)
    {
        using var parallelism = new Parallelism(2);
        foreach (int rows in new[] { 1, 15, 16, 17, 40 })
        {
            WeightData data = Data(format, rows, 768, (ulong)rows);
            PackedWeight weight = PackedWeight.TryPack(data, parallelism)!;
            float[] expected = data.ToArray(), row = new float[768];
            for (int i = 0; i < rows; i++)
            {
                weight.DequantizeRow(i, row);
                // Zeros may differ in sign.
                for (int k = 0; k < row.Length; k++) Assert.True(row[k] == expected[i * 768 + k], $"{format}, row {i} of {rows}, column {k}: {row[k]:R}, expected {expected[i * 768 + k]:R}");
            }
        }
    }

    /// <summary>Decoding costs the bytes that are read: a format of 4 bits with offsets, or of 8, must not grow.</summary>
    [Theory]
    [InlineData("Q4_0")]
    [InlineData("Q4_1")]
    [InlineData("Q4_K")]
    [InlineData("Q8_0")]
    public void Packed_weights_take_at_most_three_percent_more_than_the_file(string format)
    {
        WeightFormat kind = WeightFormatTests.Format(format);
        PackedWeight weight = PackedWeight.Over(kind, 64, 4096)!;
        Assert.InRange(weight.LengthBytes, 1, (long)(1.03 * 64 * kind.RowBytes(4096)));
    }

    [Fact]
    public void Packed_rows_follow_the_order_that_the_file_gives()
    {
        using var parallelism = new Parallelism(1);
        WeightData data = Data("Q4_1", 32, 64, 3);
        var memory = TensorMemory.Allocate(32L * data.RowBytes);
        for (int i = 0; i < 32; i++) data.Row(i).CopyTo(memory.Slice((long)i * data.RowBytes, data.RowBytes));
        var turned = new WeightData("w", WeightFormat.Q4_1, 32, 64, memory, 0, [.. Enumerable.Range(0, 32).Reverse()]);
        PackedWeight weight = PackedWeight.TryPack(turned, parallelism)!;
        float[] expected = data.ToArray(), row = new float[64];
        weight.DequantizeRow(3, row);
        Tolerance.SameBits(expected.AsSpan(28 * 64, 64), row, "row 3");
    }

    [Fact]
    public void Packed_weights_can_lie_anywhere_in_memory_that_is_large_enough()
    {
        using var parallelism = new Parallelism(1);
        WeightData data = Data("Q4_K", 20, 256, 5);
        PackedWeight own = PackedWeight.TryPack(data, parallelism)!;
        TensorMemory memory = TensorMemory.Allocate(own.LengthBytes + 128);
        PackedWeight lent = PackedWeight.Over(data.Format, 20, 256, memory, 128)!;
        lent.Fill(data, parallelism);
        PackedWeight again = PackedWeight.Over(data.Format, 20, 256, memory, 128)!;
        float[] expected = new float[256], row = new float[256];
        own.DequantizeRow(19, expected);
        again.DequantizeRow(19, row);
        Tolerance.SameBits(expected, row, "row 19");
        Assert.Throws<TensorException>(() => PackedWeight.Over(data.Format, 20, 256, memory, 192));
        Assert.Throws<TensorException>(() => PackedWeight.Over(data.Format, 20, 256, memory, 100));
    }

    /// <summary>Codes and activations at their limits: nothing may saturate.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Packed_products_do_not_saturate(string format)
    {
        const int Inputs = 256;
        using var workspace = new Workspace();
        using var parallelism = new Parallelism(1);
        WeightFormat kind = WeightFormatTests.Format(format);
        foreach (byte filling in new byte[] { 0xff, 0x80, 0x7f, 0x08 })
        {
            TensorMemory memory = TensorMemory.Allocate(kind.RowBytes(Inputs));
            Span<byte> bytes = memory.Slice(0, (int)kind.RowBytes(Inputs));
            bytes.Fill(filling);
            for (int block = 0; block < Inputs / kind.BlockLength; block++) Tame(kind, bytes.Slice(block * kind.BlockBytes, kind.BlockBytes), (Half)1, (Half)0.5);
            var data = new WeightData("w", kind, 1, Inputs, memory);
            PackedWeight weight = PackedWeight.TryPack(data, parallelism)!;
            using CpuTensor x = workspace.Rent(9, Inputs), y = workspace.Rent(9, 1);
            for (int row = 0; row < 9; row++) x.Row(row).Fill(row % 2 == 0 ? 127 : -127);
            weight.Forward(x, y, workspace, parallelism);
            double[] expected = Expected(x, data.ToArray(), 1);
            Tolerance.Holds(1e-12, y.Values, expected, $"{format} of {filling:x2}");
        }
    }

    /// <summary>Random blocks with scales that make values of about 1.</summary>
    private static WeightData Data(string format, int rows, int columns, ulong seed, float scaleUnit = 0.01f)
    {
        WeightFormat kind = WeightFormatTests.Format(format);
        var noise = new Noise(seed);
        TensorMemory memory = TensorMemory.Allocate(rows * kind.RowBytes(columns));
        Span<byte> bytes = memory.Slice(0, checked((int)memory.LengthBytes));
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)noise.Below(256);
        for (int at = 0; at < bytes.Length; at += kind.BlockBytes) Tame(kind, bytes.Slice(at, kind.BlockBytes), (Half)(scaleUnit * (1 + noise.Below(8))), (Half)(scaleUnit * (noise.Below(16) - 8)));
        return new WeightData("w", kind, rows, columns, memory);
    }

    /// <summary>Sets the halves, or the exponent, of a block.</summary>
    private static void Tame(WeightFormat kind, Span<byte> block, Half scale, Half offset)
    {
        if (kind == WeightFormat.MXFP4)
        {
            block[0] = 126;
            return;
        }
        int at = kind.Name switch { "Q6_K" => 208, "Q3_K" => 108, "Q2_K" => 80, "TQ2_0" => 64, _ => 0 };
        BitConverter.TryWriteBytes(block[at..], scale);
        if (kind.Affine?.Scales is GroupScales.HalfWithOffset or GroupScales.TwoLevels) BitConverter.TryWriteBytes(block[(at + 2)..], offset);
    }

    /// <summary>Normal activations; every other row has outliers, up to six of a block.</summary>
    private static CpuTensor Activations(Workspace workspace, int rows, int columns, ulong seed)
    {
        var noise = new Noise(seed);
        CpuTensor x = workspace.Rent(rows, columns);
        noise.Normals(rows * columns).CopyTo(x.Values);
        for (int row = 0; row < rows; row += 2)
        {
            for (int i = 0; i <= row % 8; i++) x.Row(row)[(row * 33 + i * 5) % columns] *= 40;
        }
        return x;
    }

    private static double[] Expected(CpuTensor x, float[] w, int outputs)
    {
        int inputs = x.Columns;
        var expected = new double[x.Rows * outputs];
        for (int i = 0; i < expected.Length; i++)
        {
            for (int k = 0; k < inputs; k++) expected[i] += (double)x.Row(i / outputs)[k] * w[i % outputs * inputs + k];
        }
        return expected;
    }
}
