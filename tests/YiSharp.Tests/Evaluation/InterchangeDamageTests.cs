using System.Text.Json.Nodes;
using CsCheck;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

/// <summary>Folders of other programs, and exports of ours, in which a field holds something else: each is read, and then all else can be done with it, or refused in a sentence.</summary>
public sealed class InterchangeDamageTests : IDisposable
{
    private const string Place = "@@";

    // What may stand in a field, as JSON; the last ones are none.
    private static readonly string[] Values =
    [
        "null", "true", "-1", "0.5", "1e300", "1e400", "99999999999999999999", "\"\"", "\"x\"", "\"-inf\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "{}", "[[]]", "[null]", "[{\"role\": 3}]", "[{\"role\": \"\", \"content\": \"\"}]",
        "{\"\\ud800\": 1}", "[[\"nan\", \"True\"], [\"-1\", \"False\"]]", "NaN", "",
    ];

    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    /// <summary>Every place of a value in it, in order.</summary>
    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode? node) => node switch
    {
        JsonObject fields => fields.ToArray().SelectMany(field => Places(field.Value).Prepend((fields, field.Key))),
        JsonArray items => Enumerable.Range(0, items.Count).SelectMany(i => Places(items[i]).Prepend((items, i))),
        _ => [],
    };

    private static string With(string json, int place, string value)
    {
        JsonNode node = JsonNode.Parse(json)!;
        (JsonNode, object)[] places = [.. Places(node)];
        switch (places[place % places.Length])
        {
            case (JsonObject fields, string name): fields[name] = Place; break;
            case (JsonArray items, int index): items[index] = Place; break;
        }
        return node.ToJsonString().Replace($"\"{Place}\"", value, StringComparison.Ordinal);
    }

    private string Export()
    {
        Sample text = CompareRuns.Sample("truthfulqa_mc1", null, 0, true) with
        {
            Answer = "0",
            LogLikelihoods = [-1, -2],
            Options = [" a", " b c"],
            Prediction = new Prediction("0", "likeliest", true),
            Response = new Response("", FinishReason.Stop),
            Metrics = new Dictionary<string, double> { ["acc_norm"] = 1 },
        };
        string run = _runs.Write("ours", CompareRuns.Samples("t", "11").Select(s => s with { Judgement = new Judgement("p", s.Response) }), [text]);
        return Path.GetDirectoryName(Yi.Run("eval", "export", run, _runs["export"]).Lines[0])!;
    }

    private string OpenCompass()
    {
        void Write(string path, string text)
        {
            string file = Path.Combine(_runs["opencompass"], path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
        Write("predictions/yi/gsm8k.json", """{"0": {"origin_prompt": [{"role": "HUMAN", "prompt": "1+1?"}], "prediction": "It is 2.", "gold": "2"}, "1": {"origin_prompt": "1+2?", "prediction": ["Hm."], "gold": "3"}}""");
        Write("results/yi/gsm8k.json", """{"accuracy": 50.0, "details": [{"pred": "2", "answer": "2", "correct": true}, {"pred": "", "answer": "3", "correct": [false]}]}""");
        Write("predictions/yi/lukaemon_mmlu_anatomy.json", """{"0": {"origin_prompt": "Q", "label: A": {"prompt": "Q A", "PPL": 1.2}, "label: B": {"prompt": "Q B", "PPL": 1.5}, "prediction": "A", "gold": "B"}}""");
        return _runs["opencompass"];
    }

    [Fact]
    public void Whatever_stands_in_a_field_a_folder_is_read_or_refused_in_a_sentence()
    {
        string[] folders = [Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "evaluation", "lm_eval_output", "smollm2"), Export(), OpenCompass()];
        Gen.Select(Gen.Int[0, folders.Length - 1], Gen.Int[0, 9], Gen.Int[0, 9], Gen.Int[0, 9999], Gen.Int[0, Values.Length - 1]).Sample((folder, file, line, place, value) =>
        {
            foreach (string old in (string[])["damaged", "in", "out", "again"])
            {
                if (Directory.Exists(_runs[old])) Directory.Delete(_runs[old], recursive: true);
            }
            string[] files = [.. Directory.GetFiles(folders[folder], "*", SearchOption.AllDirectories).Order()];
            for (int i = 0; i < files.Length; i++)
            {
                string target = Path.Combine(_runs["damaged"], Path.GetRelativePath(folders[folder], files[i]));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                string[] lines = files[i].EndsWith(".jsonl", StringComparison.Ordinal) ? File.ReadAllLines(files[i]) : [File.ReadAllText(files[i])];
                if (i == file % files.Length) lines[line % lines.Length] = With(lines[line % lines.Length], place, Values[value]);
                File.WriteAllLines(target, lines);
            }
            YiResult import = Yi.Run("eval", "import", _runs["damaged"], _runs["in"]);
            if (import.ExitCode == 2)
            {
                Assert.StartsWith("yi: ", import.Error, StringComparison.Ordinal);
                return;
            }
            Assert.Equal((0, ""), (import.ExitCode, import.Error));
            YiResult report = Yi.Run("eval", "report", _runs["in"]);
            Assert.Equal((0, ""), (report.ExitCode, report.Error));
            YiResult export = Yi.Run("eval", "export", _runs["in"], _runs["out"]);
            Assert.Equal((0, ""), (export.ExitCode, export.Error));
            YiResult again = Yi.Run("eval", "import", Path.GetDirectoryName(export.Lines[0])!, _runs["again"]);
            Assert.Equal((0, ""), (again.ExitCode, again.Error));
        }, iter: 80, threads: 1);
    }
}
