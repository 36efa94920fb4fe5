using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;

namespace YiSharp.Cli;

/// <summary>Who answers a showcase: models of this machine, with or without an adapter, and models behind addresses, as the command line names them.</summary>
/// <param name="backend">How a model of this machine computes.</param>
/// <param name="endpoint">How models behind addresses are asked.</param>
internal sealed class ShowcaseModels(ModelOptions backend, EndpointOptions endpoint)
{
    /// <summary>How a model is named.</summary>
    public const string Forms = "MODEL (a folder, a .gguf file, or a name in models/), MODEL+ADAPTER (with a LoRA adapter's folder), or NAME@URL (behind an OpenAI-compatible address)";

    private static readonly string[] AddressStarts = ["@http://", "@https://"];

    /// <summary>The models in the order in which they are named, that of <c>--endpoint</c> last.</summary>
    /// <exception cref="UsageException">One cannot be found, or two are the same.</exception>
    public IReadOnlyList<ShowcaseModel> Of(ParseResult parse, string[] named)
    {
        (string Model, string Address)?[] addresses = [.. named.Select(AddressOf)];
        OpenAiOptions? other = endpoint.Read(parse, addresses.Any(address => address is not null));
        ShowcaseModel[] models =
        [
            .. named.Select((name, i) => addresses[i] is { } at ? Behind(parse, name, endpoint.Of(parse, at.Address, at.Model)) : OfThisMachine(parse, name)),
            .. other is null ? (ShowcaseModel[])[] : [Behind(parse, other.Model, other)],
        ];
        if (models.GroupBy(m => m.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new UsageException($"A model is named twice ({twice.Key}); name each once.");
        return models;
    }

    private static (string Model, string Address)? AddressOf(string name)
    {
        int at = AddressStarts.Select(start => name.IndexOf(start, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        return at < 0 ? null : (name[..at], name[(at + 1)..]);
    }

    private ShowcaseModel Behind(ParseResult parse, string name, OpenAiOptions options) => new(name, options.Describe() with { Name = name }, folder => endpoint.Open(parse, options, folder));

    private ShowcaseModel OfThisMachine(ParseResult parse, string name)
    {
        int plus = Path.Exists(name) ? -1 : name.LastIndexOf('+');
        string path = ModelLocator.Find(plus < 0 ? name : name[..plus], "MODEL");
        string? adapter = plus < 0 ? null : name[(plus + 1)..];
        if (adapter is not null && !Directory.Exists(adapter)) throw new UsageException($"'{name}' names the adapter '{adapter}', which is no folder; give MODEL+ADAPTER with a LoRA adapter's folder, as PEFT writes it.");
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return new ShowcaseModel(name, backend.Evaluated(parse, checkpoint, name, adapter), _ => new LocalResponder(new LanguageModel(Checkpoint.Open(path), backend.CreateBackend(parse), adapter is null ? null : LoraAdapter.Open(adapter))));
    }
}

/// <summary>One that answers a showcase.</summary>
/// <param name="Name">Its name in tables, votes and folders.</param>
/// <param name="Model">What tells it from all others.</param>
/// <param name="Open">Gives the one that answers; the folder is where its answers go.</param>
internal sealed record ShowcaseModel(string Name, EvaluatedModel Model, Func<string, IResponder> Open);
