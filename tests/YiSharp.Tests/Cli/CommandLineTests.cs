using YiSharp.Checkpoints;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public void The_version_is_one_line()
    {
        YiResult result = Yi.Run("--version");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", result.Output);
    }

    [Fact]
    public void Help_shows_every_verb_and_each_has_examples_of_itself()
    {
        YiResult root = Yi.Run("--help");
        Assert.Equal(0, root.ExitCode);
        Assert.Equal(root.Output, Yi.Run().Output);
        string[] verbs = [.. root.Output.Split("Commands:\n")[1].Split("\n\n")[0].Split('\n').Select(line => line.Trim().Split(' ')[0])];
        Assert.True(verbs.Length >= 4);
        foreach (string verb in verbs)
        {
            YiResult help = Yi.Run(verb, "--help");
            Assert.Equal((0, ""), (help.ExitCode, help.Error));
            Assert.Contains($"yi {verb} ", help.Output.Split("Examples:")[1], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("did you mean 'chat'", "chta")]
    [InlineData("did you mean '--temperature'", "generate", "--temprature", "1", "a")]
    [InlineData("'-x' is no option of yi score", "score", "-x", "a")]
    [InlineData("--temperature is 'abc'; a number was expected", "generate", "--temperature", "abc", "a")]
    [InlineData("--max-new-tokens is '1.5'; a whole number was expected", "generate", "--max-new-tokens", "1.5", "a")]
    [InlineData("--limit is 'abc'; a whole number was expected", "eval", "--suite", "mmlu", "--limit", "abc")]
    [InlineData("--seed is '-1'", "generate", "--seed", "-1", "a")]
    [InlineData("top_p is 2", "generate", "--top-p", "2", "a")]
    [InlineData("--precision is 'f16'; default or f32", "score", "--precision", "f16", "a")]
    [InlineData("--kv-cache is 'q4'; f32, f16 or q8", "score", "--kv-cache", "q4", "a")]
    [InlineData("--threads is 0", "score", "--threads", "0", "a")]
    [InlineData("did you mean 'smollm2-135m-instruct'", "score", "--model", "smollm2-135-instruct", "a")]
    [InlineData("neither a path that exists nor a model's name", "score", "a", "--model", "/no/such/model")]
    [InlineData("--prompt needs --continuation", "score", "--prompt", "a")]
    [InlineData("--system needs --chat", "generate", "--system", "a", "b")]
    [InlineData("leave out the argument", "tokenize", "--jsonl", "a")]
    [InlineData("--file '/no/such/file' does not exist", "tokenize", "--file", "/no/such/file")]
    [InlineData("'x' is no id", "tokenize", "--decode", "1 x")]
    [InlineData("not in the vocabulary", "tokenize", "--decode", "49152")]
    [InlineData("Nothing came on standard input", "chat")]
    [InlineData("no folder", "generate", "--adapter", "/no/such/adapter", "a")]
    [InlineData("yi train needs --data FILE and --out FOLDER", "train")]
    [InlineData("yi template needs FILE", "template")]
    [InlineData("--model needs a value, PATH", "score", "--model")]
    [InlineData("'b' is one argument too many for yi score", "score", "a", "b")]
    [InlineData("--seed is given 2 times; once was expected", "generate", "--seed", "1", "--seed", "2", "a")]
    public void A_wrong_request_is_one_sentence_and_exit_code_2(string said, params string[] args)
    {
        YiResult result = Yi.Run(args);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.StartsWith("yi: ", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Verbose_adds_where_it_arose()
    {
        YiResult result = Yi.Run("score", "--threads", "0", "a", "--verbose");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("   at YiSharp.Cli.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_model_file_is_one_sentence()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteAllText(folder["broken.gguf"], "GGUF, but no more");
        YiResult result = Yi.Run("score", "--model", folder["broken.gguf"], "a");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("broken.gguf", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void A_file_that_is_no_text_is_one_sentence()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["latin.txt"], [(byte)'a', 0xE9, (byte)'b']);
        foreach (string verb in (string[])["generate", "score", "tokenize"])
        {
            YiResult result = Yi.Run(verb, "-f", folder["latin.txt"]);
            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.Contains("latin.txt is not UTF-8 text: byte 2 cannot stand there", Assert.Single(result.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_is_no_plural()
    {
        Assert.Contains("over 1 token,", Yi.Run("score", "a b").Output, StringComparison.Ordinal);
        Assert.Contains(", 1 token", Yi.Run("score", "--prompt", "The capital of France is", "--continuation", " Paris").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_behind_two_dashes_may_look_like_an_option()
    {
        YiResult result = Yi.Run("tokenize", "--json", "--", "--temprature");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.True(result.Objects[0].GetProperty("ids").GetArrayLength() > 1);
    }

    [Fact]
    public void Texts_go_to_ids_and_back()
    {
        const string Text = "Grüße, 世界! 👋 def f(x):\n\treturn x";
        string ids = Yi.Run("tokenize", Text).Output;
        Assert.Equal(Text + "\n", Yi.Run("tokenize", "--decode", ids).Output);
        Assert.Equal(ids, Yi.RunWith(System.Text.Encoding.UTF8.GetBytes(Text), "tokenize").Output);
    }
}
