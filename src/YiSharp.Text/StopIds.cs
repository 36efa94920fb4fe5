using System.Text.Json;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>The ids that end an answer.</summary>
/// <remarks>
/// A Yi-Chat turn ends with id 7 while its config.json names 2: whoever stops only at the one never stops. So all sources count together.
/// </remarks>
public static class StopIds
{
    /// <summary>What the template and its vocabulary call an end in <see cref="StopId.Sources"/>.</summary>
    public const string OfTemplateSource = "chat template", OfTokenizerSource = "tokenizer";

    private const string Question = "Is it so?";
    private const string Answer = "So it is.";

    /// <summary>
    /// Conversations in which the end of an answer shows, from the plainest on: some templates want a system message, some read content as parts.
    /// </summary>
    private static readonly ChatMessage[][] Answered =
    [
        [new("user", Question), new("assistant", Answer)],
        [new("system", "Be brief."), new("user", Question), new("assistant", Answer)],
        [InParts("user", Question), InParts("assistant", Answer)],
    ];

    /// <summary>Nothing but messages; and what templates made for tools cannot do without, in the shapes that they read.</summary>
    private static readonly ChatOptions[] Surroundings =
    [
        new(),
        new()
        {
            Tools = Json("""[{"type": "function", "name": "f", "description": "d", "parameter_definitions": {}, "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}}]"""),
            Variables = new Dictionary<string, JsonElement> { ["functions"] = Json("\"[]\""), ["datetime"] = Json("\"now\"") },
        },
    ];

    /// <summary>The ids alone, sorted.</summary>
    /// <inheritdoc cref="Find(Checkpoint, Tokenizer?)"/>
    public static int[] Of(Checkpoint checkpoint, Tokenizer? tokenizer) => [.. Find(checkpoint, tokenizer).Select(stop => stop.Id)];

    /// <summary>The ids alone in the order in which files are to name them: what the template closes a turn with goes first, since many programs stop at the first alone.</summary>
    /// <inheritdoc cref="Find(Checkpoint, Tokenizer?)"/>
    public static int[] ByWeight(Checkpoint checkpoint, Tokenizer? tokenizer) => [.. Find(checkpoint, tokenizer).OrderBy(stop => !stop.Sources.Contains(OfTemplateSource)).Select(stop => stop.Id)];

    /// <summary>
    /// The union of what generation_config.json, config.json and GGUF metadata name as ends, the tokenizer's end-of-sequence token, and the control tokens with
    /// which the chat template closes the assistant's turn; sorted by id.
    /// </summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="tokenizer">Its tokenizer; null for none, so that only ids named by files count.</param>
    /// <exception cref="InvalidDataException">The chat template does not parse.</exception>
    public static IReadOnlyList<StopId> Find(Checkpoint checkpoint, Tokenizer? tokenizer)
    {
        bool hasTemplate = tokenizer is not null && (checkpoint.ChatTemplate is not null || tokenizer.TryGetId("<|im_end|>", out _));
        return Find(new StopSources
        {
            Named = NamedEnds.Of(checkpoint),
            EosToken = checkpoint.TokenizerConfig.EosToken,
            Template = hasTemplate ? ChatTemplate.Load(checkpoint, tokenizer!) : null,
        }, tokenizer);
    }

    /// <summary>The same from what files say, whether or not the model can be computed.</summary>
    public static IReadOnlyList<StopId> Find(StopSources sources, Tokenizer? tokenizer)
    {
        var named = new List<(int Id, string Source)>(sources.Named);
        if (tokenizer is not null)
        {
            if (sources.EosToken is { } eos && tokenizer.TryGetId(eos, out int eosId)) named.Add((eosId, OfTokenizerSource));
            if (sources.Template is { } template) named.AddRange(OfTemplate(template, tokenizer).Select(id => (id, OfTemplateSource)));
        }
        return [.. named.GroupBy(n => n.Id).OrderBy(g => g.Key).Select(g => new StopId(g.Key, tokenizer?.TokenOf(g.Key), [.. g.Select(n => n.Source).Distinct()]))];
    }

    /// <summary>
    /// The control tokens that the template writes right after an answer. Where it writes none there, the one that opens the next turn: models of such
    /// templates (GLM, Phi-3) end an answer with it. Empty where it writes neither, or the vocabulary knows neither.
    /// </summary>
    public static IReadOnlyList<int> OfTemplate(ChatTemplate template, Tokenizer tokenizer)
    {
        foreach (ChatOptions options in Surroundings)
        {
            foreach (ChatMessage[] messages in Answered)
            {
                if (Behind(Answer, template, tokenizer, messages, options) is not { } tail) continue;
                int[] run = [.. tail.TakeWhile(id => IsControl(tokenizer, id))];
                // A template that always opens the next turn does so behind what ends the user's turn too.
                int common = FirstControl(tokenizer, Behind(Question, template, tokenizer, messages, options)) is { } ofUser ? Array.IndexOf(run, ofUser) : -1;
                if (common >= 0) run = run[..(common + 1)];
                if (run.Length > 0) return run;
                if (FirstControl(tokenizer, Behind(Answer, template, tokenizer, [.. messages, messages[^2]], options)) is { } next) return [next];
            }
        }
        return [];
    }

    /// <summary>The ids of what stands behind a content; null where the template does not render the messages or not that.</summary>
    private static int[]? Behind(string content, ChatTemplate template, Tokenizer tokenizer, ChatMessage[] messages, ChatOptions options)
    {
        string text;
        try
        {
            text = template.Render(messages, options).Text;
        }
        catch (TemplateException)
        {
            return null;
        }
        int at = text.LastIndexOf(content, StringComparison.Ordinal);
        return at < 0 ? null : tokenizer.Encode(TemplatedText.FromTemplate(text[(at + content.Length)..]));
    }

    private static int? FirstControl(Tokenizer tokenizer, int[]? ids) => ids?.Where(id => IsControl(tokenizer, id)).Select(id => (int?)id).FirstOrDefault();

    /// <summary>Some vocabularies forget to mark their own marks as control tokens.</summary>
    private static bool IsControl(Tokenizer tokenizer, int id) => tokenizer.IsSpecial(id) || (tokenizer.IsAdded(id) && tokenizer.TokenOf(id) is ['<', _, .., '>']);

    private static ChatMessage InParts(string role, string text) => ChatMessage.FromJson(JsonSerializer.SerializeToElement(new { role, content = new[] { new { type = "text", text } } }));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
