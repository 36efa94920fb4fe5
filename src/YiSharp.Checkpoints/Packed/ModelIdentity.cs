using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// What tells a model's weights from all others without reading them all: the tensors' names, formats, shapes, places and orders; the files' lengths and times; the
/// beginning and samples of what is in them.
/// </summary>
/// <param name="Model">The folder or file that was opened, a full path.</param>
/// <param name="Files">The files of weights.</param>
/// <param name="Key">A hash of all this and of <see cref="PackedForm.Version"/>, 64 hexadecimal digits.</param>
internal sealed record ModelIdentity(string Model, IReadOnlyList<ModelFileStamp> Files, string Key)
{
    /// <summary>Samples of all files together, and the least of each.</summary>
    private const int SampleCount = 64, LeastSamples = 8;

    private const int SampleBytes = 4096;

    /// <summary>Bytes at a file's beginning that are taken whole: its header, or most of it.</summary>
    private const int HeaderBytes = 1 << 16;

    /// <summary>Looks at a model that is open.</summary>
    /// <exception cref="IOException">A file of it is gone meanwhile.</exception>
    public static ModelIdentity Of(Checkpoint checkpoint)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"packed {PackedForm.Version}\n")));
        foreach (WeightData data in checkpoint.Weights.Values) data.AppendTo(hash);

        IReadOnlyList<MappedFile> files = checkpoint.WeightFiles;
        var stamps = new List<ModelFileStamp>();
        foreach (MappedFile file in files)
        {
            ModelFileStamp stamp = ModelFileStamp.Of(file.Path) ?? throw new IOException($"{file.Path} is gone since it was opened.");
            stamps.Add(stamp);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"file {file.Memory.LengthBytes} {stamp.Modified}\n")));
            Sample(file.Memory, Math.Max(LeastSamples, SampleCount / files.Count), hash);
        }
        return new ModelIdentity(System.IO.Path.GetFullPath(checkpoint.Path), stamps, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The bytes that are mapped, not those that the path leads to by now: they are what would be packed.</summary>
    private static void Sample(TensorMemory memory, int count, IncrementalHash hash)
    {
        hash.AppendData(memory.Slice(0, (int)Math.Min(HeaderBytes, memory.LengthBytes)));
        long last = Math.Max(0, memory.LengthBytes - SampleBytes);
        for (int i = 1; i <= count; i++)
        {
            long offset = (long)((Int128)last * i / count);
            hash.AppendData(memory.Slice(offset, (int)Math.Min(SampleBytes, memory.LengthBytes - offset)));
        }
        memory.Release(0, memory.LengthBytes);
    }
}
