using System.CommandLine;
using System.Text.Json;
using YiSharp.Evaluation;
using YiSharp.Reports;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval data</c>: which benchmarks are there, under which licence, and how to get the rest.</summary>
internal static class EvalDataVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal)
    {
        var data = new Option<string?>("--data")
        {
            Description = $"A folder with a folder for each benchmark. When not given: the one that {BenchmarkData.FolderVariable} names, benchmarks/ of the repository, and shared/data/benchmarks beside it.",
            HelpName = "FOLDER",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object, with every file and its checksum." };
        var verb = new Verb("data", "Say which benchmarks are there, whether whole, under which licence, and how to get the rest.",
            "yi eval data",
            "yi eval data --data ~/benchmarks",
            "yi eval data --json")
        {
            data, json,
        };
        verb.SetAction(parse =>
        {
            var benchmarks = BenchmarkData.Open(parse.GetValue(data));
            BenchmarkState[] states = [.. BenchmarkData.Suites.Select(benchmarks.State)];
            if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(writer => Write(writer, states));
            else Write(terminal.Out, states);
            return states.Any(state => state.Presence == BenchmarkPresence.Damaged) ? ExitCode.RequestWrong : ExitCode.Done;
        });
        return verb;
    }

    private static void Write(TextWriter output, BenchmarkState[] states)
    {
        var table = new TextTable("suite", "state", ">questions", ">subjects", ">exemplars", "files known", "licence", "folder");
        foreach (BenchmarkState state in states)
        {
            table.Add(state.Suite, Word(state), Of(state.Content?.Items ?? 0, state.Items), Of(state.Content?.Subjects.Count ?? 0, state.Subjects), Sizes.Whole(Exemplars(state)),
                state.Content is { } content ? Of(content.Files.Count(file => file.IsKnown), content.Files.Count) : "-", state.Licence, state.Content?.Folder ?? "-");
        }
        foreach (string line in table.Lines()) output.WriteLine(Sentences.Printable(line));
        foreach (string sentence in states.SelectMany(Remarks).Distinct(StringComparer.Ordinal)) output.WriteLine(Sentences.Printable(sentence));
    }

    private static IEnumerable<string> Remarks(BenchmarkState state)
    {
        if (state.Problem is { } problem) yield return state.Presence == BenchmarkPresence.Missing ? $"{state.Suite} is missing: {state.HowToGet}." : problem;
        if (state.Content is not { } content) yield break;
        if (state.Presence is BenchmarkPresence.Sample or BenchmarkPresence.Partial)
            yield return $"{state.Suite} is not whole ({Sizes.Whole(content.Items)} of {Sizes.Of(state.Items, "question", "questions")}, {Sizes.Whole(content.Subjects.Count)} of {Sizes.Of(state.Subjects, "subject", "subjects")}): {state.HowToGet}.";
        BenchmarkFile[] unknown = [.. content.Files.Where(file => !file.IsKnown)];
        if (unknown.Length > 0)
            yield return $"{Sizes.Whole(unknown.Length)} of the files in {content.Folder}, such as {Path.GetRelativePath(content.Folder, unknown[0].Path)}, {(unknown.Length == 1 ? "has" : "have")} other bytes than those from {state.Source}; other layouts and versions do, and a run records their checksum.";
        foreach (string warning in content.Warnings) yield return warning;
    }

    private static void Write(Utf8JsonWriter writer, BenchmarkState[] states)
    {
        writer.WriteStartArray("suites");
        foreach (BenchmarkState state in states)
        {
            writer.WriteStartObject();
            writer.WriteString("suite", state.Suite);
            writer.WriteString("state", Word(state));
            writer.WriteNumber("items", state.Content?.Items ?? 0);
            writer.WriteNumber("published_items", state.Items);
            writer.WriteNumber("subjects", state.Content?.Subjects.Count ?? 0);
            writer.WriteNumber("published_subjects", state.Subjects);
            writer.WriteNumber("exemplars", Exemplars(state));
            writer.WriteText("licence", state.Licence);
            writer.WriteText("source", state.Source);
            writer.WriteText("folder", state.Content?.Folder);
            writer.WriteText("problem", state.Problem);
            writer.WriteText("how_to_get", state.Presence == BenchmarkPresence.Complete ? null : state.HowToGet);
            writer.WriteStrings("warnings", state.Content?.Warnings ?? []);
            writer.WriteStartArray("files");
            foreach (BenchmarkFile file in state.Content?.Files ?? []) Write(writer, file);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, BenchmarkFile file)
    {
        writer.WriteStartObject();
        writer.WriteText("subject", file.Subject);
        writer.WriteString("split", file.Split);
        writer.WriteText("path", file.Path);
        writer.WriteNumber("rows", file.Rows);
        writer.WriteString("sha256", file.Sha256);
        writer.WriteBoolean("known", file.IsKnown);
        writer.WriteEndObject();
    }

    private static int Exemplars(BenchmarkState state) => state.Content?.Subjects.Sum(subject => subject.Exemplars.Count) ?? 0;

    private static string Word(BenchmarkState state) => state.Presence.ToString().ToLowerInvariant();

    private static string Of(int found, int published) => found == published ? Sizes.Whole(found) : $"{Sizes.Whole(found)} of {Sizes.Whole(published)}";
}
