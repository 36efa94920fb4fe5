namespace YiSharp.Recipes;

/// <summary>How far a release is.</summary>
/// <param name="Stage">The stage at work, for people.</param>
/// <param name="StageNumber">1-based.</param>
/// <param name="StageCount">All stages of this release.</param>
/// <param name="StageDone">Share of this stage that is done, 0 to 1.</param>
/// <param name="Done">Share of the whole that is done, 0 to 1, by expected work.</param>
/// <param name="Detail">A loss, a score, a speed; null for none.</param>
public readonly record struct ReleaseProgress(string Stage, int StageNumber, int StageCount, double StageDone, double Done, string? Detail);
