using System.Globalization;
using System.Text;
using YiSharp.Inference;
using YiSharp.Reports;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>The conversation as somebody types it: messages, commands, Ctrl-C.</summary>
internal sealed class ChatConsole(Terminal terminal, Interrupts interrupts, ChatSession session, LanguageModel model)
{
    private const string Fence = "\"\"\"";

    private readonly ChatCommands _commands = new(session);
    private CancellationTokenSource? _answering;
    private string _mark = "> ";
    private bool _wasInterrupted;

    /// <summary>Talks until <c>/quit</c> or the end of input.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        interrupts.Handler = Interrupt;
        Note($"{Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Checkpoint.Path))}: {model.Checkpoint.ParameterCount / 1e6:F0} million weights, {Sizes.Of(model.Engine.MaxTokens, "token", "tokens")} of context. /help lists commands, /quit leaves.");
        while (Read() is { } message)
        {
            _wasInterrupted = false;
            if (string.IsNullOrWhiteSpace(message)) continue;
            try
            {
                if (message.StartsWith('/'))
                {
                    CommandOutcome outcome = _commands.Run(message);
                    if (outcome.Leaves) break;
                    if (outcome.Text is not null) terminal.Out.WriteLine(outcome.Text);
                    if (outcome.AnswersAgain) Answer(session.Regenerate);
                }
                else
                {
                    Answer((onText, cancellation) => session.Ask(message, onText, cancellation));
                }
            }
            catch (Exception e) when (e is UsageException or ArgumentException or InvalidOperationException or NotSupportedException or IOException or UnauthorizedAccessException or InvalidDataException or TemplateException)
            {
                terminal.Error.WriteLine(e.Sentence());
            }
        }
        interrupts.Handler = null;
        return ExitCode.Done;
    }

    private void Answer(Func<Action<string>, CancellationToken, ChatAnswer> ask)
    {
        using var source = new CancellationTokenSource();
        _answering = source;
        ChatAnswer answer;
        try
        {
            answer = ask(piece => terminal.Out.Write(Printable(piece)), source.Token);
        }
        finally
        {
            _answering = null;
        }
        terminal.Out.WriteLine();
        Note(Statistics(answer));
    }

    private static string Statistics(ChatAnswer answer)
    {
        string why = answer.FinishReason switch { null => ", interrupted", FinishReason.Length => ", cut at the limit", _ => "" };
        SpeculationReport guesses = answer.Speculation;
        string held = guesses.ProposedCount == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {guesses.AcceptedCount} of {guesses.ProposedCount} guessed tokens were right");
        return string.Create(CultureInfo.InvariantCulture,
            $"[{Sizes.Of(answer.NewTokenCount, "token", "tokens")}{why}; first after {answer.FirstTokenTime.TotalSeconds:F2} s, then {answer.TokensPerSecond:F0} tokens/s; {answer.CachedTokenCount} of {answer.PromptTokenCount} prompt tokens were in the cache{held}]");
    }

    /// <summary>During an answer Ctrl-C ends it; at the prompt the second one leaves.</summary>
    private bool Interrupt()
    {
        if (_answering is { } answering)
        {
            answering.Cancel();
            return true;
        }
        if (_wasInterrupted)
        {
            terminal.Error.WriteLine();
            Environment.Exit(ExitCode.Interrupted); // the prompt waits for a line and cannot be woken
        }
        _wasInterrupted = true;
        Note("\nCtrl-C once more, or /quit, leaves.");
        terminal.Out.Write(Shown(_mark)); // the line that is waited for begins anew
        return true;
    }

    /// <summary>One message: a line, lines that end in a backslash with the one after, or all between two lines of three quotes.</summary>
    private string? Read()
    {
        string? line = Prompt("> ");
        if (line is null) return null;
        var message = new StringBuilder();
        if (line.StartsWith(Fence, StringComparison.Ordinal))
        {
            line = line[Fence.Length..];
            while (line is not null && !line.TrimEnd().EndsWith(Fence, StringComparison.Ordinal))
            {
                if (line.Length > 0 || message.Length > 0) message.Append(line).Append('\n');
                line = Prompt(". ");
            }
            return message.Append(line?.TrimEnd()[..^Fence.Length]).ToString().Trim('\n');
        }
        while (line is not null && line.EndsWith('\\'))
        {
            message.Append(line, 0, line.Length - 1).Append('\n');
            line = Prompt(". ");
        }
        return message.Append(line).ToString();
    }

    private string? Prompt(string mark)
    {
        _mark = mark;
        terminal.Out.Write(Shown(mark));
        return terminal.ReadLine?.Invoke();
    }

    private string Shown(string mark) => terminal.HasColours ? $"\u001b[1;36m{mark}\u001b[0m" : mark;

    private void Note(string text) => terminal.Error.WriteLine(terminal.HasColours && !terminal.IsErrorPiped ? $"\u001b[2m{text}\u001b[0m" : text);

    /// <summary>A model must not steer the terminal: control characters other than line ends and tabs are shown as �.</summary>
    private static string Printable(string piece)
    {
        if (!piece.Any(IsControl)) return piece;
        return string.Create(piece.Length, piece, static (shown, original) =>
        {
            for (int i = 0; i < shown.Length; i++) shown[i] = IsControl(original[i]) ? '\uFFFD' : original[i];
        });
    }

    private static bool IsControl(char c) => char.IsControl(c) && c is not ('\n' or '\t' or '\r');
}
