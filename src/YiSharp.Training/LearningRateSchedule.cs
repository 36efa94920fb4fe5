namespace YiSharp.Training;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum ScheduleShape
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls to 0 in a straight line.</summary>
    Linear,

    /// <summary>It falls to 0 along half a cosine.</summary>
    Cosine,
}

/// <summary>
/// The learning rate of each step, as transformers' <c>get_scheduler</c> gives it: up from 0 in a straight line over the warm-up steps,
/// then along <paramref name="Shape"/>.
/// </summary>
/// <param name="Shape">What follows the warm-up.</param>
/// <param name="Peak">The rate after the warm-up.</param>
/// <param name="WarmupSteps">Optimizer steps of the warm-up; the very first of them has rate 0.</param>
/// <param name="StepCount">Optimizer steps of the whole run.</param>
public readonly record struct LearningRateSchedule(ScheduleShape Shape, double Peak, int WarmupSteps, int StepCount)
{
    /// <summary>The rate of a step, 0-based.</summary>
    public double RateAt(int step)
    {
        if (step < WarmupSteps) return Peak * ((double)step / WarmupSteps);
        int falling = Math.Max(1, StepCount - WarmupSteps);
        return Shape switch
        {
            ScheduleShape.Linear => Peak * Math.Max(0, (double)(StepCount - step) / falling),
            ScheduleShape.Cosine => Peak * Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * ((double)(step - WarmupSteps) / falling)))),
            _ => Peak,
        };
    }
}
