using System.Buffers;
using System.Text;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary><c>ByteLevel</c>: all tokens are bytes of one text; one with a character that is no byte stands for its own.</summary>
internal sealed class ByteLevelStep : DecoderStep
{
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();

    public override void Push(string token, List<string> output) => Take(PieceTable.FromByteAlphabet(token) ?? Encoding.UTF8.GetBytes(token), flush: false, output);

    public override void End(List<string> output) => Take([], flush: true, output);

    private void Take(byte[] bytes, bool flush, List<string> output)
    {
        char[] chars = new char[_utf8.GetCharCount(bytes, flush)];
        output.Add(new string(chars, 0, _utf8.GetChars(bytes, chars, flush)));
    }
}

/// <summary>
/// <c>ByteFallback</c>: tokens <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c> in a row are the bytes of one text. If it is broken, each of its bytes is U+FFFD; a step that prints
/// early keeps the characters that were whole.
/// </summary>
internal sealed class ByteFallbackStep(bool early) : DecoderStep
{
    private readonly List<byte> _run = [];

    public override void Push(string token, List<string> output)
    {
        if (!ByteToken.TryReadAnyCase(token, out byte value))
        {
            End(output);
            output.Add(token);
            return;
        }
        _run.Add(value);
        while (early && _run.Count > 0)
        {
            OperationStatus status = Rune.DecodeFromUtf8(_run.ToArray(), out Rune rune, out int length);
            if (status == OperationStatus.NeedMoreData) break;
            output.Add(status == OperationStatus.Done ? rune.ToString() : new string('\uFFFD', length));
            _run.RemoveRange(0, length);
        }
    }

    public override void End(List<string> output)
    {
        byte[] run = [.. _run];
        _run.Clear();
        if (System.Text.Unicode.Utf8.IsValid(run)) output.Add(Encoding.UTF8.GetString(run));
        else output.AddRange(Enumerable.Repeat("\uFFFD", run.Length));
        if (run.Length == 0) output.RemoveAt(output.Count - 1);
    }
}
