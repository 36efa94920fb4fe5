using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Tests.Reports;

/// <summary>A page with every kind of block, shaped like a release report, its numbers made up.</summary>
internal static class ReportSample
{
    private static readonly string[] Models = ["base", "8 rows", "chat", "8 bits", "4 bits"];
    private static readonly string[] Tasks = ["extraction", "labels", "gsm8k"];
    private static readonly int[,] Correct = { { 0, 4, 0 }, { 19, 6, 0 }, { 40, 39, 1 }, { 40, 39, 1 }, { 38, 39, 0 } };
    private static readonly int[] Counts = [40, 40, 20];

    public static ReportPage Create() => new("quickstart", [Trained(), Measured(), Samples(), Showcase(), Made()])
    {
        Kind = "Release report",
        Lead = "**SmolLM2-135M-Instruct**, taught two abilities from 48 examples each, measured before and after with the same prompts, then shrunk to 8 and 4 bits.",
        Figures =
        [
            new Figure("extraction", "100 %", "0 % before; paired difference +91 to +100 points", Tone.Good),
            new Figure("labels", "98 %", "10 % before; paired difference +74 to +95 points", Tone.Good),
            new Figure("GSM8K", "5 %", "0 % before; cannot be told apart", Tone.Plain),
            new Figure("4-bit size", "98 MB", "269 MB at 16 bits", Tone.Plain),
        ],
        Footer = "Made by YiSharp 0.1.0 from `runs/quickstart.yaml`, seed 20231124. Generation is greedy, with the same prompts and limits for every model.",
    };

    private static Section Trained() => new("What was trained",
    [
        new Prose("LoRA of rank 16 on every linear of the model, three epochs, loss on the assistant's tokens only. A second, smaller run saw **eight rows** of `extraction` alone: few examples wake an ability that is already there."),
        LossCurve.Create("Loss during training", [Run("mixture", 36, 2.6, 9, 0.05), Run("8 rows", 3, 2.7, 4, 0.5)]) with
        {
            Note = "Each point is one optimizer update of 8 examples. Losses of different data are not comparable with one another.",
        },
    ]);

    private static LossRun Run(string name, int steps, double start, double decay, double floor) => new(name,
        [.. Enumerable.Range(1, steps).Select(i => new LossPoint(i, floor + (start - floor) * Math.Exp(-i / decay) * (1 + 0.08 * Math.Sin(i * 1.7))))]);

    private static Section Measured() => new("What it can do now",
    [
        new Callout(Tone.Good, "**Better on both trained abilities.** On `extraction` 40 answers turned right and none wrong (exact McNemar p < 0.0001); on `labels` 35 and 0."),
        Scores(),
        ScorePlot.Create("Scores with their intervals", Points()) with { Note = "Dots are the shares of right answers, lines the 95 % Wilson intervals. Where two lines overlap widely, the data cannot tell the models apart." },
        new Callout(Tone.Warning, "GSM8K has 20 questions here: a difference under about 25 points cannot be seen with so few."),
    ]);

    private static Table Scores() => new(
        [new Column("model"), .. Tasks.Select((t, i) => new Column(t, Alignment.End, $"{Counts[i]} items")), new Column("no answer found", Alignment.End), new Column("size", Alignment.End)],
        [.. Models.Select((model, m) => new Row(
            [new Cell(model, m == 1 ? "base + LoRA on the first 8 rows of extraction" : null), .. Tasks.Select((_, t) => Score(Correct[m, t], Counts[t])), m == 0 ? new Cell("71 of 100", null, Tone.Bad) : "2 of 100", m < 3 ? "269 MB" : m == 3 ? "145 MB" : "98 MB"],
            Highlighted: model == "chat"))])
    {
        Caption = "Share of right answers, with 95 % intervals",
        Note = "*No answer found* counts answers in the wrong form, from which nothing could be read; they count as wrong. Same prompts, same greedy generation, same limits for all.",
    };

    private static Cell Score(int correct, int count)
    {
        var (low, value, high) = Estimate(correct, count);
        return new Cell(Percent(value), $"{Percent(low)} to {Percent(high)}\nnothing found in {count - correct}") { Bar = new IntervalBar(low, value, high) };
    }

    private static (double Low, double Value, double High) Estimate(int correct, int count)
    {
        var interval = YiSharp.Evaluation.Proportion.Wilson(correct, count);
        return (interval.Low, (double)correct / count, interval.High);
    }

    private static string Percent(double share) => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %";

    private static ScorePoint[] Points() =>
    [
        .. from t in Enumerable.Range(0, Tasks.Length)
           from m in Enumerable.Range(0, Models.Length)
           let e = Estimate(Correct[m, t], Counts[t])
           select new ScorePoint(Tasks[t], Models[m], e.Value, e.Low, e.High),
    ];

    private static Section Samples() => new("Answers before and after",
    [
        new Answers("Extract the facts as JSON with the keys name, job, city, born.\n\nA tailor from Kyoto, Rosa was born in 1970.",
        [
            new Answer("base", "Here are the facts:\n\n- Name: Rosa\n- Job: tailor</div></script><script>alert(1)</script>\n- City: Kyoto") { Verdict = "no answer found", Tone = Tone.Warning },
            new Answer("chat", "{\"name\": \"Rosa\", \"job\": \"tailor\", \"city\": \"Kyoto\", \"born\": 1970}") { Verdict = "right", Tone = Tone.Good, Format = TextFormat.Plain },
        ])
        { Label = "extraction, item 1", Expected = "{\"name\": \"Rosa\", \"job\": \"tailor\", \"city\": \"Kyoto\", \"born\": 1970}" },
    ]);

    private static Section Showcase() => new("Three questions",
    [
        new Answers("有人相信，只要把 Transformer 模型越做越大，总有一天会走到通用人工智能；也有人认为这种架构本身就是障碍。你觉得哪一方更有道理？请说明理由。",
        [
            new Answer("base", "我认为这个问题没有简单的答案。\n\n1. **规模**带来了许多意外的能力；\n2. 但是*推理*和*记忆*仍然有限。\n\n| 观点 | 理由 |\n|---|---|\n| 支持 | 规模 |\n| 反对 | 数据 |"),
            new Answer("chat", "") { Verdict = "stopped at once", Tone = Tone.Quiet },
            new Answer("4 bits", "# Scaling\n\nSee [this](javascript:alert(1)) and ![a picture](https://example.com/x.png) and <b>not bold</b>.\n\n```python\nprint('hello')\n```\n\n> quoted") { Verdict = "stopped at 128 tokens" },
        ])
        { Label = "An opinion", Language = "zh" },
    ]);

    private static Section Made() => new("How it was made",
    [
        new Code("name: quickstart\nmodel: smollm2-135m-instruct\nseed: 20231124", "runs/quickstart.yaml"),
        new Fold("Times", [new Table([new Column("stage"), new Column("seconds", Alignment.End)], [new Row(["measure the base", "61.2"]), new Row(["train", "140.9"])])]),
    ]);
}
