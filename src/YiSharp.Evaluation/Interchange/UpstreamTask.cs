namespace YiSharp.Evaluation;

/// <summary>Names of tasks in other programs' results, and ours.</summary>
internal static class UpstreamTask
{
    // Ours, what stands before a subject in theirs; the first is written, all are read.
    private static readonly (string Task, string[] LmEval, string[] OpenCompass)[] WithSubjects =
    [
        ("mmlu", ["mmlu_"], ["lukaemon_mmlu_"]),
        ("ceval", ["ceval-valid_"], ["ceval-"]),
        ("cmmlu", ["cmmlu_"], ["cmmlu-"]),
        ("bbh", ["bbh_", "bbh_cot_zeroshot_", "bbh_cot_fewshot_", "bbh_zeroshot_", "bbh_fewshot_"], ["bbh-"]),
    ];

    private static readonly string[] Gsm8k = ["gsm8k", "gsm8k_cot_zeroshot", "gsm8k_cot"];

    /// <summary>Ours for a task of lm-evaluation-harness; its own name where we have none.</summary>
    public static (string Task, string? Subject) OfLmEval(string name) =>
        Gsm8k.Contains(name) ? (Gsm8k[0], null) : Split(name, WithSubjects.SelectMany(row => row.LmEval.Select(prefix => (row.Task, prefix))));

    /// <summary>Ours for a data set of OpenCompass; its own name where we have none.</summary>
    public static (string Task, string? Subject) OfOpenCompass(string name) => Split(name, WithSubjects.SelectMany(row => row.OpenCompass.Select(prefix => (row.Task, prefix))));

    /// <summary>The name in results of lm-evaluation-harness.</summary>
    public static string ToLmEval(string task, string? subject)
    {
        if (subject is null) return task;
        (string Task, string[] LmEval, string[] OpenCompass) known = WithSubjects.FirstOrDefault(row => row.Task == task);
        return (known.LmEval?[0] ?? task + "_") + subject;
    }

    /// <summary>The field of TruthfulQA's questions that holds a task's options and which are right; null for all others.</summary>
    public static string? TargetsOf(string task) => task switch
    {
        "truthfulqa_mc1" => "mc1_targets",
        "truthfulqa_mc2" => "mc2_targets",
        _ => null,
    };

    private static (string Task, string? Subject) Split(string name, IEnumerable<(string Task, string Prefix)> prefixes)
    {
        (string task, string prefix) = prefixes.Where(p => name.StartsWith(p.Prefix, StringComparison.Ordinal) && name.Length > p.Prefix.Length).OrderByDescending(p => p.Prefix.Length).FirstOrDefault();
        return task is null ? (name, null) : (task, name[prefix.Length..]);
    }
}
