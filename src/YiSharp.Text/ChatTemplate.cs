using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Text.Jinja;

namespace YiSharp.Text;

/// <summary>
/// A model's chat template: Jinja as transformers runs it (trim_blocks, lstrip_blocks, immutable sandbox, loop controls, <c>{% generation %}</c>),
/// with bounds on steps, depth and output. Safe for use by several threads.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>ChatML as Yi-Chat's template writes it: for models that have its tokens and bring no template.</summary>
    private const string ChatMl =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private const int MaxSourceLength = 1 << 22;
    private readonly IReadOnlyList<Statement> _body;
    private readonly ChatTokens _tokens;

    private ChatTemplate(string source, ChatTokens tokens)
    {
        if (source.Length > MaxSourceLength) throw new TemplateException(TemplateErrorKind.Other, $"the template has {source.Length} characters; expected at most {MaxSourceLength}");
        (Source, _tokens) = (source, tokens);
        _body = Parser.Parse(source);
    }

    /// <summary>The Jinja source.</summary>
    public string Source { get; }

    /// <summary>Parses a template.</summary>
    /// <param name="source">Jinja.</param>
    /// <param name="tokens">The special tokens it may name; null for none.</param>
    /// <exception cref="TemplateException">The source is not a template.</exception>
    public static ChatTemplate Parse(string source, ChatTokens? tokens = null) => new(source, tokens ?? new ChatTokens());

    /// <summary>The template of a model; where it brings none but has ChatML's tokens (as base models of Yi have), plain ChatML.</summary>
    /// <exception cref="InvalidDataException">The model has no template, or one that does not parse.</exception>
    public static ChatTemplate Load(Checkpoint checkpoint, Tokenizer tokenizer) =>
        Load(checkpoint.Path, new TokenizerFiles(checkpoint.TokenizerConfig, checkpoint.ChatTemplate), tokenizer);

    /// <summary>The template beside a tokenizer, without its model; plain ChatML as above.</summary>
    /// <exception cref="InvalidDataException">There is no template, or one that does not parse.</exception>
    public static ChatTemplate Load(string path, TokenizerFiles files, Tokenizer tokenizer)
    {
        string? source = files.ChatTemplate ?? (tokenizer.TryGetId("<|im_start|>", out _) && tokenizer.TryGetId("<|im_end|>", out _) ? ChatMl : null);
        if (source is null) throw new InvalidDataException($"{path} has no chat template, and its vocabulary has no <|im_start|> and <|im_end|>; it is not a chat model.");
        try
        {
            return Parse(source, ChatTokens.Of(files.Config));
        }
        catch (TemplateException e)
        {
            throw new InvalidDataException($"The chat template of {path} does not parse: {e.Message}", e);
        }
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="tools">A JSON array of function descriptions, or null.</param>
    /// <param name="addGenerationPrompt">Whether to end with the opening of the assistant's turn.</param>
    /// <exception cref="TemplateException">The template refuses the conversation or fails on it.</exception>
    public TemplatedText Render(IReadOnlyList<ChatMessage> messages, JsonElement? tools = null, bool addGenerationPrompt = false) =>
        Render(messages, new ChatOptions { Tools = tools, AddGenerationPrompt = addGenerationPrompt });

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="options">What else the template may look at.</param>
    /// <exception cref="TemplateException">The template refuses the conversation or fails on it.</exception>
    public TemplatedText Render(IReadOnlyList<ChatMessage> messages, ChatOptions options)
    {
        var variables = new Scope(null);
        SetTokens(variables);
        variables.Set("messages", new ListValue([.. messages.Select(message =>
            message.Json is { } json ? JsonValues.Message(json) : JsonValues.Message(message.Role, message.Content))]));
        variables.Set("tools", options.Tools is { } tools ? JsonValues.From(tools) : null);
        variables.Set("documents", options.Documents is { } documents ? JsonValues.From(documents) : null);
        variables.Set("add_generation_prompt", options.AddGenerationPrompt);
        foreach ((string name, JsonElement value) in options.Variables) variables.Set(name, JsonValues.From(value));
        TemplatedText text = Interpreter.Render(_body, variables, options.Now ?? DateTime.UtcNow);
        return options.ContinueFinalMessage ? CutAfterFinalMessage(text, messages) : text;
    }

    /// <summary>Renders with nothing but the given variables, besides <c>tools</c> and <c>documents</c>, which are none unless given.</summary>
    /// <param name="variables">A JSON object.</param>
    /// <param name="now">What <c>strftime_now</c> reads; null for the present, UTC.</param>
    /// <exception cref="TemplateException">The template fails.</exception>
    public TemplatedText RenderVariables(JsonElement variables, DateTime? now = null)
    {
        if (variables.ValueKind != JsonValueKind.Object) throw new ArgumentException($"The variables are {variables.ValueKind}; expected a JSON object.", nameof(variables));
        var scope = new Scope(null);
        SetTokens(scope);
        scope.Set("tools", null);
        scope.Set("documents", null);
        foreach (JsonProperty variable in variables.EnumerateObject())
        {
            bool isMessages = variable.NameEquals("messages") && variable.Value.ValueKind == JsonValueKind.Array;
            scope.Set(JsonText.Name(variable), isMessages ? new ListValue([.. variable.Value.EnumerateArray().Select(JsonValues.Message)]) : JsonValues.From(variable.Value));
        }
        return Interpreter.Render(_body, scope, now ?? DateTime.UtcNow);
    }

    private void SetTokens(Scope variables)
    {
        foreach ((string name, string? token) in (ReadOnlySpan<(string, string?)>)[("bos_token", _tokens.BosToken), ("eos_token", _tokens.EosToken), ("pad_token", _tokens.PadToken), ("unk_token", _tokens.UnkToken)])
        {
            if (token is not null) variables.Set(name, TextValue.FromTemplate(token));
        }
    }

    /// <summary>Cuts a rendering where its last message's content ends (transformers <c>chat_template_utils.py</c>, <c>continue_final_message</c>).</summary>
    private static TemplatedText CutAfterFinalMessage(TemplatedText rendered, IReadOnlyList<ChatMessage> messages)
    {
        if (messages.Count == 0) throw new ArgumentException("There is no final message to continue.", nameof(messages));
        string final = FinalText(messages[^1]);
        TextValue text = TextValue.FromCaller(final);
        string stripped = TextMethods.Strip(text, null, atStart: true, atEnd: true).Value;
        string leftStripped = TextMethods.Strip(text, null, atStart: true, atEnd: false).Value;
        int at = rendered.Text.LastIndexOf(stripped, StringComparison.Ordinal);
        if (at < 0) throw new TemplateException(TemplateErrorKind.Other, "the final message does not appear in the rendered conversation, so it cannot be continued");
        bool keepsSpacing = rendered.Text.AsSpan(at).StartsWith(leftStripped) && leftStripped == final;
        int end = at + (keepsSpacing ? leftStripped : stripped).Length;
        return new TemplatedText(rendered.Text[..end], Cut(rendered.TemplateSpans, end), Cut(rendered.GenerationSpans, end));
    }

    private static string FinalText(ChatMessage message)
    {
        if (message.Json is not { } json || !json.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.Array) return message.Content;
        foreach (JsonElement part in content.EnumerateArray().Reverse())
        {
            if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String) return JsonText.Read(text);
        }
        throw new TemplateException(TemplateErrorKind.Other, "the final message has no text, so it cannot be continued");
    }

    private static IEnumerable<TextSpan> Cut(IReadOnlyList<TextSpan> spans, int end) =>
        spans.Where(span => span.Start < end).Select(span => span.End <= end ? span : span with { Length = end - span.Start });
}
