using System.Text;

namespace YiSharp.Text;

/// <summary>No decoder: tokens stand with spaces between.</summary>
internal sealed class SpacedStep : DecoderStep
{
    private bool _isFirst = true;

    public override void Push(string token, List<string> output)
    {
        output.Add(_isFirst ? token : " " + token);
        _isFirst = false;
    }
}

/// <summary><c>Replace</c> in each token.</summary>
internal sealed class ReplaceStep(ReplaceNormalizer replace) : DecoderStep
{
    public override void Push(string token, List<string> output) => output.Add(replace.Normalize(token));
}

/// <summary><c>Strip</c> of each token: at most <paramref name="start"/> and <paramref name="stop"/> of a character at its ends.</summary>
internal sealed class StripStep(Rune content, int start, int stop) : DecoderStep
{
    private readonly string _content = content.ToString();

    public override void Push(string token, List<string> output)
    {
        int from = 0, to = token.Length;
        for (int i = 0; i < start && string.CompareOrdinal(token, from, _content, 0, _content.Length) == 0 && from < token.Length; i++) from += _content.Length;
        for (int i = 0; i < stop && to >= _content.Length && string.CompareOrdinal(token, to - _content.Length, _content, 0, _content.Length) == 0; i++) to -= _content.Length;
        output.Add(from < to ? token[from..to] : "");
    }
}

/// <summary><c>Metaspace</c>: marks are spaces, but in the first token they are nothing where the tokenizer prepends them.</summary>
internal sealed class MetaspaceStep(Rune mark, bool prepends) : DecoderStep
{
    private readonly string _mark = mark.ToString();
    private bool _isFirst = true;

    public override void Push(string token, List<string> output)
    {
        output.Add(token.Replace(_mark, _isFirst && prepends ? "" : " ", StringComparison.Ordinal));
        _isFirst = false;
    }
}

/// <summary><c>Metaspace</c> of one token that arrives in parts.</summary>
internal sealed class FusedMetaspaceStep(Rune mark, bool prepends) : DecoderStep
{
    private readonly string _mark = mark.ToString();

    public override void Push(string token, List<string> output) => output.Add(token.Replace(_mark, prepends ? "" : " ", StringComparison.Ordinal));
}

/// <summary><c>BPEDecoder</c>: the suffix of a word's last token is a space, at the text's end nothing.</summary>
internal sealed class SuffixStep(string suffix) : DecoderStep
{
    private string? _held;

    public override void Push(string token, List<string> output)
    {
        if (_held is not null) output.Add(_held.Replace(suffix, " ", StringComparison.Ordinal));
        _held = token.Contains(suffix, StringComparison.Ordinal) ? token : null;
        if (_held is null) output.Add(token);
    }

    public override void End(List<string> output)
    {
        if (_held is not null) output.Add(_held.Replace(suffix, "", StringComparison.Ordinal));
        _held = null;
    }
}

/// <summary><c>WordPiece</c>: tokens with the prefix go on with a word, others begin one.</summary>
internal sealed class WordPieceStep(string prefix, bool cleanup) : DecoderStep
{
    private bool _isFirst = true;

    public override void Push(string token, List<string> output)
    {
        if (!_isFirst) token = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
        _isFirst = false;
        output.Add(cleanup ? CleanUp(token) : token);
    }

    /// <summary>Takes the spaces away that English does not have (tokenizers <c>decoders/wordpiece.rs: cleanup</c>).</summary>
    public static string CleanUp(string text) => text
        .Replace(" .", ".", StringComparison.Ordinal).Replace(" ?", "?", StringComparison.Ordinal).Replace(" !", "!", StringComparison.Ordinal)
        .Replace(" ,", ",", StringComparison.Ordinal).Replace(" ' ", "'", StringComparison.Ordinal).Replace(" n't", "n't", StringComparison.Ordinal)
        .Replace(" 'm", "'m", StringComparison.Ordinal).Replace(" do not", " don't", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal)
        .Replace(" 've", "'ve", StringComparison.Ordinal).Replace(" 're", "'re", StringComparison.Ordinal);
}

/// <summary><c>CTC</c>: equal tokens in a row are one, padding is nothing; with cleanup the delimiter is a space.</summary>
internal sealed class CtcStep(string padToken, string wordDelimiterToken, bool cleanup) : DecoderStep
{
    private string? _last;

    public override void Push(string token, List<string> output)
    {
        if (token == _last) return;
        _last = token;
        token = token.Replace(padToken, "", StringComparison.Ordinal);
        if (cleanup) token = WordPieceStep.CleanUp(token).Replace(wordDelimiterToken, " ", StringComparison.Ordinal);
        if (token.Length > 0) output.Add(token);
    }
}
