using System.Text;

namespace YiSharp.Text;

/// <summary>
/// Collects the decoders of a tokenizer.json in their order. Those of the common byte-level and byte-fallback vocabularies come to <see cref="DecoderOptions"/>
/// alone; others keep their <see cref="DecoderOptions.Chain"/>.
/// </summary>
internal sealed class DecoderBuilder
{
    private readonly List<Func<bool, DecoderStep>> _steps = [];
    private DecoderOptions _options = new();
    private bool _needsChain;

    /// <summary>What follows sees one token, which arrives in parts.</summary>
    private bool _isFused;

    /// <summary>A step after ByteFallback tells tokens apart, so bytes in a row must stay one token.</summary>
    private bool _bytesStayTogether;

    public void ByteLevel()
    {
        _needsChain |= _isFused || _steps.Count > 0;
        _options = _options with { ByteLevel = true };
        Add(_ => new ByteLevelStep());
        _isFused = true;
    }

    public void ByteFallback()
    {
        _needsChain |= _isFused || _options.ByteFallback;
        Add(early => new ByteFallbackStep(early && !_bytesStayTogether));
        _options = _options with { ByteFallback = true };
    }

    public void Fuse() => _isFused = true;

    public void Replace(ITextFinder finder, string content, string? literal)
    {
        _needsChain |= _isFused || _options.ByteFallback || string.IsNullOrEmpty(literal);
        if (!_needsChain) _options = _options with { Replacements = [.. _options.Replacements, (literal!, content)] };
        var replace = new ReplaceNormalizer(finder, content);
        if (_isFused && literal?.Length == 1) AddDirectly(_ => new ReplaceStep(replace));
        else Add(_ => new ReplaceStep(replace));
    }

    public void Strip(Rune content, int start, int stop)
    {
        _needsChain |= !_isFused || stop > 0 || _options.StripStartCount > 0 || !content.IsBmp;
        if (!_needsChain) _options = _options with { StripCharacter = (char)content.Value, StripStartCount = start };
        AddDirectly(_isFused ? _ => new FusedStripStep(content, start, stop) : _ => new StripStep(content, start, stop));
    }

    public void Metaspace(Rune mark, bool prepends)
    {
        _needsChain = true;
        AddDirectly(_isFused ? _ => new FusedMetaspaceStep(mark, prepends) : _ => new MetaspaceStep(mark, prepends));
    }

    public void Suffix(string suffix) => AddOther(_ => new SuffixStep(suffix));

    public void WordPiece(string prefix, bool cleanup) => AddOther(_ => new WordPieceStep(prefix, cleanup));

    public void Ctc(string padToken, string wordDelimiterToken, bool cleanup) => AddOther(_ => new CtcStep(padToken, wordDelimiterToken, cleanup));

    /// <summary>A file without a decoder.</summary>
    public void None() => AddOther(_ => new SpacedStep());

    public DecoderOptions Build() => _needsChain ? new DecoderOptions { Chain = new DecoderChain(_steps) } : _options;

    private void AddOther(Func<bool, DecoderStep> step)
    {
        _needsChain = true;
        Add(step);
    }

    private void Add(Func<bool, DecoderStep> step) => AddDirectly(_isFused ? early => new WholeTextStep(step(early)) : step);

    private void AddDirectly(Func<bool, DecoderStep> step)
    {
        _bytesStayTogether |= _options.ByteFallback && !_isFused;
        _steps.Add(step);
    }
}
