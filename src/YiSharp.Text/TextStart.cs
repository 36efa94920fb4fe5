namespace YiSharp.Text;

/// <summary>Drops the spaces that <see cref="LeadingSpace"/> names from the first pieces of a text.</summary>
internal struct TextStart(PieceTable pieces)
{
    private bool _isOver = pieces.Options.LeadingSpace == LeadingSpace.Keep;

    /// <summary>The bytes of the next id, without a space that is to go.</summary>
    public ReadOnlySpan<byte> Take(int id)
    {
        ReadOnlySpan<byte> bytes = pieces.BytesOf(id);
        if (_isOver) return bytes;
        bool drops = pieces.StartsWithSpace(id);
        if (drops) bytes = bytes[1..];
        _isOver = bytes.Length > 0 || (drops && pieces.Options.LeadingSpace == LeadingSpace.DropFirst);
        return bytes;
    }
}
