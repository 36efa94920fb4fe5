using System.CommandLine;
using YiSharp.Inference;

namespace YiSharp.Cli;

/// <summary>How an answer is generated: the same options on every verb that generates.</summary>
internal sealed class SamplingOptionSet
{
    private readonly Option<int?> _maxNewTokens = new("--max-new-tokens", "-n") { Description = "Most tokens of an answer.", HelpName = "N" };
    private readonly Option<double?> _temperature = new("--temperature", "-t") { Description = "0 takes the likeliest token; higher values vary more.", HelpName = "X", CustomParser = RealNumber.ParseOptional };
    private readonly Option<int?> _topK = new("--top-k") { Description = "Only the K likeliest tokens; 0 keeps all.", HelpName = "K" };
    private readonly Option<double?> _topP = new("--top-p") { Description = "Only the likeliest tokens that together reach this probability; 1 keeps all.", HelpName = "P", CustomParser = RealNumber.ParseOptional };
    private readonly Option<double?> _minP = new("--min-p") { Description = "Only tokens at least this fraction as likely as the likeliest; 0 keeps all.", HelpName = "P", CustomParser = RealNumber.ParseOptional };
    private readonly Option<double?> _repetitionPenalty = new("--repetition-penalty") { Description = "Above 1, ids that occurred become less likely.", HelpName = "X", CustomParser = RealNumber.ParseOptional };
    private readonly Option<ulong?> _seed = new("--seed") { Description = "The same seed gives the same answer; one is drawn when not given.", HelpName = "N" };

    /// <summary>Puts the options on a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in new Option[] { _maxNewTokens, _temperature, _topK, _topP, _minP, _repetitionPenalty, _seed }) verb.Add(option);
    }

    /// <summary>What was given, and <paramref name="defaults"/> for the rest.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public GenerationOptions Read(ParseResult parse, GenerationOptions defaults)
    {
        SamplingOptions sampling = defaults.Sampling;
        int maxNewTokens = parse.GetValue(_maxNewTokens) ?? defaults.MaxNewTokens;
        if (maxNewTokens < 0) throw new UsageException($"--max-new-tokens is {maxNewTokens}; 0 or more was expected.");
        return defaults with
        {
            MaxNewTokens = maxNewTokens,
            Sampling = (sampling with
            {
                Temperature = parse.GetValue(_temperature) ?? sampling.Temperature,
                TopK = parse.GetValue(_topK) ?? sampling.TopK,
                TopP = parse.GetValue(_topP) ?? sampling.TopP,
                MinP = parse.GetValue(_minP) ?? sampling.MinP,
                RepetitionPenalty = parse.GetValue(_repetitionPenalty) ?? sampling.RepetitionPenalty,
                Seed = parse.GetValue(_seed) ?? sampling.Seed,
            }).Validate(),
        };
    }
}
