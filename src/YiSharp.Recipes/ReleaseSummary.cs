using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using YiSharp.Evaluation;

namespace YiSharp.Recipes;

/// <summary>One model of a release and how it did.</summary>
/// <param name="Key">Its folder under <c>evaluation/</c>, and under the release if the release made it.</param>
/// <param name="Title">Its name in tables.</param>
/// <param name="Description">How it came to be, in a clause.</param>
/// <param name="Folder">Its folder within the release; null for the base and for a base with an adapter.</param>
/// <param name="Bytes">Size of its weights on disk, bytes.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="BitsPerWeight">Bits of a weight on average, scales included.</param>
/// <param name="Scores">A score per task.</param>
/// <param name="AgainstBase">Paired comparisons with the base, a task each, adjusted together by Holm; empty for the base itself.</param>
/// <param name="Verdict">Whether it is better than the base on the trained abilities, in words; null for the base itself.</param>
public sealed record ReleasedModel(
    string Key, string Title, string Description, string? Folder, long Bytes, long Parameters, double BitsPerWeight,
    IReadOnlyList<TaskScore> Scores, IReadOnlyList<PairedComparison> AgainstBase, string? Verdict);

/// <summary>A training run of a release.</summary>
/// <param name="Title">What was trained on.</param>
/// <param name="Examples">Rows.</param>
/// <param name="Steps">Optimizer updates.</param>
/// <param name="TrainedWeights">Weights of the adapter.</param>
/// <param name="FirstLoss">Loss before the first update, nats per target token.</param>
/// <param name="LastLoss">Loss before the last update.</param>
public sealed record ReleasedRun(string Title, int Examples, int Steps, long TrainedWeights, double FirstLoss, double LastLoss);

/// <summary>What a release holds: <c>release.json</c>. Equal releases give equal bytes.</summary>
/// <param name="Name">The recipe's name.</param>
/// <param name="Version">Of YiSharp.</param>
/// <param name="Verdict">Whether the fine-tuned model is better than the base on the trained abilities, in words.</param>
/// <param name="Caution">What was lost outside the trained abilities, in words; null when nothing shows.</param>
/// <param name="Improved">Whether it is better on every one of them.</param>
/// <param name="Recipe">The recipe, defaults spelled out.</param>
/// <param name="License">The base model's licence as its file names it; null when it does not.</param>
/// <param name="Inputs">sha256 of every file it was made from.</param>
/// <param name="Training">The runs.</param>
/// <param name="Models">All models in the order of the table.</param>
public sealed record ReleaseSummary(
    string Name, string Version, string Verdict, string? Caution, bool Improved, Recipe Recipe, string? License, IReadOnlyDictionary<string, string> Inputs,
    IReadOnlyList<ReleasedRun> Training, IReadOnlyList<ReleasedModel> Models)
{
    /// <summary>The file's name in the release.</summary>
    public const string FileName = "release.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";
}
