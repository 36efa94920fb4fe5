namespace YiSharp.Evaluation;

/// <summary>What an answer took. It differs from run to run, so it stands in no file that equal runs have in common.</summary>
/// <param name="PromptTokens">Tokens of the prompt as they were counted by the one who answers, over all attempts; null where nobody said.</param>
/// <param name="CompletionTokens">Tokens of the answer, likewise.</param>
/// <param name="Milliseconds">Time of the last attempt, from sending to the answer's last byte, without waits before it; of options that were scored, of all their requests together.</param>
/// <param name="Attempts">Requests sent for it, 1 or more.</param>
public sealed record Usage(int? PromptTokens, int? CompletionTokens, double Milliseconds, int Attempts)
{
    /// <summary>Tokens together, as far as somebody said how many.</summary>
    public static int? Sum(int? some, int? others) => others is null ? some : (int)Math.Min(int.MaxValue, (long)(some ?? 0) + others.Value);

    /// <summary>What both took, one after the other.</summary>
    public Usage Plus(Usage other) => new(Sum(PromptTokens, other.PromptTokens), Sum(CompletionTokens, other.CompletionTokens), Milliseconds + other.Milliseconds, Attempts + other.Attempts);
}
