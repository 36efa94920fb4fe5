using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Inference;
using YiSharp.Reports;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>What a command of the conversation leads to.</summary>
/// <param name="Text">What to print, or null.</param>
/// <param name="AnswersAgain">Whether the last question is to be answered again.</param>
/// <param name="Leaves">Whether the conversation is over.</param>
internal readonly record struct CommandOutcome(string? Text, bool AnswersAgain = false, bool Leaves = false);

/// <summary>The commands of a conversation: lines that begin with a slash.</summary>
internal sealed class ChatCommands
{
    private static readonly JsonSerializerOptions Saved = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ChatSession _session;
    private readonly (string Name, string Arguments, string Description, Func<string, CommandOutcome> Run)[] _table;

    public ChatCommands(ChatSession session)
    {
        _session = session;
        _table =
        [
            ("/system", "[TEXT]", "show or set what the model is told before the conversation; - removes it", System),
            ("/reset", "", "forget the conversation", _ => { _session.Reset(); return new("The conversation starts over."); }),
            ("/regenerate", "", "answer the last question once more", _ => new(null, AnswersAgain: true)),
            ("/save", "FILE", "write the conversation to a JSON file", Save),
            ("/params", "[NAME VALUE]", "show how answers are generated, or change it", Params),
            ("/help", "", "this list", _ => new(Help())),
            ("/quit", "", "leave", _ => new(null, Leaves: true)),
        ];
    }

    /// <summary>Runs a command.</summary>
    /// <exception cref="UsageException">There is no such command, or its arguments do not hold.</exception>
    public CommandOutcome Run(string line)
    {
        string[] parts = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        foreach (var command in _table)
        {
            if (command.Name == parts[0]) return command.Run(parts.Length > 1 ? parts[1].Trim() : "");
        }
        string hint = NearestName.Of(parts[0], _table.Select(c => c.Name)) is { } nearest ? $" (did you mean {nearest}?)" : "";
        throw new UsageException($"{parts[0]} is no command{hint}; /help lists them. Begin a message with a space to have it taken as one.");
    }

    private string Help()
    {
        var lines = _table.Select(c => $"  {c.Name + " " + c.Arguments,-22} {c.Description}").ToList();
        lines.Add("A line that ends in \\ goes on in the next; \"\"\" begins and ends a message of several lines; Ctrl-C ends an answer.");
        return string.Join('\n', lines);
    }

    private CommandOutcome System(string text)
    {
        if (text.Length == 0) return new(_session.System ?? "There is no system message.");
        _session.System = text == "-" ? null : text;
        return new(text == "-" ? "The system message is removed." : "The system message is set.");
    }

    private CommandOutcome Save(string file)
    {
        if (file.Length == 0) throw new UsageException("/save needs a file's name.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? throw new UsageException($"/save: {file} is no file's name.");
        if (!Directory.Exists(folder)) throw new UsageException($"/save: the folder {folder} does not exist; make it or name another file.");
        if (Directory.Exists(file)) throw new UsageException($"/save: {file} is a folder; name a file.");
        IReadOnlyList<ChatMessage> messages = _session.Messages;
        var conversation = new { messages = messages.Select(m => new { role = m.Role, content = m.Content }).ToArray() };
        AtomicFile.WriteAllText(file, JsonSerializer.Serialize(conversation, Saved) + "\n");
        return new($"{Sizes.Of(messages.Count, "message is", "messages are")} in {Path.GetFullPath(file)}.");
    }

    private CommandOutcome Params(string text)
    {
        string[] parts = text.Split([' ', '=', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 2) _session.Options = Change(_session.Options, parts[0].Replace('-', '_'), parts[1]);
        else if (parts.Length != 0) throw new UsageException("/params takes nothing, or a name and a value.");

        GenerationOptions options = _session.Options;
        SamplingOptions sampling = options.Sampling;
        return new(string.Create(CultureInfo.InvariantCulture,
            $"temperature {sampling.Temperature}, top_k {sampling.TopK}, top_p {sampling.TopP}, min_p {sampling.MinP}, repetition_penalty {sampling.RepetitionPenalty}, seed {sampling.Seed?.ToString(CultureInfo.InvariantCulture) ?? "drawn"}, max_new_tokens {options.MaxNewTokens}"));
    }

    private static GenerationOptions Change(GenerationOptions options, string name, string value)
    {
        SamplingOptions sampling = options.Sampling;
        return name switch
        {
            "temperature" => options with { Sampling = sampling with { Temperature = Real(name, value) } },
            "top_k" => options with { Sampling = sampling with { TopK = Whole(name, value) } },
            "top_p" => options with { Sampling = sampling with { TopP = Real(name, value) } },
            "min_p" => options with { Sampling = sampling with { MinP = Real(name, value) } },
            "repetition_penalty" => options with { Sampling = sampling with { RepetitionPenalty = Real(name, value) } },
            "seed" => options with { Sampling = sampling with { Seed = (ulong)Whole(name, value) } },
            "max_new_tokens" => options with { MaxNewTokens = Whole(name, value) },
            _ => throw new UsageException($"{name} is no parameter{(NearestName.Of(name, ["temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed", "max_new_tokens"]) is { } nearest ? $" (did you mean {nearest}?)" : "")}; /params lists them."),
        };
    }

    private static double Real(string name, string value) => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        ? number : throw new UsageException($"{name} is '{value}'; a number was expected.");

    private static int Whole(string name, string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number : throw new UsageException($"{name} is '{value}'; a whole number from 0 on was expected.");
}
