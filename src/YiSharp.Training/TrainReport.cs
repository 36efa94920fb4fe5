namespace YiSharp.Training;

/// <summary>What a run came to.</summary>
/// <param name="OutputPath">The folder of the adapter, or of the model after full fine-tuning.</param>
/// <param name="Steps">Every step in order; their seconds are 0 where the run was resumed after them.</param>
/// <param name="ExampleCount">Examples that were trained on.</param>
/// <param name="SkippedCount">Examples that have no target token, and were left out.</param>
/// <param name="TrainedCount">Weights that were trained.</param>
public sealed record TrainReport(string OutputPath, IReadOnlyList<TrainingStep> Steps, int ExampleCount, int SkippedCount, long TrainedCount);
