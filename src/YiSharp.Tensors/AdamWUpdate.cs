namespace YiSharp.Tensors;

/// <summary>
/// One optimizer step of one parameter (Loshchilov &amp; Hutter 2019, arXiv:1711.05101, Algorithm 2), as torch.optim.AdamW does it:
/// g = gradient · factor; m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
/// w ← w(1 − rate · decay) − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
/// </summary>
/// <param name="LearningRate">The step's rate, ≥ 0.</param>
/// <param name="Beta1">β₁ in [0, 1).</param>
/// <param name="Beta2">β₂ in [0, 1).</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">Decoupled decay of this parameter, ≥ 0.</param>
/// <param name="StepNumber">t, 1-based.</param>
/// <param name="GradientFactor">What clipping multiplies the gradient by, (0, 1].</param>
public readonly record struct AdamWUpdate(
    double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, int StepNumber, double GradientFactor);
