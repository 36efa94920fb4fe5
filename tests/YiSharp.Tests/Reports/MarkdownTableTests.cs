using YiSharp.Reports;

namespace YiSharp.Tests.Reports;

public sealed class MarkdownTableTests
{
    [Fact]
    public void A_table_is_lines_of_cells_with_details_in_brackets()
    {
        var table = new Table([new Column("model"), new Column("labels", Alignment.End, "40 items")], [new Row(["base", new Cell("10 %", "4 % to 23 %")])]);
        Assert.Equal("| model | labels (40 items) |\n| --- | ---: |\n| base | 10 % (4 % to 23 %) |\n", MarkdownTable.Render(table));
    }

    [Fact]
    public void What_would_end_a_cell_or_start_formatting_is_escaped()
    {
        var table = new Table([new Column("a|b")], [new Row(["<i>*x*\n`y`"])]);
        Assert.Equal("| a\\|b |\n| --- |\n| \\<i\\>\\*x\\* \\`y\\` |\n", MarkdownTable.Render(table));
    }
}
