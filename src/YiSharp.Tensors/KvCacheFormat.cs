namespace YiSharp.Tensors;

/// <summary>How keys and values are kept between their computation and their use.</summary>
public enum KvCacheFormat
{
    /// <summary><see cref="F16"/> with <see cref="Precision.Default"/>, <see cref="F32"/> with <see cref="Precision.F32"/>.</summary>
    Auto,

    /// <summary>Single precision: the reference, and what training needs.</summary>
    F32,

    /// <summary>Half precision; what lies beyond ±65504 is held there.</summary>
    F16,

    /// <summary>8-bit codes with a single-precision scale for each 32 features of a head.</summary>
    Q8,
}
