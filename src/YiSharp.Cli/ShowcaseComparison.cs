using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary><c>yi compare --prompts</c>: several models' answers side by side, or shown without names for a vote.</summary>
internal sealed class ShowcaseComparison
{
    private readonly ModelOptions _backend = new();
    private readonly EndpointOptions _endpoint = new(purpose: "With --prompts: ask, besides the models named,");
    private readonly Option<string?> _prompts = new("--prompts") { Description = "Instead of evaluations, show several models' answers to the prompts of a file (YAML or JSON lines) side by side.", HelpName = "FILE" };
    private readonly Option<string> _answers = new("--answers") { Description = "With --prompts: where answers are kept, a folder for each model; what is there is not asked again.", HelpName = "FOLDER", DefaultValueFactory = _ => "showcase" };
    private readonly Option<int> _maxNewTokens = new("--max-new-tokens") { Description = "With --prompts: most tokens of an answer.", HelpName = "N", DefaultValueFactory = _ => 512 };
    private readonly Option<bool> _blind = new("--blind") { Description = "With --prompts: show answers without names, in an order that the seed chooses, and ask which is best." };
    private readonly Option<string?> _votes = new("--votes") { Description = "With --blind: where votes are kept; votes.jsonl in the folder of answers when not given.", HelpName = "FILE" };
    private readonly Option<int> _seed = new("--seed") { Description = "With --blind: what chooses the order.", HelpName = "S", DefaultValueFactory = _ => 0 };

    /// <summary>Puts the options on the verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[_prompts, _answers, _maxNewTokens, _blind, _votes, _seed]) verb.Add(option);
        int before = verb.Options.Count;
        _backend.AddBackendTo(verb);
        Options = [_prompts, _answers, _maxNewTokens, _blind, _votes, _seed, .. verb.Options.Skip(before), .. _endpoint.All];
        _endpoint.AddTo(verb);
    }

    /// <summary>All of its options, once they are on the verb.</summary>
    public IReadOnlyList<Option> Options { get; private set; } = [];

    /// <summary>Whether prompts were given.</summary>
    public bool IsAskedFor(ParseResult parse) => parse.GetValue(_prompts) is not null;

    /// <summary>Asks the models, shows what they said, and takes votes where that was asked for.</summary>
    public void Run(ParseResult parse, string[] models, string? html, Terminal terminal, Interrupts interrupts)
    {
        int limit = parse.GetValue(_maxNewTokens);
        if (limit < 1) throw new UsageException($"--max-new-tokens is {limit}; 1 or more was expected.");
        bool isBlind = parse.GetValue(_blind);
        IReadOnlyList<ShowcaseModel> asked = new ShowcaseModels(_backend, _endpoint).Of(parse, models);
        if (asked.Count < (isBlind ? 2 : 1)) throw new UsageException(isBlind ? "--blind needs two models or more to choose between." : "--prompts needs a model; name one, such as smollm2-135m-instruct.");
        IReadOnlyList<ShowcasePrompt> prompts = ShowcasePrompt.ReadAll(parse.GetValue(_prompts)!);
        string folder = parse.GetRequiredValue(_answers), votes = parse.GetValue(_votes) ?? Path.Combine(folder, "votes.jsonl");
        OutputFolder.Require(_answers.Name, folder);
        foreach (string file in (string[])[votes, .. html is null ? (string[])[] : [html]]) AtomicFile.RequireFile(file);

        (string Model, IReadOnlyList<Response> Responses)[] answers = [.. asked.Select(model => (model.Name, Answer(model, Path.Combine(folder, LmEvalExport.FileNameOf(model.Name)), prompts, limit, interrupts.Token)))];
        if (html is not null) AtomicFile.WriteAllText(html, ShowcasePage.Create(prompts, answers, $"yi {ProductVersion.Text} compare --prompts").ToHtml());
        if (isBlind) new BlindVote(terminal, interrupts.Token, votes, parse.GetValue(_seed)).Run(prompts, answers);
        else Show(prompts, answers, terminal);
    }

    private static IReadOnlyList<Response> Answer(ShowcaseModel model, string folder, IReadOnlyList<ShowcasePrompt> prompts, int limit, CancellationToken cancellation)
    {
        IResponder? responder = null;
        try
        {
            return Showcase.Answer(folder, model.Model, () => responder = model.Open(folder), prompts, limit, cancellation);
        }
        finally
        {
            (responder as IDisposable)?.Dispose();
        }
    }

    private static void Show(IReadOnlyList<ShowcasePrompt> prompts, (string Model, IReadOnlyList<Response> Responses)[] answers, Terminal terminal)
    {
        for (int i = 0; i < prompts.Count; i++)
        {
            BlindVote.ShowPrompt(prompts[i], terminal);
            foreach ((string model, IReadOnlyList<Response> responses) in answers) BlindVote.ShowAnswer(model, responses[i], terminal);
        }
    }
}
