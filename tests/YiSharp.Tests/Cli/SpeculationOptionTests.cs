using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Cli;

/// <summary><c>--speculate</c> and <c>--draft</c>, through the command line.</summary>
public sealed class SpeculationOptionTests
{
    private static string Prompt => File.ReadAllText(Path.Combine(Repository.Root, "bench", "prompts", "repeat-json.txt"));

    private static JsonElement Generate(params string[] options)
    {
        YiResult result = Yi.Run(["generate", "--chat", "--json", "--precision", "default", .. options]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return Assert.Single(result.Objects);
    }

    [Fact]
    public void A_copied_text_takes_few_passes_and_no_id_changes()
    {
        JsonElement plain = Generate(Prompt, "--speculate", "off"), lookup = Generate(Prompt);
        Assert.Equal(plain.GetProperty("ids").GetRawText(), lookup.GetProperty("ids").GetRawText());
        Assert.Contains("\"status\": \"closed\"", plain.GetProperty("text").GetString(), StringComparison.Ordinal);

        int idCount = plain.GetProperty("ids").GetArrayLength(), passCount = lookup.GetProperty("pass_count").GetInt32();
        Assert.Equal((idCount, 0, 0), (plain.GetProperty("pass_count").GetInt32(), plain.GetProperty("proposed_count").GetInt32(), plain.GetProperty("accepted_count").GetInt32()));
        Assert.Equal(idCount, passCount + lookup.GetProperty("accepted_count").GetInt32());
        Assert.True(passCount < idCount / 3, $"{passCount} passes for {idCount} ids");
        Assert.InRange(lookup.GetProperty("first_text_seconds").GetDouble(), 0, lookup.GetProperty("seconds").GetDouble());
    }

    [Fact]
    public void A_draft_model_changes_no_greedy_id_and_a_seed_repeats()
    {
        string[] question = ["Name three primary colours.", "--max-new-tokens", "12"];
        JsonElement plain = Generate([.. question, "--speculate", "off"]), draft = Generate([.. question, "--draft", "smollm2-135m-instruct"]);
        Assert.Equal(plain.GetProperty("ids").GetRawText(), draft.GetProperty("ids").GetRawText());

        string[] drawn = [.. question, "--draft", "smollm2-135m-instruct", "--temperature", "0.8", "--seed", "3"];
        Assert.Equal(Generate(drawn).GetProperty("ids").GetRawText(), Generate(drawn).GetProperty("ids").GetRawText());
    }

    [Theory]
    [InlineData("--speculate is 'maybe'; lookup or off was expected", "--speculate", "maybe")]
    [InlineData("--draft and --speculate exclude each other", "--speculate", "lookup", "--draft", "smollm2-135m-instruct")]
    public void Options_that_do_not_hold_are_told(string said, params string[] options)
    {
        foreach (string verb in new[] { "generate", "chat" })
        {
            YiResult result = Yi.RunWith("Hi"u8.ToArray(), [verb, .. options]);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(said, result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_draft_model_of_another_vocabulary_is_refused()
    {
        YiResult result = Yi.RunWith("Hi"u8.ToArray(), "chat", "--draft", CheckpointGoldens.Tiny("llama-tiny"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("knows 576 ids and the model 49152", result.Error, StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(CheckpointGoldens.Tiny("llama-tiny")))
        {
            string text = Path.GetFileName(file) == "tokenizer.json" ? File.ReadAllText(file).Replace("<|startoftext|>", "<|begin|>", StringComparison.Ordinal) : "";
            if (text.Length > 0) File.WriteAllText(folder["tokenizer.json"], text);
            else File.Copy(file, folder[Path.GetFileName(file)]);
        }
        using LanguageModel model = Open(CheckpointGoldens.Tiny("llama-tiny")), same = Open(CheckpointGoldens.Tiny("llama-tiny")), renamed = Open(folder.Path);
        string message = Assert.Throws<ArgumentException>(() => model.UseDraft(renamed)).Message;
        Assert.Contains("Id 1 is '<|startoftext|>' in ", message, StringComparison.Ordinal);
        Assert.Contains("and '<|begin|>' in ", message, StringComparison.Ordinal);
        Assert.Null(model.Engine.Draft);
        model.UseDraft(same);
        Assert.Equal(1, model.Engine.Draft!.RelativeCost);

        static LanguageModel Open(string path) => new(YiSharp.Checkpoints.Checkpoint.Open(path), new CpuBackend(new CpuOptions { Threads = 1 }));
    }
}
