using YiSharp.Tensors;

namespace YiSharp.Evaluation;

/// <summary>What a person should look at before trusting a score: how often each rule fired, and some of the answers that no rule, or only a guess, could read.</summary>
/// <param name="Rules">Of each task and rule, the most frequent first.</param>
/// <param name="Findings">Each kind of doubtful answer.</param>
public sealed record RunAudit(IReadOnlyList<RuleCount> Rules, IReadOnlyList<AuditFinding> Findings)
{
    private static readonly (AuditKind Kind, Func<Sample, bool> Is)[] Kinds =
    [
        (AuditKind.NoAnswer, s => s.Response.Failure is not null),
        (AuditKind.NothingFound, s => s.IsExtractionFailure() && s.Response.FinishReason != Inference.FinishReason.Length),
        (AuditKind.CutOff, s => s.Response.Failure is null && s.Response.FinishReason == Inference.FinishReason.Length),
        (AuditKind.LowConfidence, s => s.Prediction.IsLowConfidence),
    ];

    /// <summary>Looks through a run.</summary>
    /// <param name="samples">Its answers.</param>
    /// <param name="count">Most samples of a kind, 1 or more.</param>
    /// <param name="seed">What chooses them.</param>
    public static RunAudit Of(IReadOnlyList<Sample> samples, int count, int seed)
    {
        RuleCount[] rules =
        [
            .. samples.GroupBy(s => (s.Task, s.Prediction.Rule)).Select(g => new RuleCount(g.Key.Task, g.Key.Rule, g.Count(), g.Count(s => s.Prediction.Correct), g.Count(s => s.Prediction.IsLowConfidence)))
                .OrderBy(r => r.Task, StringComparer.Ordinal).ThenByDescending(r => r.Count).ThenBy(r => r.Rule, StringComparer.Ordinal),
        ];
        return new RunAudit(rules, [.. Kinds.Select(kind => Choose(kind.Kind, [.. samples.Where(kind.Is)], count, seed))]);
    }

    /// <summary>Some of the samples, each with the same chance, in the order of the run.</summary>
    private static AuditFinding Choose(AuditKind kind, Sample[] all, int count, int seed)
    {
        int[] places = [.. Enumerable.Range(0, all.Length)];
        RandomStream.For((ulong)seed, $"audit {kind}").Shuffle<int>(places);
        return new AuditFinding(kind, all.Length, [.. places.Take(count).Order().Select(i => all[i])]);
    }
}

/// <summary>How often a rule found an answer.</summary>
/// <param name="Task">The task.</param>
/// <param name="Rule">The rule; null where none found any.</param>
/// <param name="Count">Answers.</param>
/// <param name="Correct">Right ones among them.</param>
/// <param name="LowConfidence">Guesses among them.</param>
public sealed record RuleCount(string Task, string? Rule, int Count, int Correct, int LowConfidence);

/// <summary>Doubtful answers of one kind.</summary>
/// <param name="Kind">Why they are doubtful.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Samples">Some of them.</param>
public sealed record AuditFinding(AuditKind Kind, int Count, IReadOnlyList<Sample> Samples)
{
    /// <summary>The kind in words.</summary>
    public string Title => Kind switch
    {
        AuditKind.NoAnswer => "No answer came",
        AuditKind.NothingFound => "Nothing found",
        AuditKind.CutOff => "Cut off by the limit of tokens",
        _ => "Found by a rule that guesses",
    };
}

/// <summary>Why an answer is doubtful.</summary>
public enum AuditKind
{
    /// <summary>The endpoint gave none.</summary>
    NoAnswer,

    /// <summary>No rule found an answer in what was said.</summary>
    NothingFound,

    /// <summary>The limit of tokens ended it, whether an answer was found or not.</summary>
    CutOff,

    /// <summary>A rule that guesses found one.</summary>
    LowConfidence,
}
