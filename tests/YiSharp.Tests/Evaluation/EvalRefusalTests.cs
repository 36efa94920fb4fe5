using System.Diagnostics;
using Microsoft.Data.Sqlite;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

/// <summary>Commands that would lose something, or do other than they say, are refused before anything is written.</summary>
public sealed class EvalRefusalTests : IDisposable
{
    private static readonly string Labels = Path.Combine(Repository.Root, "runs", "tiny", "labels.eval.jsonl");

    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-refusal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_pipe_is_not_replaced_and_of_a_link_its_target_is_written()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("pipes with a name are made by mkfifo");
        string pipe = Path.Combine(_folder, "pipe"), file = Path.Combine(_folder, "file"), link = Path.Combine(_folder, "link"), pipeLink = Path.Combine(_folder, "pipe-link");
        using (var made = Process.Start("mkfifo", [pipe])) made.WaitForExit();
        File.CreateSymbolicLink(link, file);
        File.CreateSymbolicLink(pipeLink, pipe);
        string[] before = [.. Directory.GetFileSystemEntries(_folder).Order(StringComparer.Ordinal)];
        foreach (string path in (string[])[pipe, pipeLink])
        {
            Assert.Contains("a file was expected", Assert.Throws<ArgumentException>(() => AtomicFile.WriteAllText(path, "x")).Message, StringComparison.Ordinal);
        }
        Assert.Contains("is a folder", Assert.Throws<ArgumentException>(() => AtomicFile.WriteAllText(_folder, "x")).Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder).Order(StringComparer.Ordinal));
        foreach (string text in (string[])["one", "two"])
        {
            AtomicFile.WriteAllText(link, text);
            Assert.Equal(text, File.ReadAllText(file));
        }
        Assert.Equal(file, new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void A_folder_with_another_run_is_refused_and_nothing_is_lost()
    {
        string output = Path.Combine(_folder, "run"), samples = Path.Combine(output, Sample.FileName);
        string[] command = ["eval", "--data", Labels, "--out", output, "--max-new-tokens"];
        Assert.Equal(0, Yi.Run([.. command, "1"]).ExitCode);
        string before = File.ReadAllText(samples);
        YiResult other = Yi.Run([.. command, "2"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("--max-new-tokens was 1 and is 2. Give another folder", other.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(samples));
        Assert.True(File.Exists(Path.Combine(output, EvaluationReport.FileName)));
        Assert.Equal(0, Yi.Run([.. command, "1"]).ExitCode);
    }

    [Fact]
    public void A_folder_with_another_interrupted_run_is_refused_and_nothing_is_lost()
    {
        string ledger = Path.Combine(_folder, "samples.partial.db");
        using (var connection = new SqliteConnection($"Data Source={ledger};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE run (fingerprint TEXT); INSERT INTO run VALUES ('other'); CREATE TABLE sample (ordinal INTEGER PRIMARY KEY, line TEXT); INSERT INTO sample VALUES (0, '{}')";
            command.ExecuteNonQuery();
        }
        byte[] before = File.ReadAllBytes(ledger);
        YiResult result = Yi.Run("eval", "--data", Labels, "--out", _folder, "--max-new-tokens", "1");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("was interrupted", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(ledger));
    }

    [Fact]
    public void An_output_that_cannot_be_a_folder_is_named()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "x");
        foreach (string output in (string[])[file, Path.Combine(file, "below")])
        {
            YiResult result = Yi.Run("eval", "--data", Labels, "--out", output, "--max-new-tokens", "1");
            Assert.Equal(2, result.ExitCode);
            Assert.Matches("--out .* a folder( that can be written to was| was) expected", result.Error);
        }
        Assert.Equal("x", File.ReadAllText(file));
    }

    [Fact]
    public void One_question_of_each_task_is_said_so()
    {
        YiResult result = Yi.Run("eval", "--task", Path.Combine(Repository.Root, "tasks", "spellings", "spellings.yaml"), "--limit", "1", "--max-new-tokens", "1", "--out", Path.Combine(_folder, "one"));
        Assert.Contains(", 1 question of each task (seed 0)", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--model and --endpoint name a model each", "--model", "x", "--endpoint", "http://127.0.0.1:9/v1", "--endpoint-model", "m")]
    [InlineData("--shots is for benchmarks; give --suite", "--shots", "3")]
    [InlineData("--subjects is for benchmarks; give --suite", "--subjects", "astronomy")]
    [InlineData("--suite names mmlu 2 times", "--suite", "mmlu,mmlu")]
    public void Options_that_contradict_each_other_are_named(string sentence, params string[] options)
    {
        YiResult result = Yi.Run(["eval", "--task", Path.Combine(Repository.Root, "tasks", "capitals", "capitals.yaml"), "--out", Path.Combine(_folder, "out"), .. options]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }
}
