using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>What a conversion wrote.</summary>
public sealed record ConversionReport
{
    /// <summary>Where it was written.</summary>
    public required string Path { get; init; }

    /// <summary>What was written.</summary>
    public required ModelTarget Target { get; init; }

    /// <summary>Number of weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of all weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Tensors in each format, the format of most bytes first.</summary>
    public required IReadOnlyList<(WeightFormat Format, int Tensors)> Formats { get; init; }

    /// <summary>Whether every weight that was read has the same value in what was written.</summary>
    public required bool IsExact { get; init; }

    /// <summary>Matrices that are stored in another format than was asked for, with the reason.</summary>
    public required IReadOnlyList<(string Name, WeightFormat Format, string Reason)> Exceptions { get; init; }

    /// <summary>Ids that end an answer, the one that ends a turn first.</summary>
    public required IReadOnlyList<int> EosTokenIds { get; init; }
}
