using System.Buffers.Binary;
using System.Runtime.InteropServices;
using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>The formats that random weights can have, and blocks of such weights.</summary>
internal static class RandomFormats
{
    /// <summary>Weights are about as large as those of a trained model: in ± this in formats that weights can be rounded to.</summary>
    private const float LargestWeight = 0.035f;

    /// <summary>
    /// Formats that are only read here: bytes at random, but for the halves at these places, which make the weights as large as those of a
    /// trained model.
    /// </summary>
    private static readonly (WeightFormat Format, (int Offset, float Value)[] Halves)[] ReadOnly =
    [
        (WeightFormat.Q2_K, [(80, 2.4e-3f), (82, 3.6e-3f)]),
        (WeightFormat.Q3_K, [(108, 5e-4f)]),
        (WeightFormat.Q4_K, [(0, 1.4e-4f), (2, 1.05e-3f)]),
        (WeightFormat.Q5_K, [(0, 7e-5f), (2, 1.1e-3f)]),
        (WeightFormat.Q6_K, [(208, 1.5e-5f)]),
        (WeightFormat.IQ4_NL, [(0, 3e-4f)]),
        (WeightFormat.IQ4_XS, [(0, 1.6e-5f)]),
    ];

    private static readonly WeightFormat[] Formats = [.. WeightFormat.All.Where(format => format.CanQuantize), .. ReadOnly.Select(row => row.Format)];

    /// <summary>The names as they are typed: short ones for the most usual, then every format's own.</summary>
    public static IEnumerable<string> Names => ["q4", "q8", .. Formats.Select(format => format.Name.ToLowerInvariant())];

    /// <summary>
    /// A format by its name, in any case of its letters. <c>q4</c> is Q4_K, or Q4_0 where the model's rows do not consist of K-quants' blocks;
    /// <c>q8</c> is Q8_0.
    /// </summary>
    /// <exception cref="UsageException">There is no such format, or the shape's rows do not consist of its blocks.</exception>
    public static WeightFormat Parse(string name, LlamaConfig config)
    {
        string wanted = name.ToLowerInvariant();
        if (wanted == "q4") return Divides(WeightFormat.Q4_K, config) ? WeightFormat.Q4_K : WeightFormat.Q4_0;
        if (wanted == "q8") return WeightFormat.Q8_0;
        WeightFormat format = Array.Find(Formats, f => f.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"--format is '{name}'; one of {string.Join(", ", Names)} was expected.");
        if (Divides(format, config)) return format;
        LlamaTensor odd = Matrices(config).First(tensor => tensor.Columns % format.BlockLength != 0);
        throw new UsageException($"--format is '{name}', whose blocks hold {format.BlockLength} weights; {odd.Name} has rows of {odd.Columns}, which do not consist of whole ones. Take q4_0 or q8_0.");
    }

    /// <summary>Bytes of a number of blocks, finite weights all.</summary>
    public static byte[] Blocks(WeightFormat format, int count, RandomStream random)
    {
        var bytes = new byte[(long)count * format.BlockBytes];
        (int Offset, float Value)[] halves = Array.Find(ReadOnly, row => row.Format == format).Halves;
        if (halves is null)
        {
            var values = new float[format.BlockLength];
            for (int block = 0; block < count; block++)
            {
                for (int i = 0; i < values.Length; i++) values[i] = LargestWeight * random.NextSigned();
                format.Quantize(values, bytes.AsSpan(block * format.BlockBytes, format.BlockBytes));
            }
            return bytes;
        }
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan());
        for (int i = 0; i < words.Length; i++) words[i] = random.NextUInt64();
        for (int block = 0; block < count; block++)
        {
            foreach ((int offset, float value) in halves) BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(block * format.BlockBytes + offset), (Half)value);
        }
        return bytes;
    }

    private static bool Divides(WeightFormat format, LlamaConfig config) => Matrices(config).All(tensor => tensor.Columns % format.BlockLength == 0);

    private static IEnumerable<LlamaTensor> Matrices(LlamaConfig config) => LlamaTensors.Of(config with { NumHiddenLayers = 1 }).Where(tensor => !tensor.IsVector);
}
