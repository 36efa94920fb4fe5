using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>Memory that a model takes with some bits a weight.</summary>
/// <param name="Name">Such as <c>4 bits</c>.</param>
/// <param name="WeightBytes">Of the weights.</param>
/// <param name="TotalBytes">With the cache.</param>
internal sealed record MemoryNeed(string Name, long WeightBytes, long TotalBytes);

/// <summary>Memory that a model takes to run, as stored and with 16, 8 and 4 bits a weight.</summary>
/// <param name="ContextTokens">Tokens that the cache holds.</param>
/// <param name="KvCacheBytes">Keys and values of one sequence.</param>
/// <param name="AvailableBytes">What this machine has to give, or null where it does not say.</param>
/// <param name="Needs">As stored, 16, 8 and 4 bits.</param>
internal sealed record MemoryNeeds(int ContextTokens, long KvCacheBytes, long? AvailableBytes, IReadOnlyList<MemoryNeed> Needs)
{
    /// <summary>Tokens of context unless asked otherwise; a model that reads fewer takes its own.</summary>
    public const int DefaultContextTokens = 4096;

    /// <summary>Tables stay at 8 bits where matrices go to 4, as <c>yi quantize</c> makes them.</summary>
    private static readonly string[] Tables = [LlamaTensors.EmbedTokens, LlamaTensors.LmHead, "token_embd.weight", "output.weight"];

    /// <summary>Whether it fits into what is available; null where that is not known.</summary>
    public bool? Fits(MemoryNeed need) => AvailableBytes is { } available ? need.TotalBytes <= available : null;

    /// <summary>The needs of a model, or null where its shape or its tensors are not known.</summary>
    public static MemoryNeeds? Of(ModelShape shape, IReadOnlyList<StoredTensor> tensors, int? packedBits, int? contextTokens, long? availableBytes)
    {
        if (tensors.Count == 0 || shape.KvBytesPerToken is not { } perToken) return null;
        int context = contextTokens ?? (int)Math.Min(shape.MaxPositionEmbeddings ?? DefaultContextTokens, DefaultContextTokens);
        double cache = perToken * context;
        if (!(cache < long.MaxValue / 4)) return null;
        MemoryNeed Need(string name, double weightBytes) => new(name, (long)weightBytes, (long)(weightBytes + cache));
        return new MemoryNeeds(context, (long)cache, availableBytes,
        [
            Need("as stored", tensors.Sum(t => t.LengthBytes)),
            Need("16 bits", tensors.Sum(t => t.ParameterCount(packedBits) * WeightFormat.BF16.BitsPerWeight / 8)),
            Need("8 bits", tensors.Sum(t => QuantizedBytes(t, packedBits, WeightFormat.Q8_0))),
            Need("4 bits", tensors.Sum(t => QuantizedBytes(t, packedBits, Tables.Contains(t.Name) ? WeightFormat.Q8_0 : WeightFormat.Q4_0))),
        ]);
    }

    private static double QuantizedBytes(StoredTensor tensor, int? packedBits, WeightFormat format)
    {
        WeightFormat stored = tensor.Shape.Count < 2 ? WeightFormat.F32 : tensor.Shape[^1] % format.BlockLength == 0 ? format : WeightFormat.F16;
        return tensor.ParameterCount(packedBits) * stored.BitsPerWeight / 8;
    }
}
