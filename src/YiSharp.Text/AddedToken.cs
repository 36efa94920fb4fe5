namespace YiSharp.Text;

/// <summary>A token that is looked for in the text before the model sees it: an entry of <c>added_tokens</c> in tokenizer.json.</summary>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>A control token: recognized only in <see cref="SpecialTokens.Split"/>, left out by <c>skipSpecial</c>.</summary>
    public bool Special { get; init; }

    /// <summary>Matched only where neither neighbour is a word character.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Takes the white space before it along.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Takes the white space after it along.</summary>
    public bool StripRight { get; init; }

    /// <summary>Looked for in the normalized text instead of the raw one.</summary>
    public bool Normalized { get; init; }
}
