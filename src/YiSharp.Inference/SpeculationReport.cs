namespace YiSharp.Inference;

/// <summary>How an answer's ids came about.</summary>
/// <param name="PassCount">Forward passes that gave at least one id.</param>
/// <param name="ProposedCount">Guessed ids that they looked at.</param>
/// <param name="AcceptedCount">Those of them that became part of the answer.</param>
public readonly record struct SpeculationReport(int PassCount, int ProposedCount, int AcceptedCount);
