using YiSharp.Text;

namespace YiSharp.Data;

/// <summary>One conversation of an instruction file: what to say, and how an answer to it is checked.</summary>
/// <param name="Number">Line in the file, 1-based.</param>
/// <param name="Messages">An optional system message, then user and assistant in turn, ending with the assistant.</param>
/// <param name="Answer">What a right answer holds; null when the row is not checked.</param>
/// <param name="Check">How <paramref name="Answer"/> is looked for, such as <c>exact</c> or <c>json</c>; null when the row is not checked.</param>
public sealed record InstructionRow(int Number, IReadOnlyList<ChatMessage> Messages, string? Answer, string? Check);

/// <summary>A row that cannot be used.</summary>
/// <param name="Number">Line in the file, 1-based.</param>
/// <param name="Reason">What was found and what was expected, as a clause.</param>
public readonly record struct BadRow(int Number, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"row {Number}: {Reason}";
}
