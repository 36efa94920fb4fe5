using System.Text;
using YiSharp.Data;

namespace YiSharp.Tests.Data;

public sealed class InstructionFileTests : IDisposable
{
    private const string Good = """{"messages": [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2"}], "answer": "2", "check": "exact", "source": 7}""";

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Good_rows_are_read()
    {
        File.WriteAllText(_path, "\uFEFF" + Good + "\r\n\n" + """{"messages":[{"role":"system","content":""},{"content":"a","role":"user"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"}]}""");
        IReadOnlyList<InstructionRow> rows = InstructionFile.Read(_path);
        Assert.Equal(2, rows.Count);
        Assert.Equal((1, "2", "exact"), (rows[0].Number, rows[0].Answer, rows[0].Check));
        Assert.Equal((3, null, null), (rows[1].Number, rows[1].Answer, rows[1].Check));
        Assert.Equal(["", "a", "b", "c", "d"], rows[1].Messages.Select(m => m.Content));
        Assert.Equal(["system", "user", "assistant", "user", "assistant"], rows[1].Messages.Select(m => m.Role));
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "is an array; expected an object")]
    [InlineData("{}", "has no \"messages\"")]
    [InlineData("""{"messages": {}}""", "\"messages\" is an object; expected an array")]
    [InlineData("""{"messages": []}""", "\"messages\" is empty")]
    [InlineData("""{"messages": [3]}""", "messages[0] is a number; expected an object")]
    [InlineData("""{"messages": [{"role": "user"}]}""", "messages[0] has no \"content\"")]
    [InlineData("""{"messages": [{"content": "x"}]}""", "messages[0] has no \"role\"")]
    [InlineData("""{"messages": [{"role": "user", "content": null}]}""", "messages[0].content is null; expected a string")]
    [InlineData("""{"messages": [{"role": "user", "content": "a", "tool_calls": []}]}""", "messages[0] has \"tool_calls\"")]
    [InlineData("""{"messages": [{"role": "human", "content": "a"}]}""", "role \"human\"; expected system, user or assistant")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "a"}]}""", "has role assistant; expected user")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]}""", "has role system; expected assistant")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}]}""", "ends with the user")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": " \n"}]}""", "the assistant says nothing")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "\ud800"}]}""", "half of a surrogate pair")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "answer": 3}""", "answer is a number; expected a string")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "answer": "x", "check": []}""", "check is an array; expected a string")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "check": "exact"}""", "\"check\" without \"answer\"")]
    [InlineData("""{"messages": [], "messages": []}""", "is not valid JSON: field \"messages\" is a duplicate; each name may stand once")]
    [InlineData("""{"messages": [{"role": "user", "role": "system", "content": "a"}]}""", "field \"role\" is a duplicate")]
    [InlineData("""{"messages": [], "\ud800": 1}""", "has a key that holds half of a surrogate pair")]
    [InlineData("""{"messages": [{"\ud800": 1}]}""", "has a key that holds half of a surrogate pair")]
    public void Bad_rows_are_told_with_number_and_reason(string row, string reason)
    {
        File.WriteAllText(_path, $"{Good}\n{row}\n{Good}\n");
        (IReadOnlyList<InstructionRow> rows, IReadOnlyList<BadRow> bad) = InstructionFile.Check(_path);
        Assert.Equal([1, 3], rows.Select(r => r.Number));
        Assert.Equal(2, Assert.Single(bad).Number);
        Assert.Contains(reason, bad[0].Reason);
    }

    [Fact]
    public void All_bad_rows_are_listed_at_once()
    {
        File.WriteAllText(_path, $"x\n{Good}\n{{}}\n");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => InstructionFile.Read(_path));
        Assert.Contains("2 of 3 rows", error.Message);
        Assert.Contains("row 1: ", error.Message);
        Assert.Contains("row 3: has no \"messages\"", error.Message);
    }

    [Fact]
    public void Lines_beyond_the_bound_and_bytes_that_are_no_text_are_bad_rows()
    {
        using (FileStream file = File.Create(_path))
        {
            file.Write(Encoding.UTF8.GetBytes(Good + "\n"));
            file.Write(new byte[InstructionFile.MaxRowBytes + 70000]);
            file.Write("\n\"\u00ff\"\n"u8);
            file.Write([(byte)'"', 0xff, (byte)'"', (byte)'\n']);
            file.Write(Encoding.UTF8.GetBytes(Good));
        }
        (IReadOnlyList<InstructionRow> rows, IReadOnlyList<BadRow> bad) = InstructionFile.Check(_path);
        Assert.Equal([1, 5], rows.Select(r => r.Number));
        Assert.Equal([2, 3, 4], bad.Select(r => r.Number));
        Assert.Contains("longer than", bad[0].Reason);
        Assert.Contains("not UTF-8", bad[2].Reason);
    }

    [Fact]
    public void Empty_and_missing_files_are_told()
    {
        Assert.Contains("holds no row", Assert.Throws<InvalidDataException>(() => InstructionFile.Read(_path)).Message);
        Assert.Contains("no such file", Assert.Throws<InvalidDataException>(() => InstructionFile.Read(_path + ".none")).Message);
        Assert.Contains("is a folder", Assert.Throws<InvalidDataException>(() => InstructionFile.Read(Path.GetTempPath())).Message);
    }

    [Fact]
    public void The_abilities_of_the_quickstart_are_good_files()
    {
        foreach (string name in new[] { "extraction", "extraction.eval", "labels", "labels.eval" })
        {
            Assert.True(InstructionFile.Read(Path.Combine(Repository.Root, "runs", "quickstart", $"{name}.jsonl")).Count >= 40, name);
        }
    }
}
