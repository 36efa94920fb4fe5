namespace YiSharp.Text;

/// <summary>A rewriting of the text before it is cut: <c>normalizer</c> in tokenizer.json. Works on each stretch between added tokens.</summary>
internal interface INormalizer
{
    string Normalize(string text);
}

/// <summary>Several normalizers, one after the other.</summary>
internal sealed class NormalizerSequence(INormalizer[] steps) : INormalizer
{
    public string Normalize(string text)
    {
        foreach (INormalizer step in steps) text = step.Normalize(text);
        return text;
    }
}

/// <summary>Replaces every occurrence of a string by another.</summary>
internal sealed class ReplaceNormalizer(string pattern, string content) : INormalizer
{
    public string Normalize(string text) => text.Replace(pattern, content, StringComparison.Ordinal);
}

/// <summary>Puts a string before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public string Normalize(string text) => text.Length == 0 ? text : prefix + text;
}
