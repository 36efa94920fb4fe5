using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi template</c>: renders a chat template with given variables, as transformers does.</summary>
internal static class TemplateVerb
{
    private const int MaxBytes = 16 << 20;

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd"];

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var file = new Argument<string>("template") { Description = "A Jinja file, or a model (folder, .gguf file, or name in models/) for its own template.", HelpName = "FILE" };
        var vars = new Option<string?>("--vars") { Description = "A JSON file with the variables: messages, tools, add_generation_prompt, … Standard input when not given.", HelpName = "FILE" };
        var now = new Option<string?>("--now") { Description = "What strftime_now reads, such as 2024-07-26T12:30:45; the present (UTC) when not given.", HelpName = "TIME" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object: text, or error and kind." };
        var jsonl = new Option<bool>("--jsonl") { Description = "One JSON object of variables a line on standard input, one object (text, or error and kind) a line on standard output." };
        var verb = new Verb("template", "Render a chat template with variables from JSON, exactly as transformers does.",
            "echo '{\"messages\": [{\"role\": \"user\", \"content\": \"Hi!\"}]}' | yi template smollm2-135m-instruct",
            "yi template chat_template.jinja --vars conversation.json --now 2024-07-26T12:30:45",
            "yi template models/Yi-6B-Chat --jsonl < conversations.jsonl")
        {
            file, vars, now, json, jsonl,
        };
        verb.SetAction(parse =>
        {
            DateTime? time = parse.GetValue(now) is { } text ? Time(text) : null;
            Func<ChatTemplate> load = Open(parse.GetRequiredValue(file));
            if (parse.GetValue(jsonl))
            {
                if (parse.GetValue(vars) is not null) throw new UsageException("With --jsonl, variables come on standard input; leave out --vars.");
                return new LineProtocol(terminal, known: null, interrupts.Token) { DescribeError = static (writer, _, error) => Write(writer, error) }
                    .AnswerEach(fields => Answer(load(), fields, time));
            }
            JsonFields variables = Variables(parse.GetValue(vars), terminal, interrupts.Token);
            if (parse.GetValue(json)) return AnswerOnce(terminal, load, variables, time);
            string rendered = load().RenderVariables(variables.Object, time).Text;
            terminal.Out.Write(rendered);
            if (!terminal.IsOutputPiped && !rendered.EndsWith('\n')) terminal.Out.WriteLine();
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary>The template, parsed when it is first asked for and then kept; one that does not parse says so each time.</summary>
    private static Func<ChatTemplate> Open(string path)
    {
        (string source, ChatTokens tokens) = IsModel(path) ? OfModel(ModelLocator.Find(path, "The template")) : (TextInput.ReadFile(path, MaxBytes), new ChatTokens());
        var template = new Lazy<ChatTemplate>(() => ChatTemplate.Parse(source, tokens));
        return () => template.Value;
    }

    private static bool IsModel(string path) => !File.Exists(path) || path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static (string, ChatTokens) OfModel(string path)
    {
        TokenizerFiles files = TokenizerFiles.Open(path);
        string source = files.ChatTemplate ?? throw new InvalidDataException($"{path} has no chat template; name a Jinja file, or a chat model.");
        return (source, ChatTokens.Of(files.Config));
    }

    private static JsonFields Variables(string? path, Terminal terminal, CancellationToken cancellation)
    {
        if (path is not null && !File.Exists(path)) throw new UsageException($"--vars '{path}' does not exist.");
        byte[] bytes = Encoding.UTF8.GetBytes(path is null ? terminal.ReadToEnd(cancellation) : TextInput.ReadFile(path));
        try
        {
            return JsonFields.Parse(new InputLine(1, bytes, IsTooLong: false), known: null);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{(path is null ? "Standard input" : $"--vars '{path}'")} holds no variables. {e.Message}");
        }
    }

    private static int AnswerOnce(Terminal terminal, Func<ChatTemplate> load, JsonFields variables, DateTime? now)
    {
        var output = new JsonOutput(terminal.Output);
        try
        {
            output.Write(Answer(load(), variables, now));
            return ExitCode.Done;
        }
        catch (TemplateException e)
        {
            output.Write(writer => Write(writer, e));
            return ExitCode.WorkFailed;
        }
    }

    private static Action<Utf8JsonWriter> Answer(ChatTemplate template, JsonFields variables, DateTime? now)
    {
        string text = template.RenderVariables(variables.Object, now).Text;
        return writer => writer.WriteText("text", text);
    }

    /// <summary>What a template raises stands as it is, line ends included.</summary>
    private static void Write(Utf8JsonWriter writer, Exception error)
    {
        var template = error as TemplateException;
        writer.WriteText("error", template?.Kind == TemplateErrorKind.Raised ? template.Reason : Failure.Describe(error).Sentence);
        writer.WriteString("kind", (template?.Kind ?? TemplateErrorKind.Other).ToString().ToLowerInvariant());
    }

    private static DateTime Time(string text) =>
        DateTime.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            ? time
            : throw new UsageException($"--now is '{text}'; a time such as 2024-07-26T12:30:45 was expected.");
}
