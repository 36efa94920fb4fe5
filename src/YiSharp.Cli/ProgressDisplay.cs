using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace YiSharp.Cli;

/// <summary>How far a verb is.</summary>
/// <param name="Title">What is at work.</param>
/// <param name="Done">Share of the whole that is done, 0 to 1.</param>
/// <param name="Detail">A loss, a score, a speed; null for none.</param>
internal readonly record struct WorkProgress(string Title, double Done, string? Detail = null);

/// <summary>
/// A bar with the expected time to the end on standard error; plain lines, a few a minute, where that is not a terminal.
/// </summary>
internal static class ProgressDisplay
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(15);

    /// <summary>Runs <paramref name="work"/> and shows what it reports.</summary>
    public static T Run<T>(Terminal terminal, Func<Action<WorkProgress>, T> work) =>
        terminal.IsErrorPiped ? RunPlain(terminal.Error, work) : RunBar(terminal.Error, work);

    private static T RunBar<T>(TextWriter error, Func<Action<WorkProgress>, T> work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        var eta = new Eta(Seconds);
        return console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new PercentageColumn())
            .Start(context =>
            {
                ProgressTask bar = context.AddTask("starting", maxValue: 1);
                string title = "";
                T result = work(progress =>
                {
                    if (progress.Title != title)
                    {
                        if (title.Length > 0) console.MarkupLineInterpolated($"[green]✓[/] {title}");
                        title = progress.Title;
                    }
                    bar.Value = progress.Done;
                    bar.Description = Markup.Escape(Line(progress, eta.Remaining(progress.Done)));
                });
                if (title.Length > 0) console.MarkupLineInterpolated($"[green]✓[/] {title}");
                return result;
            });
    }

    private static T RunPlain<T>(TextWriter error, Func<Action<WorkProgress>, T> work)
    {
        var eta = new Eta(Seconds);
        string title = "";
        long last = 0;
        return work(progress =>
        {
            double? remaining = eta.Remaining(progress.Done);
            if (progress.Title == title && Stopwatch.GetElapsedTime(last) < PlainInterval) return;
            (title, last) = (progress.Title, Stopwatch.GetTimestamp());
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{100 * progress.Done,3:0} % {Line(progress, remaining)}"));
        });
    }

    private static string Line(WorkProgress progress, double? remaining) =>
        progress.Title + (progress.Detail is null ? "" : $" ({progress.Detail})") + (remaining is { } seconds ? $", {Eta.Format(seconds)} left" : "");

    private static double Seconds() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
}
