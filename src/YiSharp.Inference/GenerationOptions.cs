namespace YiSharp.Inference;

/// <summary>How a text is generated, without the prompt.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most ids of an answer, tokens; from 0 on.</summary>
    /// <value>256.</value>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>Whether the answer goes on after the model's stop ids.</summary>
    /// <value>false.</value>
    public bool IgnoreEos { get; init; }

    /// <summary>Texts that end the answer once one is written, besides the model's stop ids. The result has the text up to there, with the stop text and whatever its last token brought along.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <summary>How an id is chosen.</summary>
    /// <value>The likeliest.</value>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>Who guesses ids ahead.</summary>
    /// <value>The text itself, which changes no id.</value>
    public Speculation Speculation { get; init; } = Speculation.Lookup;
}
