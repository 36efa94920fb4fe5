using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>A question without a score, whose answers by several models stand side by side.</summary>
/// <param name="Name">Names the question; with the language it is told from all others.</param>
/// <param name="Language">Language of the question, a BCP 47 tag.</param>
/// <param name="Messages">The prompt, ending with the user.</param>
public sealed record ShowcasePrompt(string Name, string Language, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>
    /// Reads a file of prompts: YAML (<c>.yaml</c>, <c>.yml</c>) with a list <c>prompts</c> of <c>name</c>, <c>language</c>, <c>prompt</c> and, if wanted, <c>system</c>, or JSON lines of
    /// <c>name</c>, <c>language</c> and <c>messages</c>.
    /// </summary>
    /// <exception cref="InvalidDataException">The file or rows are bad, or two prompts have one name and language; with number and reason.</exception>
    public static IReadOnlyList<ShowcasePrompt> ReadAll(string path)
    {
        IReadOnlyList<ShowcasePrompt> prompts = Path.GetExtension(path) is ".yaml" or ".yml" ? ReadYaml(path) : JsonLines.Read(path, "\"name\", \"language\" and \"messages\"", row =>
        {
            ChatMessage[] messages = ChatMessages.Parse(row);
            if (messages[^1].Role != "user") throw new InvalidDataException($"ends with the {messages[^1].Role}; expected the user, so that a model can answer");
            return new ShowcasePrompt(JsonLines.Text(row, "name"), JsonLines.Text(row, "language"), messages);
        });
        if (prompts.GroupBy(p => (p.Name, p.Language)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidDataException($"{path} has the prompt {twice.Key.Name} in {twice.Key.Language} {twice.Count()} times; give each a name of its own.");
        return prompts;
    }

    private static List<ShowcasePrompt> ReadYaml(string path)
    {
        YamlMap map = YamlMap.Read(path, "showcase", "runs/showcase.yaml");
        List<ShowcasePrompt> prompts =
        [
            .. map.Maps("prompts").Select(prompt =>
            {
                ChatMessage[] system = prompt.TextOrNull("system") is { } text ? [new ChatMessage("system", text)] : [];
                var read = new ShowcasePrompt(prompt.Text("name"), prompt.Text("language"), [.. system, new ChatMessage("user", prompt.Text("prompt"))]);
                prompt.RequireNoOthers();
                return read;
            }),
        ];
        map.RequireNoOthers();
        return prompts.Count > 0 ? prompts : throw new InvalidDataException($"{path} has no 'prompts'; a showcase lists at least one, with name, language and prompt.");
    }
}

/// <summary>Answers to the showcase's prompts by one model: <c>showcase.jsonl</c>.</summary>
public static class Showcase
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "showcase.jsonl";

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Asks every prompt and writes the answers, in order; where the same was asked before, reads them.</summary>
    /// <param name="folder">Where the file goes; created if absent.</param>
    /// <param name="model">Who answers.</param>
    /// <param name="openResponder">Gives the one that answers; called only if something is to be asked.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="maxNewTokens">Most tokens of an answer.</param>
    /// <param name="cancellation">Ends it early; nothing is written then.</param>
    public static IReadOnlyList<Response> Answer(
        string folder, EvaluatedModel model, Func<IResponder> openResponder, IReadOnlyList<ShowcasePrompt> prompts, int maxNewTokens, CancellationToken cancellation = default)
    {
        using var fingerprint = new Fingerprint();
        fingerprint.Add(model).Add(maxNewTokens).Add(prompts.Count);
        foreach (ShowcasePrompt prompt in prompts) fingerprint.Add(prompt.Name).Add(prompt.Language).Add(prompt.Messages);
        string run = fingerprint.ToString(), path = Path.Combine(folder, FileName);
        if (TryRead(path, run, prompts.Count) is { } earlier) return earlier;

        var responses = new Response[prompts.Count];
        if (prompts.Count > 0)
            openResponder().Respond([.. prompts.Select(p => new Prompt(p.Messages, maxNewTokens))], (index, response) => responses[index] = response.WellFormed(), cancellation);
        cancellation.ThrowIfCancellationRequested();
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(path, string.Concat(prompts.Select((prompt, i) => ToJson(prompt, responses[i], run) + "\n")));
        return responses;
    }

    private static string ToJson(ShowcasePrompt prompt, Response response, string run)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("name", prompt.Name);
            json.WriteString("language", prompt.Language);
            ResponseJson.Write(json, response);
            json.WriteString("fingerprint", run);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static List<Response>? TryRead(string path, string run, int count)
    {
        if (!File.Exists(path)) return null;
        try
        {
            List<Response> responses = JsonLines.Read(path, "\"name\" and \"output\"", row => JsonLines.Text(row, "fingerprint") == run
                ? ResponseJson.Parse(row)
                : throw new InvalidDataException("belongs to another run"));
            return responses.Count == count && responses.All(r => r.Failure is null) ? responses : null; // what failed is asked again
        }
        catch (InvalidDataException)
        {
            return null; // of another run, or not one of ours: asked again and written over
        }
    }
}
