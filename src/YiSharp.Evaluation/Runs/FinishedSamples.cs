namespace YiSharp.Evaluation;

/// <summary>The <c>samples.jsonl</c> of a finished run, line by line.</summary>
internal static class FinishedSamples
{
    /// <summary>Every sample with its line, held to the questions that the run asked.</summary>
    /// <exception cref="InvalidDataException">A line is no sample, or one of another question.</exception>
    public static IEnumerable<(Sample Sample, string Line)> Read(string path, IReadOnlyList<IEvaluationTask> tasks)
    {
        using IEnumerator<(string Task, string? Subject, int Item)> expected = tasks.SelectMany(task => task.Examples.Select(example => (task.Name, example.Subject, example.Item))).GetEnumerator();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            Sample sample = Parse(path, number, line);
            if (!expected.MoveNext() || sample.Key != expected.Current) throw Wrong(path, number, $"is of {sample.Place}, which is not the question that the run asked there");
            yield return (sample, line);
        }
        if (expected.MoveNext()) throw Wrong(path, number + 1, "is missing");
    }

    private static Sample Parse(string path, int number, string line)
    {
        try
        {
            return Sample.Parse(JsonLines.ParseObject(line));
        }
        catch (InvalidDataException e)
        {
            throw Wrong(path, number, e.Message);
        }
    }

    private static InvalidDataException Wrong(string path, int number, string what) => new($"{path}: line {number} {what}; delete {EvaluationReport.FileName} beside it to ask everything again.");
}
