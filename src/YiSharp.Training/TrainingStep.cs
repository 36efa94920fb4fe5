namespace YiSharp.Training;

/// <summary>What an optimizer step did.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Count">Steps of the whole run.</param>
/// <param name="Loss">Mean −log p of the step's targets before the step, nats.</param>
/// <param name="GradientNorm">Norm of all gradients before clipping.</param>
/// <param name="LearningRate">Rate of the step.</param>
/// <param name="TargetCount">Tokens that were predicted.</param>
/// <param name="TokenCount">Tokens that were seen.</param>
/// <param name="Seconds">Time that the step took.</param>
public sealed record TrainingStep(int Number, int Count, double Loss, double GradientNorm, double LearningRate, int TargetCount, int TokenCount, double Seconds)
{
    /// <summary>Tokens seen a second.</summary>
    public double TokensPerSecond => Seconds > 0 ? TokenCount / Seconds : 0;
}
