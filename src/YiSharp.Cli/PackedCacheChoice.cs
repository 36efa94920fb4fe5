using YiSharp.Checkpoints;
using YiSharp.Reports;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>What <c>--packed-cache</c> asks for, and how people see it done.</summary>
internal static class PackedCacheChoice
{
    /// <summary>Models that are large enough, in the user's folder.</summary>
    public const string Auto = "auto";

    /// <summary>The cache that was asked for; null for none.</summary>
    /// <exception cref="UsageException">There is no such choice.</exception>
    public static PackedCache? Of(string choice, string model) => choice switch
    {
        Auto => new PackedCache(),
        "always" => new PackedCache(new PackedCacheOptions { LeastBytes = 0 }),
        "beside" => new PackedCache(new PackedCacheOptions { LeastBytes = 0, Folder = PackedCacheOptions.BesideModel(model) }),
        "off" => null,
        _ => throw new UsageException($"--packed-cache is '{choice}'; auto, always, beside or off was expected."),
    };

    /// <summary>The packed weights of a model, from the cache or made now; null where they are so few that nobody needs to see them made.</summary>
    public static PackedWeights? Open(PackedCache? cache, Checkpoint checkpoint, Parallelism parallelism, Terminal terminal, CancellationToken cancellation)
    {
        bool isKept = cache?.Keeps(checkpoint) == true;
        if (!isKept && PackedWeights.LengthBytes(checkpoint) < PackedCacheOptions.DefaultLeastBytes) return null;
        if (isKept && cache!.Find(checkpoint) is { } found) return found;
        PackedWeights made = ProgressDisplay.Run(terminal, show =>
        {
            void Show(long done, long total) => show(new WorkProgress(isKept ? "packing weights, once for this model" : "packing weights", (double)done / total, $"{Sizes.Bytes(done)} of {Sizes.Bytes(total)}"));
            return isKept ? cache!.Make(checkpoint, parallelism, Show, cancellation) : PackedWeights.InMemory(checkpoint, parallelism, Show, cancellation);
        });
        if (made.WhyNotKept is { } whyNot) terminal.Error.WriteLine($"yi: {Sentences.Printable(whyNot)} They are in memory, and packed anew at the next start; --packed-cache off asks for just that.");
        return made;
    }
}
