using YiSharp.Data;

namespace YiSharp.Evaluation;

/// <summary>How the questions of a suite are put and its answers read: a section of a <see cref="ProtocolPack"/>.</summary>
/// <remarks>
/// Templates name parts of a question in braces: <c>{title}</c> and <c>{subject}</c> of its subject, <c>{task}</c> (what BBH says about a subject), <c>{question}</c>, <c>{options}</c>; in
/// <c>option</c>, a line each, <c>{letter}</c> and <c>{choice}</c>. Other braces stay as they are.
/// </remarks>
public sealed record SuiteProtocol
{
    /// <summary>Most exemplars that can be asked for.</summary>
    private const int MostShots = 64;

    /// <summary>Most tokens of an answer that can be asked for.</summary>
    private const int MostNewTokens = 1 << 20;

    /// <summary>Whether the options' log-likelihoods are compared; otherwise the model writes, and its answer is read.</summary>
    public required bool IsLogLikelihood { get; init; }

    /// <summary>Whether the prompt goes through the model's chat template.</summary>
    public required bool IsChat { get; init; }

    /// <summary>Stands once before exemplars and question; empty for nothing.</summary>
    public required string Description { get; init; }

    /// <summary>The question's template.</summary>
    public required string Question { get; init; }

    /// <summary>The template of an option's line; empty where options are not shown.</summary>
    public required string Option { get; init; }

    /// <summary>Whether what is scored, and shown as an exemplar's answer, are the options' texts instead of their letters.</summary>
    public required bool AnswersAreChoices { get; init; }

    /// <summary>Whether a question is worth the share of its right options in the probability of all, instead of 1 where the likeliest is right.</summary>
    public required bool ScoresMass { get; init; }

    /// <summary>Whether white space around a question stays.</summary>
    public required bool KeepsSpace { get; init; }

    /// <summary>Exemplars before the question, the first ones of the source.</summary>
    /// <value>0.</value>
    public int Shots { get; init; }

    /// <summary>What stands between an exemplar's question and its answer; empty where answers begin with it.</summary>
    /// <value>A space.</value>
    public string TargetDelimiter { get; init; } = " ";

    /// <summary>Texts that end an answer.</summary>
    public required IReadOnlyList<string> Stops { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>Who reads the answer: <c>choice</c>, <c>number</c> or <c>by_subject</c> for our own rules, <c>regex:</c> and an expression, otherwise the name of a pack of rules; empty with log-likelihoods.</summary>
    public required string Extraction { get; init; }

    /// <summary>Reads a section.</summary>
    /// <param name="map">The section.</param>
    /// <param name="template">The pack's template, <c>chat</c> or <c>plain</c>.</param>
    /// <param name="otherExtractions">What the key <c>extraction</c> may say besides what <see cref="BenchmarkReader"/> knows.</param>
    /// <exception cref="InvalidDataException">A key is missing, unknown or has no meaning.</exception>
    internal static SuiteProtocol Read(YamlMap map, string template, params string[] otherExtractions)
    {
        _ = map.Text("scoring"); // no default: the two ways give different numbers
        bool isLogLikelihood = map.Choice("scoring", "", "loglikelihood", "generate") == "loglikelihood";
        var suite = new SuiteProtocol
        {
            IsLogLikelihood = isLogLikelihood,
            IsChat = map.Choice("template", template, "chat", "plain") == "chat",
            Description = map.TextOrNull("description") ?? "",
            Question = map.Text("question"),
            Option = map.TextOrNull("option") ?? "",
            AnswersAreChoices = map.Choice("answers", "letters", "letters", "choices") == "choices",
            ScoresMass = map.Choice("score", "accuracy", "accuracy", "mass") == "mass",
            KeepsSpace = map.Choice("keep_space", "false", "true", "false") == "true",
            Shots = (int)map.Integer("shots", 0, 0, MostShots),
            TargetDelimiter = map.Choice("target_delimiter", "space", "space", "none") == "space" ? " " : "",
            Stops = map.Texts("stops"),
            MaxNewTokens = (int)map.Integer("max_new_tokens", 512, 1, MostNewTokens),
            Extraction = isLogLikelihood ? map.TextOrNull("extraction") ?? "" : map.Text("extraction"),
        };
        map.RequireNoOthers();
        if (!isLogLikelihood && !otherExtractions.Contains(suite.Extraction) && BenchmarkReader.WhatElse(suite.Extraction, otherExtractions) is { } wanted) throw map.Wrong("extraction", wanted, suite.Extraction);
        return suite;
    }
}
