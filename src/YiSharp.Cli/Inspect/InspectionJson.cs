using System.Text.Json;
using YiSharp.Checkpoints;

namespace YiSharp.Cli;

/// <summary>What was found, for scripts: one object whose names stay.</summary>
internal static class InspectionJson
{
    /// <summary>Writes the fields.</summary>
    public static void Write(Utf8JsonWriter writer, Inspection found)
    {
        writer.WriteText("path", found.Path);
        writer.WriteString("kind", KindOf(found.Kind));
        writer.WriteText("why_not", found.WhyNot);
        WriteShape(writer, found.Shape);
        WriteAdapter(writer, found.Adapter);
        writer.WriteNumber("parameters", found.ParameterCount);
        writer.WriteNumber("weight_bytes", found.WeightBytes);
        writer.WriteNumber("bits_per_weight", Math.Round(found.BitsPerWeight, 4));
        writer.WriteNumber("file_bytes", found.FileBytes);
        WriteList(writer, "files", found.Files, file =>
        {
            writer.WriteText("name", file.Name);
            writer.WriteNumber("bytes", file.LengthBytes);
        });
        WriteList(writer, "types", found.Types, type =>
        {
            writer.WriteText("type", type.Type);
            writer.WriteNumber("tensors", type.TensorCount);
            writer.WriteNumber("elements", type.ElementCount);
            writer.WriteNumber("bytes", type.LengthBytes);
            writer.WriteNumber("share", Math.Round(type.Share, 6));
        });
        WriteTokenizer(writer, found.Tokenizer);
        WriteTemplate(writer, found.Template);
        WriteList(writer, "stop_ids", found.StopIds, stop =>
        {
            writer.WriteNumber("id", stop.Id);
            writer.WriteText("token", stop.Token);
            writer.WriteStrings("sources", stop.Sources);
        });
        writer.WriteText("license", found.License?.Name);
        writer.WriteText("license_source", found.License?.Source);
        WriteMemory(writer, found.Memory);
        if (found.Check is { } check) writer.WriteBoolean("weights_checked", check.IsDone);
        writer.WriteStrings("models", found.Models);
        WriteList(writer, "tensors", found.Tensors, tensor =>
        {
            writer.WriteText("name", tensor.Name);
            writer.WriteStartArray("shape");
            foreach (long length in tensor.Shape) writer.WriteNumberValue(length);
            writer.WriteEndArray();
            writer.WriteText("type", tensor.Type);
            writer.WriteNumber("bytes", tensor.LengthBytes);
            writer.WriteNumber("offset", tensor.OffsetBytes);
            writer.WriteText("file", tensor.File);
        });
    }

    private static void WriteShape(Utf8JsonWriter writer, ModelShape? shape)
    {
        if (shape is null) return;
        writer.WriteText("architecture", shape.Architecture);
        writer.WriteStartObject("shape");
        foreach ((string name, long? value) in (ReadOnlySpan<(string, long?)>)
        [
            ("num_hidden_layers", shape.NumHiddenLayers), ("hidden_size", shape.HiddenSize), ("num_attention_heads", shape.NumAttentionHeads),
            ("num_key_value_heads", shape.NumKeyValueHeads), ("head_dim", shape.HeadDim), ("intermediate_size", shape.IntermediateSize),
            ("vocab_size", shape.VocabSize), ("max_position_embeddings", shape.MaxPositionEmbeddings), ("num_experts", shape.NumExperts),
        ])
        {
            if (value is { } number) writer.WriteNumber(name, number);
            else writer.WriteNull(name);
        }
        if (shape.RopeTheta is { } theta) writer.WriteNumber("rope_theta", theta);
        else writer.WriteNull("rope_theta");
        writer.WriteText("rope_scaling", shape.RopeScaling);
        if (shape.TieWordEmbeddings is { } tied) writer.WriteBoolean("tie_word_embeddings", tied);
        else writer.WriteNull("tie_word_embeddings");
        writer.WriteEndObject();
    }

    private static void WriteAdapter(Utf8JsonWriter writer, AdapterHeaders? adapter)
    {
        if (adapter is null) return;
        writer.WriteStartObject("adapter");
        writer.WriteText("type", adapter.Type);
        if (adapter.Rank is { } rank) writer.WriteNumber("rank", rank);
        if (adapter.Alpha is { } alpha) writer.WriteNumber("alpha", alpha);
        writer.WriteText("base_model", adapter.BaseModel);
        writer.WriteStrings("target_modules", adapter.TargetModules);
        writer.WriteEndObject();
    }

    private static void WriteTokenizer(Utf8JsonWriter writer, TokenizerSummary? tokenizer)
    {
        if (tokenizer is null) return;
        writer.WriteStartObject("tokenizer");
        writer.WriteText("kind", tokenizer.Kind);
        writer.WriteText("why_not", tokenizer.WhyNot);
        if (tokenizer.VocabSize is { } size) writer.WriteNumber("vocab_size", size);
        WriteList(writer, "special", tokenizer.Special, token =>
        {
            writer.WriteNumber("id", token.Id);
            writer.WriteText("token", token.Token);
        });
        writer.WriteEndObject();
    }

    private static void WriteTemplate(Utf8JsonWriter writer, TemplateSummary? template)
    {
        if (template is null) return;
        writer.WriteStartObject("chat_template");
        writer.WriteText("source", template.Source);
        writer.WriteNumber("length", template.Length);
        writer.WriteText("sample", template.Sample);
        writer.WriteText("error", template.Error);
        writer.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter writer, MemoryNeeds? memory)
    {
        if (memory is null) return;
        writer.WriteStartObject("memory");
        writer.WriteNumber("context_tokens", memory.ContextTokens);
        writer.WriteNumber("kv_cache_bytes", memory.KvCacheBytes);
        writer.WriteNumber("workspace_bytes", memory.WorkspaceBytes);
        writer.WriteNumber("program_bytes", memory.ProgramBytes);
        if (memory.AvailableBytes is { } available) writer.WriteNumber("available_bytes", available);
        else writer.WriteNull("available_bytes");
        foreach (MemoryNeed need in memory.Needs)
        {
            writer.WriteStartObject(need.Name.Replace(' ', '_'));
            writer.WriteNumber("weight_bytes", need.WeightBytes);
            writer.WriteNumber("total_bytes", need.TotalBytes);
            if (memory.Fits(need) is { } fits) writer.WriteBoolean("fits", fits);
            else writer.WriteNull("fits");
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteList<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> writeFields)
    {
        writer.WriteStartArray(name);
        foreach (T item in items)
        {
            writer.WriteStartObject();
            writeFields(item);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static string KindOf(PathKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());
}
