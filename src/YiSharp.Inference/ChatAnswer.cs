namespace YiSharp.Inference;

/// <summary>One answer of a conversation, and what it took.</summary>
/// <param name="Text">The answer.</param>
/// <param name="FinishReason">Why it ended; null when it was interrupted.</param>
/// <param name="PromptTokenCount">Tokens of the conversation before it.</param>
/// <param name="CachedTokenCount">Those of them that the cache still held.</param>
/// <param name="NewTokenCount">Tokens of the answer.</param>
/// <param name="FirstTokenTime">From the question to the first token.</param>
/// <param name="DecodeTime">From the first token to the last.</param>
public sealed record ChatAnswer(
    string Text, FinishReason? FinishReason, int PromptTokenCount, int CachedTokenCount, int NewTokenCount, TimeSpan FirstTokenTime, TimeSpan DecodeTime)
{
    /// <summary>How the answer's tokens came about.</summary>
    public SpeculationReport Speculation { get; init; }

    /// <summary>Tokens a second after the first; 0 when there is none after it.</summary>
    public double TokensPerSecond => NewTokenCount > 1 && DecodeTime > TimeSpan.Zero ? (NewTokenCount - 1) / DecodeTime.TotalSeconds : 0;
}
