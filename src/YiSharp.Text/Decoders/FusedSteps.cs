using System.Text;

namespace YiSharp.Text;

/// <summary>A step that must see the whole text: nothing is printed before its end.</summary>
internal sealed class WholeTextStep(DecoderStep step) : DecoderStep
{
    private readonly StringBuilder _text = new();

    public override void Push(string token, List<string> output) => _text.Append(token);

    public override void End(List<string> output)
    {
        step.Push(_text.ToString(), output);
        step.End(output);
        _text.Clear();
    }
}

/// <summary><c>Strip</c> of one text that arrives in parts: what may be stripped at its end is held back.</summary>
internal sealed class FusedStripStep(Rune content, int start, int stop) : DecoderStep
{
    private readonly string _content = content.ToString();
    private readonly StringBuilder _held = new();
    private int _startLeft = start;

    public override void Push(string token, List<string> output)
    {
        int from = 0;
        while (_startLeft > 0 && from < token.Length)
        {
            bool strips = string.CompareOrdinal(token, from, _content, 0, _content.Length) == 0;
            _startLeft = strips ? _startLeft - 1 : 0;
            if (strips) from += _content.Length;
        }
        _held.Append(token, from, token.Length - from);

        string text = _held.ToString();
        int to = text.Length;
        for (int i = 0; i < stop && EndsWithContent(text, to); i++) to -= _content.Length;
        output.Add(text[..to]);
        _held.Remove(0, to);
    }

    public override void End(List<string> output) => _held.Clear();

    private bool EndsWithContent(string text, int length) =>
        length >= _content.Length && string.CompareOrdinal(text, length - _content.Length, _content, 0, _content.Length) == 0;
}
