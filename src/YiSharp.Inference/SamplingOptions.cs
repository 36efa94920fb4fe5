namespace YiSharp.Inference;

/// <summary>
/// How the next token is chosen. The defaults choose the likeliest token, so that two runs agree without a seed.
/// Applied in the order of transformers: repetition penalty, temperature, top-k, top-p, min-p.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>The likeliest token at every step, nothing penalized.</summary>
    public static SamplingOptions Greedy { get; } = new();

    /// <summary>Logits are divided by it, from 0 on; 0 chooses the likeliest token.</summary>
    /// <value>0.</value>
    /// <remarks>At 0, <see cref="TopK"/>, <see cref="TopP"/>, <see cref="MinP"/> and <see cref="Seed"/> are ignored.</remarks>
    public double Temperature { get; init; }

    /// <summary>Only this many likeliest tokens stay, from 0 on; 0 keeps all.</summary>
    /// <value>0.</value>
    public int TopK { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability stay, in (0, 1] (Holtzman et al. 2020, arXiv:1904.09751).</summary>
    /// <value>1: all.</value>
    public double TopP { get; init; } = 1;

    /// <summary>Only tokens at least this fraction as likely as the likeliest stay, in [0, 1] (Nguyen et al. 2024, arXiv:2407.01082).</summary>
    /// <value>0: all.</value>
    public double MinP { get; init; }

    /// <summary>
    /// Logits of ids that occur in the prompt or the answer are divided by it where positive and multiplied where negative
    /// (Keskar et al. 2019, arXiv:1909.05858); above 0.
    /// </summary>
    /// <value>1: none.</value>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Start of the random numbers; the same seed gives the same tokens. Null draws one.</summary>
    /// <value>null.</value>
    public ulong? Seed { get; init; }

    /// <summary>Refuses values that mean nothing.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names all of them.</exception>
    public SamplingOptions Validate()
    {
        var wrong = new List<string>();
        if (!(Temperature >= 0) || double.IsInfinity(Temperature)) wrong.Add($"temperature is {Temperature}; 0 or more was expected");
        if (TopK < 0) wrong.Add($"top_k is {TopK}; 0 (all) or more was expected");
        if (!(TopP > 0 && TopP <= 1)) wrong.Add($"top_p is {TopP}; more than 0 and at most 1 was expected");
        if (!(MinP >= 0 && MinP <= 1)) wrong.Add($"min_p is {MinP}; 0 to 1 was expected");
        if (!(RepetitionPenalty > 0) || double.IsInfinity(RepetitionPenalty)) wrong.Add($"repetition_penalty is {RepetitionPenalty}; more than 0 was expected (1 is none)");
        return wrong.Count == 0 ? this : throw new ArgumentException($"The sampling options do not hold: {string.Join("; ", wrong)}.");
    }
}
