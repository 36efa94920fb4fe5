namespace YiSharp.Text;

/// <summary>Words to ids: <c>model</c> in tokenizer.json. Safe for use by several threads.</summary>
internal interface ITokenizerModel
{
    /// <summary>Appends the ids of one word.</summary>
    void Encode(ReadOnlySpan<char> word, IdList ids);
}
