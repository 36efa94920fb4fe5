using System.Text.Json;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

/// <summary>Renderings by transformers' own Jinja: real models' templates and small ones for each feature.</summary>
public sealed class TemplateGoldensTests
{
    private static readonly DateTime Now = new(2024, 7, 26, 12, 30, 45, DateTimeKind.Utc);
    private static readonly ChatTokens Tokens = new() { BosToken = "<s>", EosToken = "</s>", PadToken = "<pad>", UnkToken = "<unk>" };

    private static string Folder => Path.Combine(Repository.Root, "..", "shared", "goldens", "templates");

    [Theory]
    [InlineData("features.json", 77)]
    [InlineData("more/features.json", 130)]
    public void Small_templates_render_as_in_transformers(string file, int count)
    {
        var failures = new List<string>();
        JsonElement[] rows = Read(file);
        foreach (JsonElement row in rows)
        {
            string source = row.GetProperty("template").GetString()!;
            Compare(failures, source, row, () => ChatTemplate.Parse(source, Tokens).RenderVariables(row.GetProperty("vars"), Now));
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures.Take(20)));
        Assert.Equal(count, rows.Length);
    }

    [Theory]
    [InlineData("", 429)]
    [InlineData("more/", 864)]
    public void Chat_templates_render_as_in_transformers(string folder, int count)
    {
        JsonElement[] rows = Read(folder + "chat.json");
        Dictionary<string, JsonElement> conversations = Conversations(folder);
        var failures = new List<string>();
        foreach (JsonElement row in rows)
        {
            (string template, string conversation) = (row.GetProperty("template").GetString()!, row.GetProperty("conversation").GetString()!);
            Compare(failures, $"{template} on {conversation}", row, () => Load(folder, template).RenderVariables(conversations[conversation], Now));
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures.Take(20)));
        Assert.Equal(count, rows.Length);
    }

    [Fact]
    public void A_final_message_is_continued_where_it_stops()
    {
        JsonElement[] rows = Read("more/continued.json");
        Dictionary<string, JsonElement> conversations = Conversations("more/");
        var failures = new List<string>();
        foreach (JsonElement row in rows)
        {
            (string template, string conversation) = (row.GetProperty("template").GetString()!, row.GetProperty("conversation").GetString()!);
            JsonElement variables = conversations[conversation];
            ChatMessage[] messages = [.. variables.GetProperty("messages").EnumerateArray().Select(ChatMessage.FromJson)];
            var others = variables.EnumerateObject().Where(v => v.Name is not ("messages" or "tools" or "documents" or "add_generation_prompt")).ToDictionary(v => v.Name, v => v.Value);
            var options = new ChatOptions
            {
                ContinueFinalMessage = true,
                Tools = variables.TryGetProperty("tools", out JsonElement tools) ? tools : null,
                Documents = variables.TryGetProperty("documents", out JsonElement documents) ? documents : null,
                Variables = others,
                Now = Now,
            };
            Compare(failures, $"{template} on {conversation}", row, () => Load("more/", template).Render(messages, options));
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures.Take(20)));
        Assert.True(rows.Length > 50, $"only {rows.Length} rows");
    }

    private static void Compare(List<string> failures, string label, JsonElement row, Func<TemplatedText> render)
    {
        string expected = row.TryGetProperty("text", out JsonElement text) ? "text " + text.GetString() : Expected(row);
        string found;
        try
        {
            TemplatedText rendered = render();
            found = "text " + rendered.Text;
            if (row.TryGetProperty("generation_utf16", out JsonElement spans))
            {
                expected += " | " + string.Join(' ', spans.EnumerateArray().Select(span => $"{span[0]}-{span[1]}"));
                found += " | " + string.Join(' ', rendered.GenerationSpans.Select(span => $"{span.Start}-{span.End}"));
            }
        }
        catch (TemplateException e)
        {
            found = e.Kind == TemplateErrorKind.Raised ? "Raised " + e.Reason : e.Kind.ToString();
            if (found != expected) found += ": " + e.Message;
        }
        if (found != expected) failures.Add($"{label}\n  expected {expected}\n  found    {found}\n");
    }

    private static string Expected(JsonElement row) => row.GetProperty("kind").GetString() switch
    {
        "raised" => "Raised " + row.GetProperty("error").GetString(),
        "undefined" => "Undefined",
        "syntax" => "Syntax",
        "security" => "Security",
        _ => "Other",
    };

    private static ChatTemplate Load(string folder, string template) => ChatTemplate.Parse(File.ReadAllText(Path.Combine(Folder, folder, "jinja", template)), Tokens);

    private static Dictionary<string, JsonElement> Conversations(string folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, folder + "cases.json"))).RootElement.GetProperty("conversations").EnumerateObject().ToDictionary(c => c.Name, c => c.Value);

    private static JsonElement[] Read(string file)
    {
        string path = Path.Combine(Folder, file);
        if (!File.Exists(path)) Assert.Skip($"{path} is not here: the templates' goldens stay outside the repository.");
        return [.. JsonDocument.Parse(File.ReadAllText(path)).RootElement.EnumerateArray()];
    }
}
