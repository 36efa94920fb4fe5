using System.Text.Json;
using System.Text.Json.Serialization;
using YiSharp.Checkpoints;

namespace YiSharp.Recipes;

/// <summary>One stage of a release and what it took.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Seconds">Wall-clock seconds, interruptions left out.</param>
public sealed record StageTiming(string Stage, double Seconds);

/// <summary>
/// Wall-clock seconds of each finished stage, kept in <c>timings.json</c>: the one file of a release that differs from run to run.
/// </summary>
internal sealed class StageTimings
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly string _file;
    private readonly List<StageTiming> _stages;

    private StageTimings(string file, List<StageTiming> stages) => (_file, _stages) = (file, stages);

    /// <summary>The stages in the order in which they ended.</summary>
    public IReadOnlyList<StageTiming> Stages => _stages;

    /// <summary>What <paramref name="file"/> holds; empty when it is not there or not readable, since timings decide nothing.</summary>
    public static StageTimings Load(string file)
    {
        try
        {
            return new StageTimings(file, File.Exists(file) ? JsonSerializer.Deserialize<Content>(File.ReadAllBytes(file), Json)?.Stages ?? [] : []);
        }
        catch (JsonException)
        {
            return new StageTimings(file, []);
        }
    }

    /// <summary>Adds seconds to a stage: one that was interrupted comes more than once.</summary>
    public void Add(string stage, double seconds)
    {
        int index = _stages.FindIndex(s => s.Stage == stage);
        if (index < 0) _stages.Add(new StageTiming(stage, Math.Round(seconds, 3)));
        else _stages[index] = new StageTiming(stage, Math.Round(_stages[index].Seconds + seconds, 3));
        AtomicFile.WriteAllBytes(_file, JsonSerializer.SerializeToUtf8Bytes(new Content(_stages), Json));
    }

    private sealed record Content([property: JsonPropertyName("stages")] List<StageTiming> Stages);
}
