namespace YiSharp.Evaluation;

/// <summary>Several tasks, or a task's subjects, as one number. What cannot be estimated is null.</summary>
/// <param name="Micro">Mean over all items: Σ nᵢ mᵢ / Σ nᵢ.</param>
/// <param name="Macro">Mean over the tasks.</param>
/// <param name="PooledError">
/// What lm-evaluation-harness prints beside either: √(Σ (nᵢ − 1) nᵢ sᵢ² / (N − k) / N) (<c>pooled_sample_stderr</c> in lm_eval/api/metrics.py, 0.4.13), the
/// standard deviations pooled as if all tasks had the same mean.
/// </param>
/// <param name="MicroError">√Σ (nᵢ sᵢ)² / Σ nᵢ, that of <paramref name="Micro"/>.</param>
/// <param name="MacroError">√Σ sᵢ² / k, that of <paramref name="Macro"/>.</param>
public sealed record GroupEstimate(double? Micro, double? Macro, double? PooledError, double? MicroError, double? MacroError)
{
    /// <summary>Combines tasks, [tasks] each.</summary>
    /// <param name="means">Score of each task.</param>
    /// <param name="sizes">Its number of items.</param>
    /// <param name="errors">Its standard error; null where it has none, and the group then has none either.</param>
    /// <exception cref="ArgumentException">The lists have different lengths, or a size or error is negative.</exception>
    public static GroupEstimate Of(ReadOnlySpan<double> means, ReadOnlySpan<int> sizes, ReadOnlySpan<double?> errors)
    {
        if (means.Length != sizes.Length || means.Length != errors.Length)
            throw new ArgumentException($"Every task needs its mean, size and standard error; found {means.Length}, {sizes.Length} and {errors.Length}.", nameof(means));
        double items = 0, weighted = 0, sum = 0, pooled = 0, micro = 0, macro = 0;
        for (int i = 0; i < means.Length; i++)
        {
            if (sizes[i] < 0) throw new ArgumentException($"Size {i} is {sizes[i]}; a number of items was expected.", nameof(sizes));
            if (errors[i] < 0) throw new ArgumentException($"Standard error {i} is {errors[i]}; none is negative.", nameof(errors));
            double n = sizes[i], error = errors[i] ?? double.NaN;
            items += n;
            weighted += n * means[i];
            sum += means[i];
            pooled += (n - 1) * n * error * error;
            micro += n * n * error * error;
            macro += error * error;
        }
        double count = means.Length;
        return new GroupEstimate(Defined(weighted / items), Defined(sum / count), Defined(Math.Sqrt(pooled / (items - count) / items)),
            Defined(Math.Sqrt(micro) / items), Defined(Math.Sqrt(macro) / count));
    }

    private static double? Defined(double value) => double.IsFinite(value) ? value : null;
}
