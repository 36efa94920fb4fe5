using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary><c>yi compare --prompts</c>: several models' answers side by side, or shown without names for a vote.</summary>
internal sealed class ShowcaseComparison
{
    private readonly ModelOptions _backend = new();
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
        _backend.AddBackendTo(verb);
    }

    /// <summary>Whether prompts were given.</summary>
    public bool IsAskedFor(ParseResult parse) => parse.GetValue(_prompts) is not null;

    /// <summary>Asks the models, shows what they said, and takes votes where that was asked for.</summary>
    public void Run(ParseResult parse, string[] models, string? html, Terminal terminal, Interrupts interrupts)
    {
        int limit = parse.GetValue(_maxNewTokens);
        if (limit < 1) throw new UsageException($"--max-new-tokens is {limit}; 1 or more was expected.");
        bool isBlind = parse.GetValue(_blind);
        if (models.Length < (isBlind ? 2 : 1)) throw new UsageException(isBlind ? "--blind needs two models or more to choose between." : "--prompts needs a model; name one, such as smollm2-135m-instruct.");
        if (models.Distinct(StringComparer.Ordinal).Count() < models.Length) throw new UsageException("A model is named twice; name each once.");
        IReadOnlyList<ShowcasePrompt> prompts = ShowcasePrompt.ReadAll(parse.GetValue(_prompts)!);
        string folder = parse.GetRequiredValue(_answers);

        (string Model, IReadOnlyList<Response> Responses)[] answers = [.. models.Select(model => (model, Answer(parse, model, folder, prompts, limit, interrupts.Token)))];
        if (html is not null) AtomicFile.WriteAllText(html, ShowcasePage.Create(prompts, answers, $"yi {ProductVersion.Text} compare --prompts").ToHtml());
        if (isBlind) new BlindVote(terminal, interrupts.Token, parse.GetValue(_votes) ?? Path.Combine(folder, "votes.jsonl"), parse.GetValue(_seed)).Run(prompts, answers);
        else Show(prompts, answers, terminal);
    }

    private IReadOnlyList<Response> Answer(ParseResult parse, string model, string folder, IReadOnlyList<ShowcasePrompt> prompts, int limit, CancellationToken cancellation)
    {
        string path = ModelLocator.Find(model, "MODEL");
        LanguageModel? loaded = null;
        try
        {
            return Showcase.Answer(Path.Combine(folder, LmEvalExport.FileNameOf(model)), new EvaluatedModel(model, _backend.Fingerprint(parse, path)), () =>
            {
                CpuBackend backend = _backend.CreateBackend(parse);
                return new LocalResponder(loaded = new LanguageModel(Checkpoint.Open(path), backend));
            }, prompts, limit, cancellation);
        }
        finally
        {
            loaded?.Dispose();
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
