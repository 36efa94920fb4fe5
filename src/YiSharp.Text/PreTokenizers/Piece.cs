namespace YiSharp.Text;

/// <summary>A stretch of the normalized text on its way to the model.</summary>
/// <param name="Text">Its characters, or a rewritten copy of them.</param>
/// <param name="AtStart">Whether it begins where the user's text begins.</param>
internal readonly record struct Piece(ReadOnlyMemory<char> Text, bool AtStart)
{
    /// <summary>A part of the piece.</summary>
    public Piece Slice(int start, int end) => new(Text[start..end], AtStart && start == 0);
}
