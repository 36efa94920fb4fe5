using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;

namespace YiSharp.Cli;

/// <summary>Which model judges the answers of tasks that ask for a judge.</summary>
/// <param name="backend">How a model of this machine computes.</param>
internal sealed class JudgeOptions(ModelOptions backend)
{
    private readonly Option<string?> _judge = new("--judge") { Description = "The model of this machine that judges answers, for tasks that ask for a judge: a folder, a .gguf file, or a name in models/.", HelpName = "MODEL" };
    private readonly EndpointOptions _endpoint = new("judge-", "Let answers be judged by");

    /// <summary>Puts the options on a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_judge);
        _endpoint.AddTo(verb);
    }

    /// <summary>Whether a model of this machine is named as judge.</summary>
    public bool IsLocal(ParseResult parse) => parse.GetValue(_judge) is not null;

    /// <summary>The judge of a run; null where nothing is to be judged.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="tasks">What is asked.</param>
    /// <exception cref="UsageException">A task wants a judge and there is none, or the other way round, or there are two.</exception>
    public JudgeChoice? Read(ParseResult parse, IReadOnlyList<IEvaluationTask> tasks)
    {
        string? model = parse.GetValue(_judge);
        OpenAiOptions? address = _endpoint.Read(parse);
        if (model is not null && address is not null) throw new UsageException($"{_judge.Name} and --judge-endpoint name a judge each; give one.");
        string? judged = tasks.FirstOrDefault(task => task.Rubric is not null)?.Name;
        if (judged is null) return model is null && address is null ? null : throw new UsageException("A judge is given, and no task asks for one; leave it out, or give a task with a section 'judge' (docs/add-a-task.md).");
        if (address is not null) return new JudgeChoice(address.Describe(), folder => _endpoint.Open(parse, address, folder, RequestLog.JudgeFileName), address.Prices);
        if (model is null) throw new UsageException($"The answers of {judged} are judged by another model; name it with {_judge.Name} MODEL, or --judge-endpoint URL and --judge-endpoint-model NAME.");
        string path = ModelLocator.Find(model, _judge.Name);
        return new JudgeChoice(Describe(parse, path), _ => new LocalResponder(new LanguageModel(Checkpoint.Open(path), backend.CreateBackend(parse))), null);
    }

    private EvaluatedModel Describe(ParseResult parse, string path)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return backend.Evaluated(parse, checkpoint, checkpoint.Name, adapter: null);
    }
}

/// <summary>A judge that was chosen on the command line.</summary>
/// <param name="Model">Who it is.</param>
/// <param name="Open">Gives the one that answers, for a run in a folder.</param>
/// <param name="Prices">What its tokens cost; null where it is not known.</param>
internal sealed record JudgeChoice(EvaluatedModel Model, Func<string, IResponder> Open, EndpointPrices? Prices);
