using YiSharp.Checkpoints;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Tensors;

public sealed class PackedFormTests
{
    private const int Rows = 40, Columns = 96;

    private static WeightData Q8(int rows = Rows) => ToyModel.In(WeightFormat.Q8_0, "w", rows, Columns, new Noise(5).Normals(rows * Columns, 1f));

    [Fact]
    public void A_packed_form_that_was_kept_computes_as_one_made_on_loading()
    {
        WeightData data = Q8();
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        using TensorMemory memory = TensorMemory.Allocate(PackedForm.LengthBytes(data)!.Value + 128);
        using (TensorMemory alone = TensorMemory.Allocate(PackedForm.LengthBytes(data)!.Value))
        {
            PackedForm.Write(data, alone, backend.Parallelism);
            alone.Slice(0, (int)alone.LengthBytes).CopyTo(memory.Slice(128, (int)alone.LengthBytes));
        }
        using CpuTensor x = backend.Rent(3, Columns);
        new Noise(6).Normals(3 * Columns, 1f).CopyTo(x.Values);
        using var expected = (CpuTensor)backend.Linear(x, backend.Load(data));
        using var kept = (CpuTensor)backend.Linear(x, backend.Load(data.WithPacked(memory, 128)));
        Assert.Equal(expected.Values.ToArray(), kept.Values.ToArray());
    }

    [Fact]
    public void Single_precision_takes_the_weights_as_they_are_stored()
    {
        WeightData data = Q8();
        using TensorMemory wrong = TensorMemory.Allocate(PackedForm.LengthBytes(data)!.Value);
        using var backend = new CpuBackend(new CpuOptions { Threads = 1, Precision = Precision.F32 });
        using CpuTensor x = backend.Rent(1, Columns);
        x.Values.Fill(1);
        using var expected = (CpuTensor)backend.Linear(x, backend.Load(data));
        using var actual = (CpuTensor)backend.Linear(x, backend.Load(data.WithPacked(wrong)));
        Assert.Equal(expected.Values.ToArray(), actual.Values.ToArray());
    }

    [Fact]
    public void Formats_that_are_read_as_stored_have_none()
    {
        Assert.Null(PackedForm.LengthBytes(WeightFormat.F32, 4, 64));
        WeightData plain = WeightData.FromFloats("w", 1, 2, [1, 2]);
        using TensorMemory memory = TensorMemory.Allocate(64);
        using var parallelism = new Parallelism(1);
        Assert.Contains("no packed form", Assert.Throws<ArgumentException>(() => PackedForm.Write(plain, memory, parallelism)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Finite_weights_are_told_from_others_on_any_number_of_threads()
    {
        foreach (int threads in (int[])[1, 2])
        {
            using var parallelism = new Parallelism(threads);
            float[] values = new Noise(1).Normals(700 * 512, 1f);
            Assert.True(WeightData.FromFloats("w", 700, 512, values).IsFinite(parallelism));
            values[^1] = float.NaN;
            Assert.False(WeightData.FromFloats("w", 700, 512, values).IsFinite(parallelism));
        }
    }

    [Fact]
    public void Pages_that_were_let_go_are_read_again_and_own_memory_stays()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = new byte[100_000];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * 31);
        File.WriteAllBytes(folder["a"], bytes);
        using MappedFile file = MappedFile.Open(folder["a"]);
        Assert.Equal(bytes, file.Memory.Slice(0, bytes.Length).ToArray());
        file.Memory.Release(10, bytes.Length);
        file.Memory.Release(-5, long.MaxValue / 2);
        Assert.Equal(bytes, file.Memory.Slice(0, bytes.Length).ToArray());

        using TensorMemory own = TensorMemory.Allocate(bytes.Length);
        bytes.CopyTo(own.Slice(0, bytes.Length));
        own.Release(0, bytes.Length);
        Assert.Equal(bytes, own.Slice(0, bytes.Length).ToArray());
    }
}
