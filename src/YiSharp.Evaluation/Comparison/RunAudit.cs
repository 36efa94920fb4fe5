using YiSharp.Tensors;

namespace YiSharp.Evaluation;

/// <summary>What a person should look at before trusting a score: how often each rule fired, and some of the answers that no rule, or only a guess, could read.</summary>
/// <param name="Rules">Of each task and rule, the most frequent first.</param>
/// <param name="Findings">Each kind of doubtful answer.</param>
public sealed record RunAudit(IReadOnlyList<RuleCount> Rules, IReadOnlyList<AuditFinding> Findings)
{
    private static readonly (AuditKind Kind, Func<Sample, bool> Is)[] Kinds =
    [
        (AuditKind.NoAnswer, s => s.Failure is not null),
        (AuditKind.NothingFound, s => SampleOutcome.Of(s).IsNothingFound && s.Response.FinishReason != Inference.FinishReason.Length),
        (AuditKind.CutOff, s => s.Response.Failure is null && s.Response.FinishReason == Inference.FinishReason.Length),
        (AuditKind.LowConfidence, s => s.Prediction.IsLowConfidence),
    ];

    /// <summary>Looks through a run once; what it holds does not grow with the number of answers.</summary>
    /// <param name="samples">Its answers.</param>
    /// <param name="count">Most samples of a kind, 1 or more; each has the same chance.</param>
    /// <param name="seed">What chooses them.</param>
    public static RunAudit Of(IEnumerable<Sample> samples, int count, int seed)
    {
        var rules = new Dictionary<(string, string?), RuleCount>();
        (AuditKind Kind, Func<Sample, bool> Is, Shortlist List, RandomStream Chance)[] findings = [.. Kinds.Select(kind => (kind.Kind, kind.Is, new Shortlist(count), RandomStream.For((ulong)seed, $"audit {kind.Kind}")))];
        foreach (Sample sample in samples)
        {
            var key = (sample.Task, sample.Prediction.Rule);
            RuleCount rule = rules.GetValueOrDefault(key) ?? new RuleCount(sample.Task, sample.Prediction.Rule, 0, 0, 0);
            rules[key] = rule with { Count = rule.Count + 1, Correct = rule.Correct + (sample.Prediction.Correct ? 1 : 0), LowConfidence = rule.LowConfidence + (sample.Prediction.IsLowConfidence ? 1 : 0) };
            foreach ((_, Func<Sample, bool> isOne, Shortlist list, RandomStream chance) in findings)
            {
                if (isOne(sample)) list.Add(sample, chance.NextDouble());
            }
        }
        return new RunAudit(
            [.. rules.Values.OrderBy(r => r.Task, StringComparer.Ordinal).ThenByDescending(r => r.Count).ThenBy(r => r.Rule, StringComparer.Ordinal)],
            [.. findings.Select(f => new AuditFinding(f.Kind, f.List.Count, f.List.InOrder()))]);
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
        AuditKind.NothingFound => "Nothing found in a whole answer",
        AuditKind.CutOff => "Cut off by the limit of tokens, whether something was found or not",
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
