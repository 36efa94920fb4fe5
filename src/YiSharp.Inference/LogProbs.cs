using System.Runtime.Intrinsics;

namespace YiSharp.Inference;

/// <summary>Reductions over one row of logits.</summary>
public static class LogProbs
{
    /// <summary>The first index of the highest value; values that are not numbers are passed over.</summary>
    /// <param name="logits">[vocab], at least one.</param>
    public static int ArgMax(ReadOnlySpan<float> logits)
    {
        int best = 0;
        float highest = float.NegativeInfinity;
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] > highest) (best, highest) = (i, logits[i]);
        }
        return best;
    }

    /// <summary>ln Σ exp(logit), in double: single precision loses 1e-5 nats over a large vocabulary.</summary>
    /// <param name="logits">[vocab], at least one.</param>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        float highest = logits[ArgMax(logits)];
        if (!float.IsFinite(highest)) throw new InvalidDataException("The model's logits hold no finite number; its weights may be damaged.");
        Vector256<double> sums = Vector256<double>.Zero, shift = Vector256.Create((double)highest);
        int i = 0;
        for (; i <= logits.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Create(logits[i..]));
            sums += Vector256.Exp(lower - shift);
            sums += Vector256.Exp(upper - shift);
        }
        double sum = Vector256.Sum(sums);
        for (; i < logits.Length; i++) sum += Math.Exp((double)logits[i] - highest);
        return highest + Math.Log(sum);
    }
}
