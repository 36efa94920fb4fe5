using System.CommandLine;

namespace YiSharp.Cli;

/// <summary>What to time: the options that <c>yi bench</c> and <c>bench/compare</c> share.</summary>
internal sealed class BenchOptions
{
    private readonly Option<string?> _shape = new("--shape") { Description = $"Time a shape with random weights instead of a model: {string.Join(", ", ModelShapes.Names)}.", HelpName = "NAME" };
    private readonly Option<string?> _format = new("--format") { Description = $"Of the random weights: {string.Join(", ", RandomFormats.Names)}. q4 when not given.", HelpName = "FORMAT" };
    private readonly Option<int?> _context = new("--context") { Description = "Tokens of context; the model's own when not given.", HelpName = "N" };
    private readonly Option<string> _prefill = new("--prefill") { Description = "Lengths of prompts, tokens, with commas between them, or none.", HelpName = "N,N", DefaultValueFactory = _ => "128,512,2048" };
    private readonly Option<string> _depth = new("--depth") { Description = "Tokens that are in the cache before an answer, with commas between them, or none.", HelpName = "N,N", DefaultValueFactory = _ => "0,2048" };
    private readonly Option<int> _decode = new("--decode") { Description = "Tokens of an answer.", HelpName = "N", DefaultValueFactory = _ => 128 };
    private readonly Option<int> _repeats = new("--repeats") { Description = "Timed runs of each, after one to warm up.", HelpName = "N", DefaultValueFactory = _ => 5 };

    /// <summary>Puts the options on a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in new Option[] { _shape, _format, _context, _prefill, _depth, _decode, _repeats }) verb.Add(option);
    }

    /// <summary>What is to be timed.</summary>
    /// <exception cref="UsageException">A number does not hold.</exception>
    public BenchPlan PlanOf(ParseResult parse) =>
        BenchPlan.Of(parse.GetRequiredValue(_prefill), parse.GetRequiredValue(_depth), parse.GetRequiredValue(_decode), parse.GetRequiredValue(_repeats));

    /// <summary>Of what: the shape, or the model that was named.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="model">A model's path or name, or null.</param>
    /// <param name="who">Where that was named.</param>
    /// <param name="cancellation">Ends the making of weights.</param>
    /// <exception cref="UsageException">Options do not go together, or name nothing that exists.</exception>
    public BenchSource SourceOf(ParseResult parse, string? model, string who, CancellationToken cancellation)
    {
        int? context = ContextOf(parse);
        string? shape = parse.GetValue(_shape), format = parse.GetValue(_format);
        if (shape is not null && model is not null) throw new UsageException($"Both {who} and --shape are given; give one of them.");
        if (shape is not null) return BenchSource.OfShape(shape, format ?? "q4", context, cancellation);
        if (format is not null) throw new UsageException("--format needs --shape: a model's weights have the format of its file.");
        return BenchSource.OfModel(model ?? ModelLocator.Embedded, context, who);
    }

    /// <summary>Tokens of context that were asked for, or null.</summary>
    /// <exception cref="UsageException">Not a positive number.</exception>
    public int? ContextOf(ParseResult parse) => parse.GetValue(_context) is { } tokens and < 1 ? throw new UsageException($"--context is {tokens}; 1 or more was expected.") : parse.GetValue(_context);
}
