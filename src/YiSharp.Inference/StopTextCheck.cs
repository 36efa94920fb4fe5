using System.Text;
using YiSharp.Text;

namespace YiSharp.Inference;

/// <summary>
/// Sees in an answer's ids as they come whether a stop text is written, wherever tokens divide it. It ends the answer only where nothing that could still come would make an earlier
/// stop text: the text cut at its first stop text is the one that the whole answer, cut afterwards, would be.
/// </summary>
/// <param name="tokenizer">Turns ids into text.</param>
/// <param name="stops">The texts; empty ones stop nothing.</param>
internal sealed class StopTextCheck(Tokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly IncrementalDecoder _decoder = tokenizer.CreateDecoder(skipSpecial: true);
    private readonly string[] _stops = [.. stops.Where(stop => stop.Length > 0)];
    private readonly StringBuilder _text = new();
    private int? _first;

    /// <summary>Takes the next id and says whether the answer ends with it.</summary>
    public bool Ends(int id)
    {
        string piece = _decoder.Push(id);
        if (piece.Length == 0 || _stops.Length == 0) return false;
        int before = _text.Length;
        _text.Append(piece);
        foreach (string stop in _stops)
        {
            int from = Math.Max(0, before - (stop.Length - 1)), at = _text.ToString(from, _text.Length - from).IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0) _first = Math.Min(_first ?? int.MaxValue, from + at);
        }
        return _first is { } first && !_stops.Any(stop => MayBegin(stop, first));
    }

    /// <summary>Whether the text ends with the beginning of a stop text that starts before a place.</summary>
    private bool MayBegin(string stop, int before)
    {
        for (int at = Math.Max(0, _text.Length - (stop.Length - 1)); at < before; at++)
        {
            if (stop.StartsWith(_text.ToString(at, _text.Length - at), StringComparison.Ordinal)) return true;
        }
        return false;
    }
}
