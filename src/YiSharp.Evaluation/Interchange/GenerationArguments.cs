using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace YiSharp.Evaluation;

/// <summary>How answers were written, as lm-evaluation-harness says it (<c>generation_kwargs</c>, and <c>arg_1</c> of a written answer); null for what is not known.</summary>
/// <param name="Stops">Texts that end an answer.</param>
/// <param name="MaxNewTokens">Most tokens of an answer.</param>
/// <param name="IsSampled">Whether chance chose tokens.</param>
/// <param name="Temperature">By which.</param>
internal sealed record GenerationArguments(IReadOnlyList<string>? Stops, int? MaxNewTokens, bool? IsSampled, double? Temperature)
{
    private const string Greedy = "greedy", Sampled = "sampled at temperature ";

    // One name for each version of lm-evaluation-harness and each of its back ends.
    private static readonly string[] LimitNames = ["max_gen_toks", "max_new_tokens", "max_tokens"];

    /// <summary>Those of a task of ours.</summary>
    public static GenerationArguments Of(TaskScore task, EvaluationProtocol protocol)
    {
        string? how = protocol.Generation.StartsWith(Sampled, StringComparison.Ordinal) ? protocol.Generation[Sampled.Length..] : null;
        double? temperature = double.TryParse(how, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : protocol.Generation == Greedy ? 0 : null;
        IReadOnlyList<string>? stops = task.Stops ?? (task.MaxNewTokens is null ? null : []);
        return new GenerationArguments(stops, task.MaxNewTokens, how is not null ? true : protocol.Generation == Greedy ? false : null, temperature);
    }

    /// <summary>Those of an object.</summary>
    public static GenerationArguments Of(JsonElement arguments)
    {
        string[]? stops = arguments.Field("until") switch
        {
            { ValueKind: JsonValueKind.String } only => [only.Words()!],
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(stop => stop.Words()).OfType<string>()],
            _ => null,
        };
        int? limit = LimitNames.Select(name => arguments.Field(name)?.Count()).FirstOrDefault(most => most > 0);
        double? temperature = arguments.Field("temperature")?.FiniteNumber();
        bool? isSampled = arguments.Field("do_sample") switch
        {
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            _ => temperature is null ? null : temperature > 0,
        };
        return new GenerationArguments(stops, limit, isSampled, temperature);
    }

    /// <summary>How a token is chosen, as <see cref="EvaluationProtocol.Generation"/>; null where it is not known.</summary>
    public string? Name => IsSampled switch
    {
        null => null,
        false => Greedy,
        true => string.Create(CultureInfo.InvariantCulture, $"{Sampled}{Temperature ?? 1}"),
    };

    /// <summary>The object.</summary>
    public JsonObject ToJson()
    {
        var arguments = new JsonObject();
        if (Stops is not null) arguments["until"] = new JsonArray([.. Stops.Select(stop => (JsonNode)stop)]);
        if (IsSampled is not null) arguments["do_sample"] = IsSampled;
        if (Temperature is not null) arguments["temperature"] = Temperature;
        if (MaxNewTokens is not null) arguments[LimitNames[0]] = MaxNewTokens;
        return arguments;
    }

    /// <summary>What several say alike; null where they differ, or where there are none.</summary>
    public static GenerationArguments? Common(IEnumerable<GenerationArguments?> all)
    {
        GenerationArguments?[] each = [.. all];
        return each is [{ } first, .. var others] && others.All(other => other is not null && first.Says(other)) ? first : null;
    }

    private bool Says(GenerationArguments other) =>
        this with { Stops = null } == other with { Stops = null } && Stops is null == other.Stops is null && (Stops ?? []).SequenceEqual(other.Stops ?? []);
}
