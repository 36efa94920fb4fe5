using System.Collections.Frozen;
using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>What PEFT's <c>adapter_config.json</c> may say of an adapter that is computed here, and how it is written.</summary>
internal static class AdapterConfigRules
{
    /// <summary>Fields that do not change what an adapter computes once it is trained, or that are read.</summary>
    private static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
    [
        "peft_type", "task_type", "r", "lora_alpha", "use_rslora", "lora_dropout", "target_modules", "bias", "init_lora_weights",
        "base_model_name_or_path", "revision", "auto_mapping", "inference_mode", "peft_version", "megatron_core", "qalora_group_size",
        "layers_pattern", "layers_to_transform", "exclude_modules", "runtime_config", "lora_ga_config", "eva_config",
    ], StringComparer.Ordinal);

    /// <summary>Initial weights that leave the base as it was. PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA change it.</summary>
    private static readonly string[] HarmlessInitial = ["gaussian", "orthogonal", "eva"];

    /// <summary>Refuses every field that asks for another computation; one that is not known must be null, false, 0 or empty.</summary>
    public static void Check(JsonFile config)
    {
        if (config.Text("peft_type") is not string type) throw config.Wrong("peft_type", "\"LORA\"");
        if (type != "LORA") throw Refused(config, "peft_type", "\"LORA\"");
        if (config.Text("task_type") is not (null or "CAUSAL_LM")) throw Refused(config, "task_type", "\"CAUSAL_LM\"");
        if (config.Text("bias") is not (null or "none")) throw Refused(config, "bias", "\"none\"");
        if (config.TryGet("init_lora_weights", out JsonElement initial) && initial.ValueKind is not (JsonValueKind.True or JsonValueKind.False)
            && !HarmlessInitial.Contains(config.Text("init_lora_weights")))
        {
            throw Refused(config, "init_lora_weights", "true, false, \"gaussian\", \"orthogonal\" or \"eva\", which leave the base as it is,");
        }
        foreach (JsonProperty field in config.Fields)
        {
            if (!Known.Contains(field.Name) && !IsNothing(field.Value)) throw Refused(config, field.Name, "its absence");
        }
    }

    /// <summary>Whether a module is one that <c>target_modules</c> names: its last part, its end after a dot, or all linears.</summary>
    public static Func<string, bool> TargetModules(JsonFile config)
    {
        if (!config.TryGet("target_modules", out JsonElement value)) return _ => true;
        // A string is "all-linear" or a pattern; PEFT has applied it when it made the file.
        if (value.ValueKind == JsonValueKind.String) return _ => true;
        IReadOnlyList<string> targets = config.Texts("target_modules");
        return module => targets.Any(t => module == t || module.EndsWith($".{t}", StringComparison.Ordinal));
    }

    /// <summary>The file's bytes, with PEFT's fields in alphabetical order.</summary>
    public static byte[] Write(LoraAdapter adapter) => JsonOutput.Object(json =>
    {
        json.WriteStartObject("alpha_pattern");
        json.WriteEndObject();
        json.WriteNull("auto_mapping");
        json.WriteString("base_model_name_or_path", adapter.BaseModel);
        json.WriteString("bias", "none");
        json.WriteBoolean("fan_in_fan_out", false);
        json.WriteBoolean("inference_mode", true);
        json.WriteBoolean("init_lora_weights", true);
        json.WriteNull("layers_pattern");
        json.WriteNull("layers_to_transform");
        json.WriteNumber("lora_alpha", adapter.Alpha);
        json.WriteNumber("lora_dropout", adapter.Dropout);
        json.WriteNull("modules_to_save");
        json.WriteString("peft_type", "LORA");
        json.WriteNumber("r", adapter.Rank);
        json.WriteStartObject("rank_pattern");
        json.WriteEndObject();
        json.WriteNull("revision");
        json.WriteStartArray("target_modules");
        foreach (string target in adapter.Modules.Keys.Select(n => n[(n.LastIndexOf('.') + 1)..]).Distinct().Order(StringComparer.Ordinal)) json.WriteStringValue(target);
        json.WriteEndArray();
        json.WriteString("task_type", "CAUSAL_LM");
        json.WriteBoolean("use_dora", false);
        json.WriteBoolean("use_rslora", adapter.UseRslora);
    });

    private static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Number => value.TryGetDouble(out double number) && number == 0,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private static NotSupportedException Refused(JsonFile config, string field, string only) =>
        new($"{config.Path} says \"{field}\": {config.Shown(field)}; only {only} can be computed. Take a plain LoRA adapter.");
}
