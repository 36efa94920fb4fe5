using System.Runtime.CompilerServices;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// The factors s and m, of 6 bits each, of the 8 groups of a Q4_K or Q5_K block in 12 bytes (ggml-quants.c, get_scale_min_k4).
/// <code>
/// byte g      g &lt; 4: bits 0-5 s of group g; bits 6-7 bits 4-5 of s of group g + 4
/// byte g + 4  g &lt; 4: bits 0-5 m of group g; bits 6-7 bits 4-5 of m of group g + 4
/// byte g + 8  g &lt; 4: low nibble bits 0-3 of s, high nibble bits 0-3 of m of group g + 4
/// </code>
/// </summary>
[InlineArray(12)]
internal struct GroupFactors
{
    private byte _first;

    /// <summary>s and m of a group, 0 to 63.</summary>
    public readonly (int S, int M) Of(int group) => group < 4
        ? (this[group] & 63, this[group + 4] & 63)
        : ((this[group + 4] & 15) | (this[group - 4] >> 6 << 4), (this[group + 4] >> 4) | (this[group] >> 6 << 4));
}
