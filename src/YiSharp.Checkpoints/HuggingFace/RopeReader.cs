using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// Reads the rotary embeddings' base and scaling from config.json in the style of transformers 4 (<c>rope_theta</c>, <c>rope_scaling</c>) and of
/// transformers 5 (<c>rope_parameters</c>). Whatever it does not know is refused.
/// </summary>
internal static class RopeReader
{
    private const double MinTheta = 1.001;
    private const double MaxTheta = 1e15;
    private const double MaxFactor = 1e6;
    private const string OriginalLength = "original_max_position_embeddings";

    /// <summary>transformers' base where a config says none (models/llama/configuration_llama.py).</summary>
    private const double DefaultTheta = 10000;

    /// <summary>A type of scaling: the fields that it reads, and how it is made of them.</summary>
    private sealed record RopeType(string Name, string[] Fields, Func<JsonFile, int, RopeScaling?> Read);

    private static readonly RopeType[] Types =
    [
        new("default", [], static (_, _) => null),
        new("linear", ["factor"], static (rope, _) => new LinearRopeScaling(Factor(rope))),
        new("dynamic", ["factor"], static (rope, maxPositions) => new DynamicRopeScaling(Factor(rope), maxPositions)),
        new("llama3", ["factor", "low_freq_factor", "high_freq_factor", OriginalLength], ReadLlama3),
        new("yarn", ["factor", OriginalLength, "attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate"], ReadYarn),
    ];

    /// <summary>Fields of every type: read elsewhere, or of no effect (<c>finetuned</c> tells how the model was made).</summary>
    private static readonly string[] CommonFields = ["rope_type", "type", "rope_theta", "partial_rotary_factor", "finetuned"];

    /// <summary>Base and scaling.</summary>
    /// <param name="json">config.json.</param>
    /// <param name="maxPositions">Its <c>max_position_embeddings</c>.</param>
    public static (double Theta, RopeScaling? Scaling) Read(JsonFile json, int maxPositions)
    {
        double? theta = Theta(json);
        (string Field, RopeScaling? Scaling)? found = null;
        foreach (string field in (string[])["rope_scaling", "rope_parameters"])
        {
            if (json.Object(field) is not JsonFile rope || !rope.Fields.Any()) continue;
            double? inner = Theta(rope);
            if (inner is not null && theta is not null && inner != theta) throw rope.Wrong("rope_theta", $"the rope_theta that the file says before, {theta}");
            theta ??= inner;
            RopeScaling? scaling = ReadScaling(json, rope, maxPositions);
            if (found is { } other && !Equals(other.Scaling, scaling)) throw json.Wrong(field, $"what {other.Field} says");
            found = (field, scaling);
        }
        return (theta ?? DefaultTheta, found?.Scaling);

        static double? Theta(JsonFile json) => json.Number("rope_theta", MinTheta, MaxTheta);
    }

    private static RopeScaling? ReadScaling(JsonFile json, JsonFile rope, int maxPositions)
    {
        string? name = rope.Text("rope_type") ?? rope.Text("type");
        if (rope.Text("type") is string old && old != name) throw rope.Wrong("type", $"the rope_type, \"{name}\"");
        RopeType type = Types.FirstOrDefault(t => t.Name == (name ?? "default"))
            ?? throw rope.Refused(rope.Has("rope_type") ? "rope_type" : "type", string.Join(", ", Types.Select(t => $"\"{t.Name}\"")));
        if (rope.Number("partial_rotary_factor", 0, 1) is not (null or 1)) throw rope.Refused("partial_rotary_factor", "1");
        foreach (JsonProperty field in rope.Fields)
        {
            bool isKnown = CommonFields.Contains(field.Name) || type.Fields.Contains(field.Name)
                || (field.Name == OriginalLength && field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt32(out int length) && length == maxPositions);
            if (!isKnown && field.Value.ValueKind != JsonValueKind.Null) throw rope.Refused(field.Name, $"{string.Join(", ", [.. type.Fields, "rope_theta"])} for the type \"{type.Name}\"");
        }
        if (!type.Fields.Contains(OriginalLength)) return type.Read(rope, maxPositions);
        // Some configs say it beside the object.
        int? outer = json.WholeNumber(OriginalLength, 1, int.MaxValue);
        if (outer is not null && rope.WholeNumber(OriginalLength, 1, int.MaxValue) is int inner && inner != outer) throw rope.Wrong(OriginalLength, $"what the file's first level says, {outer}");
        return type.Read(rope, outer ?? maxPositions);
    }

    private static Llama3RopeScaling ReadLlama3(JsonFile rope, int maxPositions)
    {
        double low = rope.RequiredNumber("low_freq_factor", 1e-6, MaxFactor), high = rope.RequiredNumber("high_freq_factor", 1e-6, MaxFactor);
        if (high <= low) throw rope.Wrong("high_freq_factor", $"more than low_freq_factor, {low}");
        return new Llama3RopeScaling(Factor(rope), low, high, rope.WholeNumber(OriginalLength, 1, int.MaxValue) ?? maxPositions);
    }

    private static YarnRopeScaling ReadYarn(JsonFile rope, int maxPositions)
    {
        double factor = Factor(rope);
        double? given = rope.Number("attention_factor", 1e-6, MaxFactor);
        if (given is null && rope.Number("mscale", 0, MaxFactor) is double mscale and > 0 && rope.Number("mscale_all_dim", 0, MaxFactor) is double all and > 0)
        {
            given = YarnRopeScaling.DefaultAttentionFactor(factor, mscale) / YarnRopeScaling.DefaultAttentionFactor(factor, all);
        }
        var yarn = new YarnRopeScaling
        {
            Factor = factor,
            OriginalMaxPositionEmbeddings = rope.WholeNumber(OriginalLength, 1, int.MaxValue) ?? maxPositions,
            GivenAttentionFactor = given == YarnRopeScaling.DefaultAttentionFactor(factor) ? null : given,
            BetaFast = rope.Number("beta_fast", 1e-6, MaxFactor) ?? 32,
            BetaSlow = rope.Number("beta_slow", 1e-6, MaxFactor) ?? 1,
            Truncate = rope.Flag("truncate") ?? true,
        };
        return yarn.BetaFast >= yarn.BetaSlow ? yarn : throw rope.Wrong("beta_fast", $"at least beta_slow, {yarn.BetaSlow}");
    }

    private static double Factor(JsonFile rope) => rope.RequiredNumber("factor", 1, MaxFactor);
}
