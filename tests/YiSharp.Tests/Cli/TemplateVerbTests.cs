using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Cli;

/// <summary><c>yi template</c> as scripts call it, held to transformers' renderings.</summary>
public sealed class TemplateVerbTests
{
    private const string Now = "2024-07-26T12:30:45";

    private static string Goldens => Path.Combine(Repository.Root, "..", "shared", "goldens", "templates");

    [Theory]
    [InlineData("", 429)]
    [InlineData("more/", 864)]
    public void Chat_templates_render_as_in_transformers(string folder, int count)
    {
        JsonArray rows = Read(folder + "chat.json").AsArray();
        JsonObject conversations = Read(folder + "cases.json")["conversations"]!.AsObject();
        int compared = 0;
        foreach (IGrouping<string, JsonNode> ofTemplate in rows.GroupBy(row => row!["template"]!.GetValue<string>(), row => row!))
        {
            string[] lines = [.. ofTemplate.Select(row => WithTokens(conversations[row["conversation"]!.GetValue<string>()]!))];
            YiResult result = Yi.RunLines(lines, "template", Path.Combine(Goldens, folder, "jinja", ofTemplate.Key), "--now", Now, "--jsonl");
            Assert.Equal("", result.Error);
            foreach ((JsonNode expected, JsonElement found) in ofTemplate.Zip(result.Objects))
            {
                RequireSame(expected, found, $"{ofTemplate.Key} on {expected["conversation"]}");
                compared++;
            }
            Assert.Equal(ofTemplate.Any(row => row["text"] is null) ? 1 : 0, result.ExitCode);
        }
        Assert.Equal((count, rows.Count), (compared, rows.Count));
    }

    [Theory]
    [InlineData("features.json", 77)]
    [InlineData("more/features.json", 130)]
    public void Small_templates_render_as_in_transformers(string file, int count)
    {
        using var folder = new TemporaryFolder();
        JsonArray rows = Read(file).AsArray();
        foreach (JsonNode? row in rows)
        {
            File.WriteAllText(folder["a.jinja"], row!["template"]!.GetValue<string>());
            YiResult result = Yi.RunLines([WithTokens(row["vars"]!)], "template", folder["a.jinja"], "--now", Now, "--jsonl");
            RequireSame(row, Assert.Single(result.Objects), row["template"]!.GetValue<string>());
        }
        Assert.Equal(count, rows.Count);
    }

    [Fact]
    public void One_object_of_variables_gives_the_bare_text()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.jinja"], "{{ x }}|{{ strftime_now('%H:%M') }}");
        File.WriteAllText(folder["vars.json"], "{\"x\": [1, null]}");
        YiResult piped = Yi.RunWith("{\"x\": \"é👋\"}"u8.ToArray(), "template", folder["a.jinja"], "--now", Now);
        Assert.Equal((0, "é👋|12:30", ""), (piped.ExitCode, piped.Output, piped.Error));
        YiResult file = Yi.Run("template", folder["a.jinja"], "--vars", folder["vars.json"], "--now", Now, "--json");
        Assert.Equal((0, "{\"text\":\"[1, None]|12:30\"}\n"), (file.ExitCode, file.Output));
    }

    [Fact]
    public void A_models_own_template_is_rendered_with_its_own_tokens()
    {
        const string Line = """{"messages": [{"role": "user", "content": "Hi"}], "add_generation_prompt": true}""";
        Assert.EndsWith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", Yi.RunWith(Encoding.UTF8.GetBytes(Line), "template", "smollm2-135m-instruct").Output, StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer_config.json"], """{"chat_template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", "bos_token": "<s>", "eos_token": {"content": "</s>"}}""");
        Assert.Equal("<s>Hi</s>", Yi.RunWith(Encoding.UTF8.GetBytes(Line), "template", folder.Path).Output);
    }

    [Fact]
    public void Errors_come_by_kind_a_line_each()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.jinja"], "{% if x == 1 %}{{ raise_exception('no\n one') }}{% elif x == 2 %}{{ y.z }}{% elif x == 3 %}{{ [].append(1) }}{% elif x == 4 %}{{ 1 / 0 }}{% endif %}ok");
        YiResult result = Yi.RunLines(["{\"x\": 1}", "{\"x\": 2}", "{\"x\": 3}", "{\"x\": 4}", "[]", "{\"x\": 5}"], "template", folder["a.jinja"], "--jsonl");
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Equal(["raised", "undefined", "security", "other", "other"], result.Objects[..5].Select(o => o.GetProperty("kind").GetString()));
        Assert.Equal("no\n one", result.Objects[0].GetProperty("error").GetString());
        Assert.Contains("'y' is undefined (line 2 of the template)", result.Objects[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("ok", result.Objects[5].GetProperty("text").GetString());

        File.WriteAllText(folder["bad.jinja"], "a\n{% if %}");
        result = Yi.RunLines(["{}", "{}"], "template", folder["bad.jinja"], "--jsonl");
        Assert.Equal(["syntax", "syntax"], result.Objects.Select(o => o.GetProperty("kind").GetString()));
        Assert.Contains("line 2", result.Objects[0].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("neither a path that exists nor a model's name", "/no/such.jinja")]
    [InlineData("--now is 'noon'", "a.jinja", "--now", "noon")]
    [InlineData("--vars '/no/such' does not exist", "a.jinja", "--vars", "/no/such")]
    [InlineData("leave out --vars", "a.jinja", "--jsonl", "--vars", "/no/such")]
    [InlineData("Standard input holds no variables", "a.jinja")]
    [InlineData("not UTF-8 text: byte 3", "latin.jinja")]
    public void A_wrong_request_is_one_sentence(string said, string file, params string[] others)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.jinja"], "a");
        File.WriteAllBytes(folder["latin.jinja"], [.. "ab"u8, 0xE9, (byte)'c']);
        YiResult result = Yi.RunWith("no JSON"u8.ToArray(), ["template", Path.Combine(folder.Path, file), .. others]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(said, Assert.Single(result.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>As in transformers, the special tokens are variables like all others.</summary>
    private static string WithTokens(JsonNode variables)
    {
        JsonObject all = variables.DeepClone().AsObject();
        foreach ((string name, string token) in new[] { ("bos_token", "<s>"), ("eos_token", "</s>"), ("pad_token", "<pad>"), ("unk_token", "<unk>") })
        {
            if (!all.ContainsKey(name)) all[name] = token;
        }
        return all.ToJsonString();
    }

    private static void RequireSame(JsonNode expected, JsonElement found, string label)
    {
        string wanted = expected["text"] is { } text ? "text " + text.GetValue<string>() : expected["kind"]!.GetValue<string>() switch
        {
            "raised" => "raised " + expected["error"]!.GetValue<string>(),
            "python" or "template" => "other",
            string kind => kind,
        };
        string given = found.TryGetProperty("text", out JsonElement rendered) ? "text " + rendered.GetString()
            : found.GetProperty("kind").GetString() is "raised" ? "raised " + found.GetProperty("error").GetString() : found.GetProperty("kind").GetString()!;
        Assert.True(wanted == given, $"{label}\n  expected {wanted}\n  found    {given}\n  {found}");
    }

    private static JsonNode Read(string file)
    {
        string path = Path.Combine(Goldens, file);
        if (!File.Exists(path)) Assert.Skip($"{path} is not here: the templates' goldens stay outside the repository.");
        return JsonNode.Parse(File.ReadAllText(path))!;
    }
}
