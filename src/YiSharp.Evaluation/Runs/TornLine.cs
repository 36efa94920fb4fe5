namespace YiSharp.Evaluation;

/// <summary>The end of a file of lines whose last one was interrupted while it was written.</summary>
public static class TornLine
{
    private const int StepBytes = 64 << 10;

    /// <summary>Bytes up to the last line end: what was written whole. Looks from the end.</summary>
    public static long WholeBytes(FileStream file)
    {
        byte[] bytes = new byte[Math.Min(StepBytes, file.Length)];
        for (long end = file.Length; end > 0;)
        {
            long begin = Math.Max(0, end - bytes.Length);
            file.Position = begin;
            Span<byte> part = bytes.AsSpan(0, (int)(end - begin));
            file.ReadExactly(part);
            if (part.LastIndexOf((byte)'\n') is var at and >= 0) return begin + at + 1;
            end = begin;
        }
        return 0;
    }
}
