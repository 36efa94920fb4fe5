namespace YiSharp.Endpoints;

/// <summary>What a million tokens cost, in whatever currency the endpoint bills.</summary>
/// <param name="In">Of prompts; 0 or more.</param>
/// <param name="Out">Of answers; 0 or more.</param>
public sealed record EndpointPrices(double In, double Out)
{
    private const double TokensPerPrice = 1e6;

    /// <summary>What so many tokens cost.</summary>
    public double Of(long promptTokens, long completionTokens) => (promptTokens * In + completionTokens * Out) / TokensPerPrice;

    /// <exception cref="ArgumentException">A price is negative or no number.</exception>
    internal void Validate()
    {
        if (!(In >= 0 && Out >= 0 && double.IsFinite(In + Out))) throw new ArgumentException($"The prices of a million tokens are {In} and {Out}; expected 0 or more.");
    }
}
