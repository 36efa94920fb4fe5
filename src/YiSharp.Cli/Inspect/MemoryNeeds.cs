using YiSharp.Checkpoints;
using YiSharp.Inference;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>Memory that a model takes with some bits a weight.</summary>
/// <param name="Name">Such as <c>4 bits</c>.</param>
/// <param name="WeightBytes">Of the weights, as they are when it runs.</param>
/// <param name="TotalBytes">With all else.</param>
internal sealed record MemoryNeed(string Name, long WeightBytes, long TotalBytes);

/// <summary>Memory that is resident when a model runs for one sequence, as stored and with 16, 8 and 4 bits a weight.</summary>
/// <param name="ContextTokens">Tokens that the cache holds.</param>
/// <param name="KvCacheBytes">Keys and values of one sequence.</param>
/// <param name="WorkspaceBytes">Activations of a forward pass, scores of the vocabulary, angles of the positions.</param>
/// <param name="ProgramBytes">The program itself, with the tokenizer.</param>
/// <param name="AvailableBytes">What this machine has to give, or null where it does not say.</param>
/// <param name="Needs">As stored, 16, 8 and 4 bits.</param>
internal sealed record MemoryNeeds(int ContextTokens, long KvCacheBytes, long WorkspaceBytes, long ProgramBytes, long? AvailableBytes, IReadOnlyList<MemoryNeed> Needs)
{
    /// <summary>Tokens of context unless asked otherwise; a model that reads fewer takes its own.</summary>
    public const int DefaultContextTokens = 4096;

    /// <summary>Resident bytes of <c>yi generate</c> on Linux with a model of next to no weights, and for each token of a vocabulary: <c>MemoryTests</c> measures them.</summary>
    private const long BareProgramBytes = 52L << 20, TokenBytes = 550;

    /// <summary>What the system brings into memory at once of a mapped file: 64 KiB to 2 MiB, as its own pages of the file are large; this is between.</summary>
    private const double MappedRegionBytes = 1 << 19;

    /// <summary>
    /// Of a forward pass over a chunk of a prompt, live or kept for the next pass: in units of the hidden size five tensors of the residual stream and half a one of rounded activations, two of keys and values,
    /// and in units of the MLP's width gate, up, their product and half a one rounded; a fourth more for passes of other lengths.
    /// </summary>
    private const double HiddenTensors = 5.5, KvTensors = 2, MlpTensors = 3.5, OtherLengths = 1.25;

    /// <summary>Single-precision numbers for each token of the vocabulary: scores on the backend and the engine's copy, the sampler's order and probabilities.</summary>
    private const int NumbersPerVocabularyToken = 4;

    /// <summary>Beyond all models: layers, heads and the width of one; tokens and widths; keys of a context.</summary>
    private const int MostWide = 1 << 14, MostLong = 1 << 28;

    private const double MostNumbers = 1L << 55;

    private static readonly string[] Embeddings = [LlamaTensors.EmbedTokens, "token_embd.weight"];

    /// <summary>Tables stay at 8 bits where matrices go to 4, as <c>yi quantize</c> makes them.</summary>
    private static readonly string[] Tables = [.. Embeddings, LlamaTensors.LmHead, "output.weight"];

    /// <summary>Whether it fits into what is available; null where that is not known.</summary>
    public bool? Fits(MemoryNeed need) => AvailableBytes is { } available ? need.TotalBytes <= available : null;

    /// <summary>The needs of a model, or null where its shape or its tensors are not known.</summary>
    public static MemoryNeeds? Of(ModelShape shape, IReadOnlyList<StoredTensor> tensors, int? packedBits, int? contextTokens, long? availableBytes, bool hasTokenizer)
    {
        if (tensors.Count == 0 || Number(shape.NumHiddenLayers, MostWide) is not { } layers || Number(shape.NumAttentionHeads, MostWide) is not { } heads || Number(shape.NumKeyValueHeads, MostWide) is not { } kvHeads
            || Number(shape.HeadDim, MostWide) is not { } headDim || Number(shape.HiddenSize, MostLong) is not { } hidden || Number(shape.VocabSize, MostLong) is not { } vocab) return null;
        int longest = Number(shape.MaxPositionEmbeddings, MostLong) ?? DefaultContextTokens;
        if (Number(contextTokens ?? Math.Min(longest, DefaultContextTokens), MostLong) is not { } context || (double)layers * heads * headDim * context > MostNumbers) return null;
        var attention = new AttentionShape(heads, kvHeads, headDim);
        long cache = CpuBackend.KvCacheBytes(layers, attention, context);
        int chunk = Math.Min(context, new EngineOptions().PrefillTokens);
        double widths = HiddenTensors * Math.Max(hidden, attention.QueryColumns) + KvTensors * attention.KvColumns + MlpTensors * (shape.IntermediateSize ?? 0);
        long workspace = (long)(sizeof(float) * (OtherLengths * chunk * widths + (double)NumbersPerVocabularyToken * vocab + (double)context * headDim));
        long program = BareProgramBytes + (hasTokenizer ? TokenBytes * vocab : 0);

        MemoryNeed Need(string name, Func<StoredTensor, WeightFormat?> format)
        {
            double[] bytes = [.. tensors.Select(t => RunningBytes(t, packedBits, format(t)))];
            double weights = bytes.Sum();
            // Rows of a table that nothing else reads come into memory as tokens ask for them, where it lies in a file.
            if (shape.TieWordEmbeddings == false && weights >= PackedCacheOptions.DefaultLeastBytes)
            {
                foreach (double table in bytes.Where((_, i) => Embeddings.Contains(tensors[i].Name))) weights -= table * Math.Exp(-context * MappedRegionBytes / Math.Max(table, 1));
            }
            return new(name, (long)weights, (long)weights + cache + workspace + program);
        }
        return new MemoryNeeds(context, cache, workspace, program, availableBytes,
        [
            Need("as stored", _ => null),
            Need("16 bits", _ => WeightFormat.BF16),
            Need("8 bits", t => Quantized(t, WeightFormat.Q8_0)),
            Need("4 bits", t => Quantized(t, Tables.Contains(t.Name) ? WeightFormat.Q8_0 : WeightFormat.Q4_0)),
        ]);
    }

    private static WeightFormat Quantized(StoredTensor tensor, WeightFormat format) =>
        tensor.Shape.Count < 2 ? WeightFormat.F32 : tensor.Shape[^1] % format.BlockLength == 0 ? format : WeightFormat.F16;

    /// <summary>Bytes of a tensor while the model runs, once it is stored in <paramref name="format"/>; null: as it is stored now.</summary>
    private static double RunningBytes(StoredTensor tensor, int? packedBits, WeightFormat? format)
    {
        double stored = format is null ? tensor.LengthBytes : tensor.ParameterCount(packedBits) * format.BitsPerWeight / 8;
        format ??= WeightFormat.All.FirstOrDefault(f => f.Name == tensor.Type);
        // Codes that another quantizer has packed do not have the matrix's shape.
        if (format is null || tensor.Shape.Count != 2 || tensor.ParameterCount(packedBits) != tensor.ElementCount) return stored;
        (long rows, long columns) = (tensor.Shape[0], tensor.Shape[1]);
        if (rows is < 1 or > int.MaxValue || columns is < 1 or > int.MaxValue || columns % format.BlockLength != 0) return stored;
        return PackedForm.LengthBytes(format, (int)rows, (int)columns) ?? stored;
    }

    /// <summary>Numbers of headers are what somebody wrote: those that no model has are as good as none.</summary>
    private static int? Number(long? value, int most) => value > 0 && value <= most ? (int)value : null;
}
