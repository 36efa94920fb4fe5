using System.Runtime.InteropServices;
using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public sealed class WeightFormatTests
{
    public static TheoryData<string> Blocks => ["Q4_0", "Q4_1", "Q8_0"];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Dequantize_equals_ggml_bit_for_bit(string name)
    {
        GoldenTensors golden = GoldenTensors.Copied("blocks/dequantize.safetensors");
        float[] expected = golden.Values<float>($"{name}.values");
        Assert.Equal(384 * 32, expected.Length);

        var values = new float[expected.Length];
        Format(name).Dequantize(golden.Bytes($"{name}.bytes"), values);

        for (int i = 0; i < values.Length; i++) Assert.True(values[i] == expected[i], $"{name} value {i}: {values[i]:R}, expected {expected[i]:R}");
    }

    [Theory]
    [MemberData(nameof(Blocks))]
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
    [InlineData("Affine8", 32, 40)]
    public void Blocks_have_the_formats_size(string name, int length, int bytes)
    {
        Assert.Equal(length, Format(name).BlockLength);
        Assert.Equal(bytes, Format(name).BlockBytes);
        if (length > 1) Assert.Contains($"whole {name} blocks", Assert.Throws<TensorException>(() => Format(name).RowBytes(33)).Message);
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Quantizing_what_is_not_finite_does_not_fail(string name)
    {
        float[] values = new float[32];
        values[3] = float.NaN;
        values[5] = float.PositiveInfinity;
        values[7] = float.MinValue;
        Format(name).Quantize(values, new byte[Format(name).BlockBytes]);
    }

    internal static WeightFormat Format(string name) => name switch
    {
        "F32" => WeightFormat.F32,
        "F16" => WeightFormat.F16,
        "BF16" => WeightFormat.BF16,
        "Q4_0" => WeightFormat.Q4_0,
        "Q4_1" => WeightFormat.Q4_1,
        "Q8_0" => WeightFormat.Q8_0,
        "Affine8" => WeightFormat.Affine8,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a format."),
    };
}
