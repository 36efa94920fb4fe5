namespace YiSharp.Text;

/// <summary>A rewriting of the text before it is cut: <c>normalizer</c> in tokenizer.json. Works on each stretch between added tokens. Safe for use by several threads.</summary>
internal interface INormalizer
{
    /// <summary>The text rewritten; a text without unpaired surrogates stays one.</summary>
    string Normalize(string text);

    /// <summary>Whether the rewritten text still begins with what the text began with, so that <see cref="PrependScheme.First"/> knows it for the start.</summary>
    bool KeepsStart(string text) => true;
}

/// <summary>Several normalizers, one after the other.</summary>
internal sealed class NormalizerSequence(INormalizer[] steps) : INormalizer
{
    public string Normalize(string text)
    {
        int length = text.Length;
        foreach (INormalizer step in steps)
        {
            text = step.Normalize(text);
            GrowthLimit.Check(length, text.Length);
        }
        return text;
    }

    public bool KeepsStart(string text)
    {
        foreach (INormalizer step in steps)
        {
            if (!step.KeepsStart(text)) return false;
            text = step.Normalize(text);
        }
        return true;
    }
}

/// <summary>Puts a string before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public string Normalize(string text) => text.Length == 0 ? text : prefix + text;
}

/// <summary>Writes the text's bytes in the <see cref="ByteAlphabet"/>.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public string Normalize(string text) => ByteAlphabet.Write(text);
}
