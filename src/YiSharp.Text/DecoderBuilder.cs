namespace YiSharp.Text;

/// <summary>Folds the decoders of a tokenizer.json, in their order, into <see cref="DecoderOptions"/>.</summary>
internal sealed class DecoderBuilder
{
    private DecoderOptions _options = new();
    private bool _fused;

    public void ByteLevel() => _options = _options with { ByteLevel = true };

    public void ByteFallback() => _options = _options with { ByteFallback = true };

    public void Fuse() => _fused = true;

    public void Replace(JsonField field, string pattern, string content)
    {
        if (_fused || _options.ByteFallback) throw new NotSupportedException(field.Fail("stands after ByteFallback or Fuse; known: Replace before them").Message);
        _options = _options with { Replacements = [.. _options.Replacements, (pattern, content)] };
    }

    public void Strip(JsonField field)
    {
        string content = field["content"].String();
        if (content.Length != 1) throw field["content"].Wrong("one character");
        int start = field["start"].Integer();
        if (start < 0) throw field["start"].Wrong("0 or more");
        if (!_fused || field["stop"].Integer() != 0 || _options.StripStartCount != 0)
            throw new NotSupportedException(field.Fail("strips elsewhere than once at the start of the whole text; known: Strip after Fuse with stop 0").Message);
        _options = _options with { StripCharacter = content[0], StripStartCount = start };
    }

    public DecoderOptions Build() => _options;
}
