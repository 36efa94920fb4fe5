namespace YiSharp.Text;

/// <content>Where tokenizers come from.</content>
public sealed partial class Tokenizer
{
    /// <summary>Reads a <c>tokenizer.json</c> as it is.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">The file asks for a component that this version does not know.</exception>
    public static Tokenizer FromFile(string path) => new(TokenizerJson.Read(path));
}
