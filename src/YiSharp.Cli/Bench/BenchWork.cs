using System.Globalization;

namespace YiSharp.Cli;

/// <summary>The two kinds of work: a prompt read at once, and an answer token by token.</summary>
internal enum WorkKind
{
    /// <summary>Many tokens a pass: products bound by arithmetic.</summary>
    Prefill,

    /// <summary>One token a pass: bound by reading weights.</summary>
    Decode,
}

/// <summary>Something to time.</summary>
/// <param name="Kind">Prompt or answer.</param>
/// <param name="Tokens">Tokens that are computed, 1 or more.</param>
/// <param name="Depth">Tokens in the cache before them.</param>
internal readonly record struct BenchWork(WorkKind Kind, int Tokens, int Depth)
{
    /// <summary>The kind as JSON and tables have it.</summary>
    public string Name => Kind == WorkKind.Prefill ? "prefill" : "decode";

    /// <summary>Tokens in the cache at its end.</summary>
    public int EndTokens => Depth + Tokens;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Tokens}") + (Depth > 0 ? string.Create(CultureInfo.InvariantCulture, $" at depth {Depth}") : "");
}

/// <summary>What to time and how.</summary>
/// <param name="Works">In the order in which they are shown.</param>
/// <param name="Repeats">Timed runs of each, after one that is not.</param>
internal sealed record BenchPlan(IReadOnlyList<BenchWork> Works, int Repeats)
{
    /// <summary>Most tokens that a cache must hold.</summary>
    public int MaxTokens => Works.Max(work => work.EndTokens);

    /// <summary>Leaves out what a context does not hold.</summary>
    /// <param name="contextTokens">Tokens that the model holds.</param>
    /// <param name="skipped">A sentence for each work that is left out.</param>
    /// <exception cref="UsageException">Nothing is left.</exception>
    public BenchPlan Within(int contextTokens, out IReadOnlyList<string> skipped)
    {
        BenchWork[] fitting = [.. Works.Where(work => work.EndTokens <= contextTokens)];
        skipped = [.. Works.Except(fitting).Select(work => string.Create(CultureInfo.InvariantCulture, $"{work} is left out: it needs {work.EndTokens} tokens, and the context holds {contextTokens}."))];
        if (fitting.Length > 0) return this with { Works = fitting };
        throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"The context of {contextTokens} tokens holds none of what was asked for ({string.Join(", ", Works)}); ask for fewer tokens, or with --shape for a larger --context."));
    }

    /// <summary>Numbers with commas between them, or <c>none</c>.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    public static int[] ParseNumbers(string option, string text, int least)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase)) return [];
        var numbers = new List<int>();
        foreach (string part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int number) || number < least)
            {
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} is '{text}'; whole numbers from {least} on with commas between them, or none, were expected."));
            }
            if (!numbers.Contains(number)) numbers.Add(number);
        }
        return [.. numbers];
    }

    /// <summary>The plan of the options that <c>yi bench</c> and <c>bench/compare</c> share.</summary>
    /// <exception cref="UsageException">A number does not hold, or nothing is to be done.</exception>
    public static BenchPlan Of(string prefill, string depth, int decode, int repeats)
    {
        if (decode < 1) throw new UsageException($"--decode is {decode}; 1 or more was expected.");
        if (repeats < 1) throw new UsageException($"--repeats is {repeats}; 1 or more was expected.");
        BenchWork[] works =
        [
            .. ParseNumbers("--prefill", prefill, 1).Select(tokens => new BenchWork(WorkKind.Prefill, tokens, 0)),
            .. ParseNumbers("--depth", depth, 0).Select(tokens => new BenchWork(WorkKind.Decode, decode, tokens)),
        ];
        return works.Length > 0 ? new BenchPlan(works, repeats) : throw new UsageException("--prefill and --depth are both none; there is nothing to time.");
    }
}
