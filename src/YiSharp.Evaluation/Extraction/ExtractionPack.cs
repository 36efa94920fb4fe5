using System.Diagnostics.CodeAnalysis;

namespace YiSharp.Evaluation;

/// <summary>A named way to read answers out of a model's words: ours, or another harness's to the letter.</summary>
public sealed class ExtractionPack
{
    /// <summary>The name of ours.</summary>
    public const string DefaultName = "yisharp";

    private static readonly Dictionary<string, ExtractionPack> All = ((IEnumerable<ExtractionPack>)
        [new(DefaultName, AnswerReader.Read), .. LmEvalPacks.All, .. OpenCompassPacks.All]).ToDictionary(pack => pack.Name);

    private readonly Func<ExtractionQuestion, string, Extraction> _read;

    internal ExtractionPack(string name, Func<ExtractionQuestion, string, Extraction> read) => (Name, _read) = (name, read);

    /// <summary>Its name, such as <c>lm_eval/gsm8k_cot_zeroshot/strict-match</c>.</summary>
    public string Name { get; }

    /// <summary>Where generation stops, and a text is cut before it is read; empty where the pack does not say.</summary>
    public IReadOnlyList<string> Until { get; internal init; } = [];

    /// <summary>How the harness compares what was read with the expected answer; null where this is not part of the pack.</summary>
    public ExactMatch? ExactMatch { get; internal init; }

    /// <summary>Every pack's name, ours first.</summary>
    public static IReadOnlyCollection<string> Names => All.Keys;

    /// <summary>Ours.</summary>
    public static ExtractionPack Default => All[DefaultName];

    /// <summary>The pack of a name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static ExtractionPack Named(string name) => TryNamed(name, out ExtractionPack? pack) ? pack
        : throw new ArgumentException($"There is no extraction pack \"{name}\"; known are {string.Join(", ", Names)}.");

    /// <summary>The pack of a name, where there is one.</summary>
    public static bool TryNamed(string name, [NotNullWhen(true)] out ExtractionPack? pack) => All.TryGetValue(name, out pack);

    /// <summary>Reads the answer out of a model's words.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="output">What the model said, as it came.</param>
    /// <exception cref="ArgumentException">The pack reads its words out of <see cref="ExtractionQuestion.Input"/>, and they are not there.</exception>
    public Extraction Extract(ExtractionQuestion question, string output) => _read(question, output);
}
