using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Inference;

namespace YiSharp.Cli;

/// <summary>Who guesses ids ahead: the same options on every verb that generates.</summary>
internal sealed class SpeculationOptionSet
{
    private readonly Option<string?> _speculate = new("--speculate")
    {
        Description = "Guess tokens from earlier text and check several in one pass: lookup (the default; it changes no token) or off.",
        HelpName = "lookup|off",
    };

    private readonly Option<string?> _draft = new("--draft")
    {
        Description = "A smaller model of the same vocabulary that guesses tokens ahead. At temperature 0 it changes no token; above, answers stay as likely as without it.",
        HelpName = "PATH",
    };

    /// <summary>Puts the options on a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_speculate);
        verb.Add(_draft);
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">A value is none of those expected.</exception>
    public Speculation Read(ParseResult parse)
    {
        string? speculate = parse.GetValue(_speculate);
        if (parse.GetValue(_draft) is not null)
        {
            return speculate is null ? Speculation.Draft : throw new UsageException("--draft and --speculate exclude each other; give one of them.");
        }
        return speculate switch
        {
            null or "lookup" => Speculation.Lookup,
            "off" => Speculation.Off,
            _ => throw new UsageException($"--speculate is '{speculate}'; lookup or off was expected (a draft model is named with --draft)."),
        };
    }

    /// <summary>Loads the draft model that was asked for, if any, beside <paramref name="loaded"/>.</summary>
    /// <exception cref="ArgumentException">It has another vocabulary.</exception>
    public void LoadDraft(ParseResult parse, ModelOptions model, LanguageModel loaded)
    {
        if (parse.GetValue(_draft) is not { } path) return;
        var draft = new LanguageModel(Checkpoint.Open(ModelLocator.Find(path)), model.CreateBackend(parse));
        try
        {
            loaded.UseDraft(draft);
        }
        catch
        {
            draft.Dispose();
            throw;
        }
    }
}
