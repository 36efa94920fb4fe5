namespace YiSharp.Evaluation;

/// <summary>A model that judges others' answers.</summary>
/// <param name="Model">Who it is; part of what makes two runs the same.</param>
/// <param name="Open">Gives the one that answers; called once, and only if there is something to judge.</param>
public sealed record EvaluationJudge(EvaluatedModel Model, Func<IResponder> Open);

/// <summary>A judge as <c>evaluation.json</c> names it.</summary>
/// <param name="Model">Its name.</param>
/// <param name="ModelFingerprint">What tells its files, or its address, from all others.</param>
/// <param name="Pack">The rules that read its verdicts: an <see cref="ExtractionPack"/>.</param>
public sealed record JudgeDescription(string Model, string ModelFingerprint, string Pack)
{
    /// <summary>How it computes; null where that is not known.</summary>
    public Arithmetic? Arithmetic { get; init; }

    /// <summary>Hash of its chat template; null where it is not known.</summary>
    public string? TemplateSha256 { get; init; }

    /// <summary>The judge of a run.</summary>
    internal static JudgeDescription Of(EvaluatedModel model) => new(model.Name, model.Fingerprint, ExtractionPack.DefaultName) { Arithmetic = model.Arithmetic, TemplateSha256 = model.TemplateSha256 };
}
