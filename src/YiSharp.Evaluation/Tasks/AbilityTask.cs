using YiSharp.Data;

namespace YiSharp.Evaluation;

/// <summary>
/// An ability's own evaluation set: instruction rows with an answer and a check. A row of <c>labels.eval.jsonl</c>:
/// <code>
/// {"messages": [{"role": "user", "content": "Label the sentiment. Reply as [label].\n\nHonestly, a perfect film."},
///               {"role": "assistant", "content": "[positive]"}], "answer": "[positive]", "check": "exact"}
/// </code>
/// The model is shown the messages before the last. "[positive]" is right, "[negative]" is wrong, and "It is positive." has no answer in the form
/// asked for.
/// </summary>
public sealed class AbilityTask : IEvaluationTask
{
    private readonly AnswerCheck[] _checks;

    private AbilityTask(string name, IReadOnlyList<TaskExample> examples, AnswerCheck[] checks) => (Name, Examples, _checks) = (name, examples, checks);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TaskExample> Examples { get; }

    /// <summary>Reads an evaluation set.</summary>
    /// <param name="name">The ability's name.</param>
    /// <param name="path">Instruction rows as JSON lines.</param>
    /// <exception cref="InvalidDataException">Rows are bad; all are listed, with number and reason.</exception>
    public static AbilityTask Read(string name, string path)
    {
        IReadOnlyList<InstructionRow> rows = InstructionFile.Read(path);
        var checks = new AnswerCheck[rows.Count];
        var bad = new List<BadRow>();
        for (int i = 0; i < rows.Count; i++)
        {
            InstructionRow row = rows[i];
            if (row.Answer is null || row.Check is null) bad.Add(new BadRow(row.Number, "has no \"answer\" and \"check\", so nothing can be judged"));
            else if (AnswerCheck.TryParse(row.Check, row.Answer, out AnswerCheck? check, out string? reason)) checks[i] = check;
            else bad.Add(new BadRow(row.Number, reason));
        }
        if (bad.Count > 0)
        {
            throw new InvalidDataException(
                $"{path}: {bad.Count} of {rows.Count} rows cannot be judged; give each an answer and one of the checks {AnswerCheck.Names}.\n  {string.Join("\n  ", bad)}");
        }
        TaskExample[] examples = [.. rows.Select((row, item) => new TaskExample(item, [.. row.Messages.SkipLast(1)], row.Answer!, row.Check!))];
        return new AbilityTask(name, examples, checks);
    }

    /// <inheritdoc/>
    public Prediction Predict(TaskExample example, string output) => _checks[example.Item].Judge(output);
}
