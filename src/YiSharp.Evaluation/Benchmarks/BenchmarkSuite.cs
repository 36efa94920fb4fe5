namespace YiSharp.Evaluation;

/// <summary>A published benchmark: where its questions stand and what may be done with them.</summary>
/// <param name="Name">As on the command line, such as <c>mmlu</c>.</param>
/// <param name="Folder">Its folder's name here.</param>
/// <param name="Repository">The name of the original repository's folder.</param>
/// <param name="Hub">Its name on the hub, such as <c>cais/mmlu</c>.</param>
/// <param name="Evaluated">The split whose questions are asked.</param>
/// <param name="Exemplars">The split whose questions are shown with their answers; null where a benchmark has no such thing.</param>
/// <param name="Items">Questions that are asked, all together.</param>
/// <param name="Licence">The licence of the data.</param>
/// <param name="Source">Where the files come from whose checksums we know, with the commit.</param>
/// <param name="HowToGet">Where a user gets it, and what belongs where.</param>
/// <param name="Subjects">Its subjects.</param>
/// <param name="Parse">A row as a question, by its place in the source file.</param>
internal sealed record BenchmarkSuite(
    string Name, string Folder, string Repository, string Hub, string Evaluated, string? Exemplars, int Items, string Licence, string Source, string HowToGet,
    BenchmarkSubjects Subjects, Func<int, TableRow, BenchmarkItem> Parse)
{
    /// <summary>What a command line calls both of TruthfulQA's scores.</summary>
    public const string TruthfulQa = "truthfulqa";

    /// <summary>The suite whose exemplars stand in files of their own, with the way to each answer.</summary>
    public const string BigBenchHard = "bbh";

    /// <summary>The suites, in the order of tables.</summary>
    public static IReadOnlyList<BenchmarkSuite> All { get; } =
    [
        new("mmlu", "mmlu", "hendrycks_test", "cais/mmlu", "test", "dev", 14_042, "MIT", "hendrycks/test, data.tar, via xiaoyichao/LLaMA-Efficient-Tuning @c4f50865",
            "get data.tar from https://github.com/hendrycks/test (mmlu/data/test/SUBJECT_test.csv, mmlu/data/dev/SUBJECT_dev.csv) or cais/mmlu from the hub (mmlu/SUBJECT/test-00000-of-00001.parquet)",
            BenchmarkSubjects.Mapped("mmlu"), BenchmarkRows.Choice),
        new("ceval", "ceval", "ceval-exam", "ceval/ceval-exam", "val", "dev", 1_346, "CC BY-NC-SA 4.0", "ceval-exam, via TsingmaoAI/MI-optimize @b147ba57",
            "get ceval-exam.zip or the parquet files of ceval/ceval-exam from the hub (ceval/val/SUBJECT_val.csv, ceval/dev/SUBJECT_dev.csv, or ceval/SUBJECT/val-00000-of-00001.parquet)",
            BenchmarkSubjects.Mapped("ceval"), BenchmarkRows.Choice),
        new("cmmlu", "cmmlu", "CMMLU", "haonan-li/cmmlu", "test", "dev", 11_582, "CC BY-NC-SA 4.0", "haonan-li/CMMLU @d6e7b716",
            "get the data folder of https://github.com/haonan-li/CMMLU or cmmlu_v1_0_1.zip of haonan-li/cmmlu from the hub (cmmlu/test/SUBJECT.csv, cmmlu/dev/SUBJECT.csv)",
            BenchmarkSubjects.Mapped("cmmlu"), BenchmarkRows.Choice),
        new("gsm8k", "gsm8k", "grade-school-math", "openai/gsm8k", "test", "train", 1_319, "MIT", "openai/grade-school-math @3101c7d5",
            "get test.jsonl and train.jsonl from https://github.com/openai/grade-school-math (gsm8k/test.jsonl) or openai/gsm8k from the hub (gsm8k/main/test-00000-of-00001.parquet)",
            BenchmarkSubjects.None("gsm8k", "GSM8K", "main", "data"), BenchmarkRows.Solution),
        new(BigBenchHard, "bbh", "BIG-Bench-Hard", "lukaemon/bbh", "test", null, 6_511, "MIT", "suzgunmirac/BIG-Bench-Hard @9ee07bd4",
            "get https://github.com/suzgunmirac/BIG-Bench-Hard (bbh/bbh/SUBJECT.json, bbh/cot-prompts/SUBJECT.txt) or lukaemon/bbh from the hub (bbh/SUBJECT/test-00000-of-00001.parquet)",
            BenchmarkSubjects.BigBenchHard, BenchmarkRows.Target),
        Truths("truthfulqa_mc1", BenchmarkRows.OneTruth),
        Truths("truthfulqa_mc2", BenchmarkRows.AllTruths),
    ];

    /// <summary>Names of folders that may hold the suite: its own, the original repository's, the hub's as a clone, as one name and in the hub's cache.</summary>
    public IEnumerable<string> FolderNames => [Folder, Repository, Hub.Replace('/', Path.DirectorySeparatorChar), Hub.Replace("/", "_", StringComparison.Ordinal), $"datasets--{Hub.Replace("/", "--", StringComparison.Ordinal)}"];

    /// <summary>The columns of a csv that does not name them; null where it must.</summary>
    public IReadOnlyList<string>? Columns => Parse == BenchmarkRows.Choice ? BenchmarkRows.ChoiceColumns : null;

    /// <summary>The name of a folder with some questions of each subject.</summary>
    public string SampleFolder => $"{Folder}-sample";

    private static BenchmarkSuite Truths(string name, Func<int, TableRow, BenchmarkItem> parse) => new(
        name, TruthfulQa, "TruthfulQA", "truthfulqa/truthful_qa", "val", null, 817, "Apache-2.0", "sylinrl/TruthfulQA, via benedictflorance/truthfulqa_experiments @6fdfd382",
        "get TruthfulQA.csv from https://github.com/sylinrl/TruthfulQA (truthfulqa/TruthfulQA.csv) or truthfulqa/truthful_qa from the hub (truthfulqa/multiple_choice/validation-00000-of-00001.parquet)",
        BenchmarkSubjects.None(name, "TruthfulQA", "multiple_choice", "TruthfulQA"), parse);
}
