namespace YiSharp.Text;

/// <summary>A stretch of a text.</summary>
/// <param name="Start">First UTF-16 unit, 0-based.</param>
/// <param name="Length">Number of UTF-16 units.</param>
public readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>The unit after the last.</summary>
    public int End => Start + Length;
}
