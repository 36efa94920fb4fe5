using System.Globalization;
using YiSharp.Checkpoints;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Reports;

namespace YiSharp.Cli;

/// <summary>In which form an evaluation or a comparison is printed, and whether a page is written besides.</summary>
internal sealed class ReportOutput
{
    private readonly Terminal _terminal;
    private readonly bool _isJson;
    private readonly Func<Table, string> _render;
    private readonly string? _html;

    /// <exception cref="UsageException">More than one form was asked for.</exception>
    public ReportOutput(Terminal terminal, bool json, bool markdown, bool latex, string? html)
    {
        if (((bool[])[json, markdown, latex]).Count(form => form) > 1) throw new UsageException("--json, --markdown and --latex are forms of the same; give one.");
        (_terminal, _isJson, _html) = (terminal, json, html);
        _render = markdown ? MarkdownTable.Render : latex ? LatexTable.Render : TextTable.Render;
    }

    /// <summary>Whether the tables stand alone, without sentences around them.</summary>
    private bool IsForPapers => _render != TextTable.Render;

    private static string Footer => $"yi {ProductVersion.Text} compare";

    /// <summary>One evaluation.</summary>
    /// <param name="folder">Its folder, as <c>yi eval</c> wrote it.</param>
    public void Write(string folder)
    {
        string path = Path.Combine(folder, EvaluationReport.FileName);
        var report = EvaluationReport.Read(path);
        // First: every sample is read, and what is damaged is said before anything is printed.
        if (_html is not null) WritePage(folder, _html);
        else Sample.Check(folder, report);
        if (!_isJson && !IsForPapers) _terminal.Out.WriteLine(Sentences.Printable(Heading(report)));
        if (_isJson) _terminal.Out.Write(File.ReadAllText(path));
        else _terminal.Out.Write(_render(RunTables.Scores(report)));
    }

    /// <summary>The page of one evaluation.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="file">Where the page goes.</param>
    public static void WritePage(string folder, string file)
    {
        RunFact Requests(string what, string log) => new(what, EndpointTotals.Of(RequestLog.Read(folder, log), prices: null) is { Questions: > 0 } totals ? totals.ToString() : null);
        RunFact[] facts = [Requests("requests", RequestLog.FileName), Requests("requests to the judge", RequestLog.JudgeFileName)];
        AtomicFile.WriteAllText(file, RunPage.Create(folder, facts, $"yi {ProductVersion.Text} eval").ToHtml());
    }

    /// <summary>Several evaluations.</summary>
    public void Write(PairedRuns runs, ComparisonTable comparison)
    {
        string?[] remarks =
        [
            .. comparison.Describe(), runs.RulesRemark, runs.OnlyModel is { } model ? $"All runs are of {model}." : null,
            comparison.LeftOut > 0 ? $"{Sizes.Of(comparison.LeftOut, "item that not all models were asked is", "items that not all models were asked are")} left out." : null,
        ];
        if (_html is not null) AtomicFile.WriteAllText(_html, ComparisonPage.Create(runs, comparison, Footer).ToHtml());
        if (_isJson) _terminal.Out.Write(ComparisonJson.Write(comparison));
        else WriteTables([ComparisonTables.Scores(comparison), ComparisonTables.Differences(comparison)], [.. remarks.OfType<string>()]);
    }

    /// <summary>Rows of the published table.</summary>
    public void Write(IReadOnlyList<PublishedComparison> comparisons)
    {
        string[] findings = [.. PublishedComparison.Describe(comparisons)];
        var page = new ReportPage("The published table of the Yi chat models, read again", [new Section("Which differences are real", [.. findings.Select(f => new Prose(f)), PublishedComparison.ToTable(comparisons)])])
        {
            Kind = "Comparison",
            Footer = Footer,
        };
        if (_html is not null) AtomicFile.WriteAllText(_html, page.ToHtml());
        if (_isJson) _terminal.Out.Write(ComparisonJson.Write(comparisons));
        else WriteTables([PublishedComparison.ToTable(comparisons)], [.. findings, PublishedComparison.Caution]);
    }

    private static string Heading(EvaluationReport report)
    {
        EvaluationProtocol protocol = report.Protocol;
        bool isBenchmark = report.Tasks.All(task => BenchmarkData.Suites.Contains(task.Name, StringComparer.Ordinal));
        string limit = protocol.Limit is not { } count ? ""
            : protocol.Seed is { } seed ? $", {Sizes.Of(count, "question", "questions")} of each {(isBenchmark ? "benchmark" : "task")} (seed {seed})"
            : $", at most {Sizes.Of(count, "question", "questions")} of each task";
        return string.Create(CultureInfo.InvariantCulture, $"{report.Model}{(report.Arithmetic is { } arithmetic ? $" ({arithmetic})" : "")}; protocol {protocol.Name} {protocol.Version}, {Sizes.Of(protocol.Shots, "exemplar", "exemplars")}, {protocol.Generation}{limit}");
    }

    private void WriteTables(Table[] tables, string[] remarks)
    {
        _terminal.Out.Write(string.Join("\n", tables.Select(_render)));
        if (IsForPapers) return;
        _terminal.Out.WriteLine();
        foreach (string remark in remarks) _terminal.Out.WriteLine(Sentences.Printable(remark));
    }
}
