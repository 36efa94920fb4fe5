using System.Text.RegularExpressions;
using YiSharp.Reports;

namespace YiSharp.Tests.Reports;

public sealed class ReportPageTests
{
    private static readonly string Sample = ReportSample.Create().ToHtml();

    [Fact]
    public void Equal_pages_give_equal_text_and_the_sample_is_written_to_be_looked_at()
    {
        Assert.Equal(Sample, ReportSample.Create().ToHtml());
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "report-sample.html"), Sample);
    }

    [Fact]
    public void Nothing_is_loaded_from_elsewhere()
    {
        string markup = WithoutScripts(Sample);
        Assert.DoesNotContain("<link", markup);
        Assert.DoesNotContain("<img", markup);
        Assert.DoesNotContain("@import", markup);
        Assert.DoesNotContain("url(", markup);
        Assert.DoesNotMatch(@"\ssrc\s*=", markup);
        Assert.Contains("default-src 'none'", markup);
        Assert.DoesNotContain("sourceMappingURL", Sample);
    }

    [Fact]
    public void Words_of_models_stay_words()
    {
        Assert.DoesNotContain("alert(1)</script>", Sample);
        Assert.DoesNotContain("javascript:alert", Sample);
        Assert.DoesNotContain("<b>not bold", Sample);
        Assert.Contains("&lt;script&gt;alert(1)", Sample);
        Assert.Contains("[image: a picture]", Sample);
        // four libraries and scripts, two plots' data, and their closing tags: a text that closed one would change the count
        Assert.Equal(6, Regex.Count(Sample, "<script"));
        Assert.Equal(6, Regex.Count(Sample, "</script>"));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("</title></style></script><img src=x onerror=alert(1)>")]
    [InlineData("\" onmouseover=\"alert(1)\" x='")]
    [InlineData("a\0b\u0007c\ud800d\u2028e")]
    [InlineData("|---|\n|`*_[x](javascript:y)")]
    public void Every_text_of_a_page_is_escaped_wherever_it_stands(string hostile)
    {
        Table table = new([new Column(hostile, Alignment.End, hostile)], [new Row([new Cell(hostile, hostile)])]) { Caption = hostile, Note = hostile };
        var page = new ReportPage(hostile,
        [
            new Section(hostile,
            [
                new Prose(hostile), new Callout(Tone.Bad, hostile), new Code(hostile, hostile), new Fold(hostile, [table]), table,
                new Answers(hostile, [new Answer(hostile, hostile) { Verdict = hostile }, new Answer("m", hostile) { Format = TextFormat.Plain }]) { Label = hostile, Expected = hostile, Language = hostile },
                ScorePlot.Create(hostile, [new ScorePoint(hostile, hostile, 0.5, 0.4, 0.6)]) with { Note = hostile },
                LossCurve.Create(hostile, [new LossRun(hostile, [new LossPoint(1, 1)])]),
            ]),
            new Section("second", []),
        ])
        { Kind = hostile, Lead = hostile, Figures = [new Figure(hostile, hostile, hostile)], Footer = hostile, Language = hostile };

        string html = page.ToHtml();

        Assert.Equal(6, Regex.Count(html, "<script"));
        Assert.Equal(6, Regex.Count(html, "</script"));
        Assert.DoesNotContain("<img", WithoutScripts(html));
        Assert.DoesNotContain("\" onmouseover", WithoutScripts(html));
        Assert.DoesNotContain("href=\"javascript", html);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u0007', html);
        Assert.Equal(html, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(html)));
    }

    [Fact]
    public void Text_nested_too_deeply_for_Markdown_is_shown_as_it_is()
    {
        string deep = new string('>', 5000) + " <i>deep</i>";
        string html = new ReportPage("t", [new Section("s", [new Prose(deep)])]).ToHtml();
        Assert.Contains("&gt; &lt;i&gt;deep", html);
    }

    [Fact]
    public void A_page_without_plots_carries_no_script()
    {
        string html = new ReportPage("t", [new Section("s", [new Prose("x")])]).ToHtml();
        Assert.DoesNotContain("<script", html);
        Assert.Contains("script-src 'none'", html);
        Assert.True(html.Length < 40_000, $"{html.Length} characters");
    }

    [Fact]
    public void A_row_with_too_few_cells_is_refused_by_name()
    {
        var table = new Table([new Column("a"), new Column("b")], [new Row(["1", "2"]), new Row(["3"])]) { Caption = "scores" };
        var error = Assert.Throws<ArgumentException>(() => new ReportPage("t", [new Section("s", [table])]).ToHtml());
        Assert.Contains("Row 2 of the table \"scores\" has 1 cells", error.Message);
        Assert.Throws<ArgumentException>(() => MarkdownTable.Render(table));
    }

    [Fact]
    public void What_stands_under_a_column_takes_no_column_of_a_page_and_one_of_its_own_elsewhere()
    {
        Column[] columns = [new("model") { Under = "task" }, new("task"), new("points", Alignment.End), new("interval", Alignment.End) { Under = "points" }, new("finding") { Wraps = true }];
        var table = new Table(columns, [new Row(["<chat>", "labels", "+5.0", "+1.0 to +9.0", new Cell("better", Tone: Tone.Good)])]);
        string html = new ReportPage("t", [new Section("s", [table])]).ToHtml();
        Assert.Contains("<th scope=\"col\">task <small>model</small></th><th scope=\"col\" class=\"end\">points <small>interval</small></th><th scope=\"col\">finding</th></tr>", html);
        Assert.Contains("<th scope=\"row\">labels <small>&lt;chat&gt;</small></th><td class=\"end\">+5.0 <small>+1.0 to +9.0</small></td><td class=\"wraps tone-good\">better</td></tr>", html);
        Assert.StartsWith("| model | task | points | interval | finding |\n", MarkdownTable.Render(table));

        Table lost = table with { Columns = [.. columns[..4], new Column("finding") { Under = "interval" }] };
        Assert.Contains("Column \"finding\" of the table \"\" stands under \"interval\", which is no column of its own", Assert.Throws<ArgumentException>(() => MarkdownTable.Render(lost)).Message);
    }

    [Fact]
    public void On_a_phone_rows_of_many_columns_stand_as_blocks_whose_cells_have_the_names_of_their_columns()
    {
        string Html(int count) => new ReportPage("t", [new Section("s", [new Table(
            [.. Enumerable.Range(0, count).Select(i => new Column($"<{i}>", Detail: i == 2 ? "9 items" : null)), new Column("under 1") { Under = "<1>" }], [new Row([.. Enumerable.Range(0, count + 1).Select(i => new Cell($"{i}"))])])])]).ToHtml();
        Assert.Contains("<table class=\"stacks\">", Html(5));
        Assert.Contains("<th scope=\"row\">0</th><td data-label=\"&lt;1&gt;\">1 <small data-label=\"under 1\">5</small></td><td data-label=\"&lt;2&gt; 9 items\">2</td>", Html(5));
        Assert.Contains("<table>", Html(4));
        Assert.Contains("<th scope=\"row\">0</th><td>1 <small>4</small></td><td>2</td>", Html(4));
    }

    [Fact]
    public void Under_a_table_with_bars_stands_what_their_parts_are()
    {
        string Html(IntervalBar? bar) => new ReportPage("t", [new Section("s", [new Table([new Column("a"), new Column("b")], [new Row(["x", new Cell("0.5") { Bar = bar }])])])]).ToHtml();
        const string Legend = "From 0 to 100 %: the dot is the value, the thick line its interval";
        Assert.DoesNotContain(Legend, Html(null));
        Assert.Contains(Legend + ".</p>", Html(new IntervalBar(0.4, 0.5, 0.6)));
        Assert.Contains(Legend + ", grey fills the way from 0 to the value.</p>", Html(new IntervalBar(0.4, 0.5, 0.6) { IsFilled = true }));
    }

    [Fact]
    public void Every_series_colour_has_a_counterpart_for_dark_pages()
    {
        Assert.Equal(8, Palette.Series.Count);
        for (int i = 0; i < Palette.Series.Count; i++)
        {
            Assert.Contains($".plot [fill=\"{Palette.Series[i]}\"] {{ fill: var(--series-{i + 1}); }}", Sample);
            Assert.Contains($"--series-{i + 1}: {Palette.Series[i]};", Sample);
        }
    }

    [Fact]
    public void The_vendored_libraries_are_those_their_list_names()
    {
        string folder = Path.Combine(Repository.Root, "src", "YiSharp.Reports", "wwwroot", "lib");
        string list = File.ReadAllText(Path.Combine(folder, "README.md"));
        string[] scripts = Directory.GetFiles(folder, "*.js");
        Assert.Equal(3, scripts.Length);
        foreach (string script in scripts)
        {
            Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(script))), list);
            string text = File.ReadAllText(script);
            Assert.DoesNotContain("</script", text, StringComparison.OrdinalIgnoreCase); // would end the element that holds it
            Assert.DoesNotContain("<!--", text);
        }
    }

    [Fact]
    public void Headings_of_answers_rank_below_those_of_the_page()
    {
        Assert.Single(Regex.Matches(Sample, "<h1"));
        Assert.Contains("<h4>Scaling</h4>", Sample);
    }

    private static string WithoutScripts(string html) => Regex.Replace(html, "<script.*?</script>", "", RegexOptions.Singleline);
}
