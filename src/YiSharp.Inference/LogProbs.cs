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
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit - highest);
        return highest + Math.Log(sum);
    }
}
