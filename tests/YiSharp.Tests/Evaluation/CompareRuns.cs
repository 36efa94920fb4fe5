using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Tests.Evaluation;

/// <summary>Folders of evaluations, made by hand.</summary>
internal sealed class CompareRuns : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("yi-compare-").FullName;

    /// <summary>A file or folder of that name.</summary>
    public string this[string name] => Path.Combine(_root, name);

    /// <summary>A sample that is right or wrong.</summary>
    public static Sample Sample(string task, string? subject, int item, bool correct) =>
        new(task, item, [new ChatMessage("user", $"question {item} of {subject ?? task}")], "B", new Response(correct ? "It is B." : "It is A.", FinishReason.Stop), new Prediction(correct ? "B" : "A", "letter", correct) { Span = (6, 7) })
        {
            Subject = subject,
        };

    /// <summary>Samples of one task, right where the text has a 1; a digit an item.</summary>
    public static IEnumerable<Sample> Samples(string task, string right, string? subject = null) => right.Select((digit, item) => Sample(task, subject, item, digit == '1'));

    /// <summary>Writes a finished evaluation and gives its folder.</summary>
    public string Write(string model, params IEnumerable<Sample>[] samples)
    {
        Sample[] all = [.. samples.SelectMany(s => s)];
        string folder = this[model];
        Directory.CreateDirectory(folder);
        new EvaluationReport(model, "f", new EvaluationProtocol(), "f", [.. all.GroupBy(s => s.Task).Select(task => TaskScore.Of(task.Key, [.. task]))]).Write(Path.Combine(folder, EvaluationReport.FileName));
        File.WriteAllLines(Path.Combine(folder, YiSharp.Evaluation.Sample.FileName), all.Select(s => s.ToJson()));
        return folder;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
