namespace YiSharp.Text;

/// <summary>Drops white space at the text's ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public string Normalize(string text)
    {
        if (left) text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    }

    public bool KeepsStart(string text) => !left || text.Length == 0 || !char.IsWhiteSpace(text[0]);
}
