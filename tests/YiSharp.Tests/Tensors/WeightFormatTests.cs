using System.Runtime.InteropServices;
using CsCheck;
using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public sealed class WeightFormatTests
{
    public static TheoryData<string> Blocks => [.. WeightFormat.All.Where(format => format.IsQuantized).Select(format => format.Name)];

    public static TheoryData<string> WrittenBlocks => [.. WeightFormat.All.Where(format => format.IsQuantized && format.CanQuantize).Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Dequantize_equals_ggml_bit_for_bit(string name)
    {
        GoldenTensors golden = GoldenTensors.Copied("blocks/dequantize.safetensors");
        float[] expected = golden.Values<float>($"{name}.values");
        Assert.True(expected.Length >= 15 * Format(name).BlockLength);

        var values = new float[expected.Length];
        Format(name).Dequantize(golden.Bytes($"{name}.bytes"), values);

        for (int i = 0; i < values.Length; i++) Assert.True(values[i] == expected[i], $"{name} value {i}: {values[i]:R}, expected {expected[i]:R}");
    }

    [Theory]
    [MemberData(nameof(WrittenBlocks))]
    public void Quantize_equals_ggml_byte_for_byte(string name)
    {
        GoldenTensors golden = GoldenTensors.Copied("blocks/quantize.safetensors");
        float[] input = golden.Values<float>("input");
        byte[] expected = golden.Values<byte>($"{name}.bytes");
        Assert.Equal(115 * 256, input.Length);

        var bytes = new byte[expected.Length];
        Format(name).Quantize(input, bytes);

        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("F16", "float16_bits")]
    [InlineData("BF16", "bfloat16_bits")]
    public void Half_formats_round_and_widen_as_torch_does(string name, string key)
    {
        GoldenTensors golden = GoldenTensors.Copied("blocks/convert.safetensors");
        float[] input = golden.Values<float>("float32_bits");
        ushort[] expected = golden.Values<ushort>(key);
        Assert.Equal(8084, input.Length);

        var bytes = new byte[2 * input.Length];
        Format(name).Quantize(input, bytes);
        ReadOnlySpan<ushort> actual = MemoryMarshal.Cast<byte, ushort>(bytes);
        var widened = new float[input.Length];
        Format(name).Dequantize(bytes, widened);

        for (int i = 0; i < input.Length; i++)
        {
            if (float.IsNaN(input[i])) Assert.True(float.IsNaN(widened[i]), $"Value {i} is not a number; {name} made it {widened[i]}.");
            else Assert.True(actual[i] == expected[i], $"{input[i]:R} in {name}: {actual[i]:x4}, expected {expected[i]:x4}");
        }
    }

    [Fact]
    public void Every_half_widens_to_its_value_at_every_offset()
    {
        var halves = new ushort[65536 + 19];
        for (int i = 0; i < halves.Length; i++) halves[i] = (ushort)i;
        var single = new float[halves.Length];
        WeightFormat.F16.Dequantize(MemoryMarshal.AsBytes<ushort>(halves), single);
        for (int i = 0; i < halves.Length; i++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf(halves[i]);
            Assert.True(single[i].Equals(expected) && float.IsNegative(single[i]) == float.IsNegative(expected), $"{halves[i]:x4}: {single[i]:R}, expected {expected:R}");
        }
        for (int length = 0; length < 40; length++)
        {
            var some = new float[length];
            WeightFormat.F16.Dequantize(MemoryMarshal.AsBytes(halves.AsSpan(15000, length)), some);
            Assert.Equal(single[15000..(15000 + length)], some);
            WeightFormat.BF16.Dequantize(MemoryMarshal.AsBytes(halves.AsSpan(15000, length)), some);
            for (int i = 0; i < length; i++) Assert.Equal((uint)halves[15000 + i] << 16, BitConverter.SingleToUInt32Bits(some[i]));
        }
    }

    [Fact]
    public void Affine8_is_scale_times_code_plus_offset()
    {
        var bytes = new byte[40];
        MemoryMarshal.Write(bytes, 0.25f);
        MemoryMarshal.Write(bytes.AsSpan(4), -3.5f);
        for (int i = 0; i < 32; i++) bytes[8 + i] = (byte)(i * 8);
        var values = new float[32];
        WeightFormat.Affine8.Dequantize(bytes, values);
        for (int i = 0; i < 32; i++) Assert.Equal(0.25f * i * 8 - 3.5f, values[i]);

        var back = new byte[40];
        WeightFormat.Affine8.Quantize(values, back);
        var again = new float[32];
        WeightFormat.Affine8.Dequantize(back, again);
        for (int i = 0; i < 32; i++) Assert.InRange(again[i] - values[i], -0.13f, 0.13f);
    }

    [Theory]
    [InlineData("F32", 1, 4)]
    [InlineData("F16", 1, 2)]
    [InlineData("BF16", 1, 2)]
    [InlineData("Q4_0", 32, 18)]
    [InlineData("Q4_1", 32, 20)]
    [InlineData("Q8_0", 32, 34)]
    [InlineData("Q5_0", 32, 22)]
    [InlineData("Q5_1", 32, 24)]
    [InlineData("Q2_K", 256, 84)]
    [InlineData("Q3_K", 256, 110)]
    [InlineData("Q4_K", 256, 144)]
    [InlineData("Q5_K", 256, 176)]
    [InlineData("Q6_K", 256, 210)]
    [InlineData("IQ4_NL", 32, 18)]
    [InlineData("IQ4_XS", 256, 136)]
    [InlineData("TQ1_0", 256, 54)]
    [InlineData("TQ2_0", 256, 66)]
    [InlineData("MXFP4", 32, 17)]
    [InlineData("Affine8", 32, 40)]
    public void Blocks_have_the_formats_size(string name, int length, int bytes)
    {
        Assert.Equal(length, Format(name).BlockLength);
        Assert.Equal(bytes, Format(name).BlockBytes);
        if (length > 1) Assert.Contains($"whole {name} blocks", Assert.Throws<TensorException>(() => Format(name).RowBytes(33)).Message);
    }

    [Theory]
    [MemberData(nameof(WrittenBlocks))]
    public void Quantizing_what_is_not_finite_does_not_fail(string name)
    {
        float[] values = new float[32];
        values[3] = float.NaN;
        values[5] = float.PositiveInfinity;
        values[7] = float.MinValue;
        Format(name).Quantize(values, new byte[Format(name).BlockBytes]);
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Any_bytes_decode_as_weight_by_weight(string name)
    {
        WeightFormat format = Format(name);
        Gen.Byte.Array[3 * format.BlockBytes].Sample(bytes =>
        {
            var values = new float[3 * format.BlockLength];
            format.Dequantize(bytes, values);
            for (int i = 0; i < values.Length; i++)
            {
                float expected = SlowBlocks.Decode(name, bytes.AsSpan(i / format.BlockLength * format.BlockBytes, format.BlockBytes), i % format.BlockLength);
                // Infinite scales give what no number is in one order of operations and infinity in another.
                Assert.True(values[i] == expected || !(float.IsFinite(values[i]) || float.IsFinite(expected)), $"{name} weight {i}: {values[i]:R}, expected {expected:R}");
            }
        }, iter: 200);
    }

    [Theory]
    [MemberData(nameof(WrittenBlocks))]
    public void Any_values_are_rounded_as_one_by_one(string name)
    {
        Gen<float> value = Gen.OneOf(Gen.Float[-2, 2], Gen.Int[-9, 9].Select(i => i / 2f), Gen.Int[0, 3].Select(i => ((float[])[0f, -0f, 1f, -1f])[i]), Gen.Float[-1e5f, 1e5f], Gen.Float[-1e-30f, 1e-30f], Gen.Float[-1e30f, 1e30f]);
        Gen.OneOf(value.Array[32], Gen.Select(value, value, Gen.Bool.Array[32]).Select((a, b, which) => which.Select(w => w ? a : b).ToArray())).Sample(values =>
        {
            var block = new byte[Format(name).BlockBytes];
            Format(name).Quantize(values, block);
            Assert.Equal(SlowBlocks.Encode(name, values), block);
        }, iter: 2000);
    }

    [Theory]
    [MemberData(nameof(WrittenBlocks))]
    public void What_was_rounded_is_near(string name)
    {
        WeightFormat format = Format(name);
        int bits = name[1] - '0';
        Gen.Float[-4, 4].Array[32].Sample(values =>
        {
            var block = new byte[format.BlockBytes];
            format.Quantize(values, block);
            var near = new float[32];
            format.Dequantize(block, near);
            // One step of the codes, and what half precision does to scale and offset.
            float reach = values.Max(MathF.Abs), step = 2 * reach / ((1 << bits) - 1);
            for (int i = 0; i < 32; i++) Assert.InRange(near[i] - values[i], -1.1f * step - reach / 500, 1.1f * step + reach / 500);
        }, iter: 300);
    }

    [Fact]
    public void What_is_only_read_says_so()
    {
        string[] readOnly = [.. WeightFormat.All.Where(format => !format.CanQuantize).Select(format => format.Name)];
        Assert.Equal(["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4"], readOnly);
        string message = Assert.Throws<NotSupportedException>(() => WeightFormat.Q4_K.Quantize(new float[256], new byte[144])).Message;
        Assert.Contains("Q4_K", message);
        Assert.Contains("Q8_0", message);
    }

    [Fact]
    public void Every_rounding_to_half_is_the_runtimes()
    {
        // Every half, its neighbours in single precision, the ties between halves and their neighbours.
        var values = new List<float>();
        for (int half = 0; half < 65536; half++)
        {
            uint bits = BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf((ushort)half));
            foreach (uint step in (uint[])[0, 1, 0xfff, 0x1000, 0x1001, unchecked((uint)-1)]) values.Add(BitConverter.UInt32BitsToSingle(bits + step));
        }
        var bytes = new byte[2 * values.Count];
        WeightFormat.F16.Quantize(values.ToArray(), bytes);
        for (int i = 0; i < values.Count; i++)
        {
            Half expected = (Half)values[i], actual = MemoryMarshal.Cast<byte, Half>(bytes)[i];
            Assert.True(Half.IsNaN(expected) ? Half.IsNaN(actual) : BitConverter.HalfToUInt16Bits(expected) == BitConverter.HalfToUInt16Bits(actual), $"{values[i]:R}: {actual}, expected {expected}");
        }
    }

    [Fact]
    public void Every_rounding_to_BF16_is_to_nearest_and_ties_to_even()
    {
        Gen.Select(Gen.Float.Array[0, 40], Gen.UShort.Array[0, 40]).Sample((any, upper) =>
        {
            float[] values = [.. any, .. upper.SelectMany(u => (uint[])[0x7fff, 0x8000, 0x8001]).Select((low, i) => BitConverter.UInt32BitsToSingle(((uint)upper[i / 3] << 16) | low))];
            var bytes = new byte[2 * values.Length];
            WeightFormat.BF16.Quantize(values, bytes);
            ReadOnlySpan<ushort> actual = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (int i = 0; i < values.Length; i++)
            {
                uint bits = BitConverter.SingleToUInt32Bits(values[i]);
                int expected = float.IsNaN(values[i]) ? (int)(bits >> 16) | 0x40 : (int)((bits >> 16) + ((bits & 0xffff) > 0x8000 || ((bits & 0xffff) == 0x8000 && (bits & 0x10000) != 0) ? 1 : 0));
                Assert.Equal(expected, actual[i]);
            }
        }, iter: 200);
    }

    [Fact]
    public void What_is_not_finite_is_found_in_every_format()
    {
        foreach (WeightFormat format in WeightFormat.All)
        {
            const int columns = 1024;
            for (int seed = 0; seed < 20; seed++)
            {
                var bytes = new byte[format.RowBytes(columns)];
                var random = new Random(seed);
                random.NextBytes(bytes);
                var values = new float[columns];
                format.Dequantize(bytes, values);
                int first = Array.FindIndex(values, value => !float.IsFinite(value));
                int found = format.FindNonFinite(bytes);
                // A block with a broken scale may still have finite values where its codes are 0, but not all of them.
                Assert.True(found == (first < 0 ? -1 : first / format.BlockLength * format.BlockLength), $"{format} seed {seed}: found {found}, first {first}");
            }
        }
    }

    internal static WeightFormat Format(string name) => WeightFormat.All.Append(WeightFormat.Affine8).Single(format => format.Name == name);
}
