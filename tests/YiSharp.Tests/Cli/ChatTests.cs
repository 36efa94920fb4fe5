using System.Text;
using System.Text.Json;
using YiSharp.Cli;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Cli;

public sealed class ChatTests
{
    /// <summary>Talks as somebody at a terminal who types these lines.</summary>
    private static YiResult Type(string[] lines, params string[] options)
    {
        var typed = new Queue<string>(lines);
        using var output = new MemoryStream();
        var error = new StringWriter();
        using var interrupts = new Interrupts();
        var terminal = new Terminal(Stream.Null, output, error) { IsInputPiped = false, ReadLine = () => typed.TryDequeue(out string? line) ? line : null };
        int code = Application.Run(["chat", "--temperature", "0", "--precision", "f32", .. options], terminal, interrupts);
        return new YiResult(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    [Fact]
    public void A_piped_text_is_one_message_answered_once()
    {
        YiResult result = Yi.RunWith("What is the capital\nof France?\n"u8.ToArray(), "chat", "--temperature", "0", "--precision", "f32", "--max-new-tokens", "20");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("Paris", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_keeps_its_cache_and_knows_its_commands()
    {
        using var folder = new TemporaryFolder();
        YiResult result = Type(
        [
            "/params max_new_tokens 12",
            "What is the capital of France?",
            "\"\"\"And of",
            "Italy?\"\"\"",
            "/regenerate",
            $"/save {folder["talk.json"]}",
            "/reste",
            "/reset",
            "/system Answer in French.",
            "Say\\",
            "hello.",
            $"/save {folder["second.json"]}",
            $"/save {folder["no/such/folder.json"]}",
            "/params temperature hot",
            "/help",
            "/quit",
            "never read",
        ]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Paris", result.Output, StringComparison.Ordinal);
        Assert.Contains("did you mean /reset?", result.Error, StringComparison.Ordinal);
        Assert.Contains("temperature is 'hot'", result.Error, StringComparison.Ordinal);

        Assert.Contains("4 messages are in ", result.Output, StringComparison.Ordinal);
        Assert.Contains("/no/such does not exist; make it or name another file.", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["no"]));

        string[] statistics = [.. result.Error.Split('\n').Where(line => line.Contains("prompt tokens were in the cache", StringComparison.Ordinal))];
        Assert.Equal(4, statistics.Length);
        Assert.Contains(" 0 of ", statistics[0], StringComparison.Ordinal);
        Assert.Matches(@"; [3-9]\d of ", statistics[1]); // the first turn
        Assert.Contains("tokens/s", statistics[0], StringComparison.Ordinal);

        JsonElement[] first = Messages(folder["talk.json"]);
        Assert.Equal(["user", "assistant", "user", "assistant"], first.Select(m => m.GetProperty("role").GetString()));
        Assert.Equal("And of\nItaly?", first[2].GetProperty("content").GetString());
        JsonElement[] second = Messages(folder["second.json"]);
        Assert.Equal(["system", "user", "assistant"], second.Select(m => m.GetProperty("role").GetString()));
        Assert.Equal("Say\nhello.", second[1].GetProperty("content").GetString());
    }

    [Fact]
    public void A_conversation_longer_than_the_model_reads_is_told_and_goes_on()
    {
        YiResult result = Type([string.Concat(Enumerable.Repeat("word ", 9000)), "/params max_new_tokens 3", "Hi!"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("leaves no room for an answer", result.Error, StringComparison.Ordinal);
        Assert.Contains("[3 tokens, cut at the limit", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void At_the_prompt_an_interrupt_says_how_to_leave_and_asks_again()
    {
        using var output = new MemoryStream();
        var error = new StringWriter();
        using var interrupts = new Interrupts();
        string? Read()
        {
            Assert.True(interrupts.Handler!());
            return null;
        }
        var terminal = new Terminal(Stream.Null, output, error) { IsInputPiped = false, ReadLine = Read };
        Assert.Equal(0, Application.Run(["chat"], terminal, interrupts));
        Assert.Equal("> > ", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Contains("Ctrl-C once more, or /quit, leaves.", error.ToString(), StringComparison.Ordinal);
    }

    private static JsonElement[] Messages(string file)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(file));
        return [.. json.RootElement.GetProperty("messages").Clone().EnumerateArray()];
    }
}
