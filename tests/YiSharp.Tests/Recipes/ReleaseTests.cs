using System.Text.Json;
using System.Text.RegularExpressions;
using YiSharp.Checkpoints;
using YiSharp.Recipes;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Recipes;

public sealed class ReleaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ReleaseTests()
    {
        ToyChatModel.Write(_folder["model"]);
        foreach (string ability in new[] { "one", "two" })
        {
            File.WriteAllLines(_folder[$"{ability}.jsonl"], Enumerable.Range(0, 6).Select(i => Row($"{ability} {i}", $"[{i}]")));
            File.WriteAllLines(_folder[$"{ability}.eval.jsonl"], Enumerable.Range(6, 3).Select(i => Row($"{ability} {i}", $"[{i}]")));
        }
        File.WriteAllText(_folder["gsm8k.jsonl"], """{"question": "How many are 2 and 3?", "answer": "They are 5.\n#### 5"}""" + "\n");
        File.WriteAllText(_folder["showcase.jsonl"], """{"name": "sky", "language": "en", "messages": [{"role": "user", "content": "</script><b>What is the sky?"}]}""" + "\n");
        File.WriteAllText(_folder["recipe.yaml"], """
            name: toy
            model: model
            seed: 3
            abilities:
              one: { data: one.jsonl, eval: one.eval.jsonl }
              two: { data: two.jsonl, eval: two.eval.jsonl }
            train: { rank: 2, batch_size: 4, epochs: 2, elicit: { ability: one, rows: 3, epochs: 1 } }
            evaluate: { gsm8k: gsm8k.jsonl, showcase: showcase.jsonl, max_new_tokens: 3 }
            quantize: [ { bits: 8 }, { bits: 4 } ]
            """);
    }

    public void Dispose() => _folder.Dispose();

    private static string Row(string question, string answer) => JsonSerializer.Serialize(new
    {
        messages = new[] { new { role = "user", content = question }, new { role = "assistant", content = answer } }, answer, check = "exact",
    });

    private Release Open(string output) => new(Recipe.Read(_folder["recipe.yaml"]), _folder["model"], _folder[output], new ReleaseBackends(
        () => new CpuBackend(new CpuOptions { Threads = 1 }), () => new CpuBackend(new CpuOptions { Threads = 1, Precision = Precision.F32 })));

    [Fact]
    public void A_release_holds_three_models_that_load_with_cards_and_a_report()
    {
        ReleaseSummary summary = Open("out").Run();
        Assert.Equal(["base", "3 rows", "chat", "8 bits", "4 bits"], summary.Models.Select(m => m.Title));
        foreach (string model in new[] { "chat", "8bits", "4bits" })
        {
            using Checkpoint checkpoint = Checkpoint.Open(_folder[$"out/{model}"]);
            Assert.NotNull(checkpoint.ChatTemplate);
            Assert.Contains("## Evaluation", File.ReadAllText(_folder[$"out/{model}/README.md"]), StringComparison.Ordinal);
        }
        Assert.All(summary.Models, model => Assert.Equal([3, 3, 1], model.Scores.Select(s => s.Count)));
        Assert.All(summary.Models.Skip(1), model => Assert.Equal(3, model.AgainstBase.Count));
        Assert.False(summary.Improved);
        Assert.Contains("not shown to be better", summary.Verdict, StringComparison.Ordinal);

        string report = File.ReadAllText(_folder["out/report.html"]);
        Assert.Contains(summary.Verdict.Split(" on ")[0], report, StringComparison.Ordinal);
        Assert.DoesNotContain("</script><b>What", report, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(_folder["out/release.json"]));
        Assert.Equal(3, json.RootElement.GetProperty("recipe").GetProperty("seed").GetInt32());
    }

    [Fact]
    public void Interrupted_anywhere_and_started_again_it_ends_with_the_same_bytes()
    {
        int reports = 0;
        Open("whole").Run(_ => reports++, TestContext.Current.CancellationToken);
        SortedDictionary<string, string> expected = Contents("whole");
        Assert.True(expected.Count >= 25, $"{expected.Count} files.");
        Assert.True(reports >= 30, $"{reports} reports.");

        // A cooperative stop, or an exception out of nowhere, at every third report; one folder, so that interruptions add up.
        int stops = 0;
        for (int stop = 1; stop < reports; stop += 3)
        {
            int count = 0;
            using var source = new CancellationTokenSource();
            try
            {
                Open("pieces").Run(_ =>
                {
                    if (++count < stop) return;
                    if (stop % 2 == 0) throw new IOException("The disk is gone.");
                    source.Cancel();
                }, source.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                stops++;
            }
        }
        Assert.True(stops >= 8, $"{stops} interruptions.");
        Open("pieces").Run(cancellation: TestContext.Current.CancellationToken);
        SortedDictionary<string, string> actual = Contents("pieces");
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((string file, string hash) in expected) Assert.True(hash == actual[file], $"{file} differs.");
    }

    [Fact]
    public void A_finished_release_is_not_computed_again()
    {
        Open("out").Run(cancellation: TestContext.Current.CancellationToken);
        DateTime before = File.GetLastWriteTimeUtc(_folder["out/chat/model.safetensors"]);
        string[] samples = Directory.GetFiles(_folder["out"], "samples.jsonl", SearchOption.AllDirectories);
        Assert.Equal(5, samples.Length);
        DateTime[] times = Array.ConvertAll(samples, File.GetLastWriteTimeUtc);
        Open("out").Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(before, File.GetLastWriteTimeUtc(_folder["out/chat/model.safetensors"]));
        Assert.Equal(times, Array.ConvertAll(samples, File.GetLastWriteTimeUtc));
    }

    [Fact]
    public void Other_inputs_do_not_go_on_with_a_release()
    {
        Open("out");
        File.AppendAllText(_folder["two.jsonl"], Row("more", "[7]") + "\n");
        string message = Assert.Throws<InvalidDataException>(() => Open("out")).Message;
        Assert.Contains("was made from other inputs (two/data changed)", message, StringComparison.Ordinal);
        Assert.Contains("--fresh", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_somebody_else_is_left_alone()
    {
        Directory.CreateDirectory(_folder["out"]);
        File.WriteAllText(_folder["out/thesis.txt"], "ten years");
        Assert.Contains("is not empty and is not a release", Assert.Throws<InvalidDataException>(() => Open("out")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_rows_of_every_file_are_listed_before_anything_is_computed()
    {
        File.AppendAllText(_folder["one.jsonl"], "{\"messages\": []}\n");
        File.AppendAllText(_folder["two.eval.jsonl"], "not json\n");
        string message = Assert.Throws<InvalidDataException>(() => Open("out")).Message;
        Assert.Contains("one.jsonl", message, StringComparison.Ordinal);
        Assert.Contains("row 7", message, StringComparison.Ordinal);
        Assert.Contains("two.eval.jsonl", message, StringComparison.Ordinal);
        Assert.Contains("row 4", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    /// <summary>Every file and its text or hash, without what may differ from run to run.</summary>
    private SortedDictionary<string, string> Contents(string output)
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.GetFiles(_folder[output], "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(_folder[output], file);
            if (name == "timings.json") continue;
            byte[] bytes = File.ReadAllBytes(file);
            if (name == "report.html") bytes = System.Text.Encoding.UTF8.GetBytes(Regex.Replace(System.Text.Encoding.UTF8.GetString(bytes), "Timings</h2>.*?</section>", "", RegexOptions.Singleline));
            contents.Add(name, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes)));
        }
        return contents;
    }
}
