namespace YiSharp.Tensors.Kernels;

/// <summary>How a format's groups of weights get from codes to values: value = scale · code + offset.</summary>
internal enum GroupScales
{
    /// <summary>A half, the scale; the offset is −zero · scale.</summary>
    Half,

    /// <summary>Two halves, the scale and the offset.</summary>
    HalfWithOffset,

    /// <summary>Halves d and o of a block, and bytes s and m of each group: scale d · s, offset −(o · m).</summary>
    TwoLevels,

    /// <summary>A half d of a block, and a signed byte s of each group: scale d · s; the offset is −zero · scale.</summary>
    TwoLevelsSigned,

    /// <summary>A byte e: scale 2^(e − 128).</summary>
    PowerOfTwo,
}

/// <summary>What a format becomes for the kernels: integer codes, and scales in as many bytes as the file's, or a few more where the file's straddle bytes.</summary>
/// <param name="CodeBits">4 for unsigned codes up to 15, 8 for signed ones.</param>
/// <param name="BlockLength">Weights of the file's block.</param>
/// <param name="GroupLength">Weights that share a scale, 16 or a multiple of 32.</param>
/// <param name="Scales">What is stored of the scales.</param>
/// <param name="Zero">The code that stands for 0, where the format has no offsets of its own.</param>
internal sealed record AffineForm(int CodeBits, int BlockLength, int GroupLength, GroupScales Scales, int Zero = 0)
{
    /// <summary>Groups of a block.</summary>
    public int GroupCount { get; } = BlockLength / GroupLength;

    /// <summary>Whether values have an offset beside the scaled code.</summary>
    public bool HasOffsets { get; } = Zero != 0 || Scales is GroupScales.HalfWithOffset or GroupScales.TwoLevels;

    /// <summary>Bytes of the scales of one row's block: halves first, then a byte s of each group, then a byte m of each.</summary>
    public int ScaleBytes { get; } = BlockLength / GroupLength * Scales switch
    {
        GroupScales.Half => 2,
        GroupScales.HalfWithOffset => 4,
        GroupScales.TwoLevels => 2,
        _ => 1,
    } + Scales switch
    {
        GroupScales.TwoLevels => 4,
        GroupScales.TwoLevelsSigned => 2,
        _ => 0,
    };

    /// <summary>Halves among them; the rest are single bytes.</summary>
    public int HalfCount { get; } = Scales switch
    {
        GroupScales.Half => BlockLength / GroupLength,
        GroupScales.HalfWithOffset => 2 * BlockLength / GroupLength,
        GroupScales.TwoLevels => 2,
        GroupScales.TwoLevelsSigned => 1,
        _ => 0,
    };
}
