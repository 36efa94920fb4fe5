using System.Globalization;
using YiSharp.Checkpoints;
using YiSharp.Reports;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>What was found, for people: facts in two columns, then tables.</summary>
internal sealed class InspectionText(Inspection found, TextWriter output)
{
    private const int MostTokensShown = 12;
    private const int NameWidth = 15;

    /// <summary>Writes it.</summary>
    /// <param name="withTensors">Whether every tensor is listed.</param>
    public void Write(bool withTensors)
    {
        Line(found.Path);
        WriteFacts();
        WriteTypes();
        WriteStops();
        WriteMemory();
        if (withTensors) WriteTensors();
    }

    private void WriteFacts()
    {
        Fact("kind", KindOf(found.Kind));
        if (found.Shape is { } shape) Fact("architecture", shape.Architecture ?? "not said");
        if (found.WhyNot is { } whyNot) Fact("does not run", whyNot);
        if (found.Adapter is { } adapter) WriteAdapter(adapter);
        if (found.Files.Count > 0) Fact("weights", Weights());
        if (found.Shape is { } numbers) Fact("shape", ShapeOf(numbers));
        if (found.Tokenizer is { } tokenizer) Fact("tokenizer", TokenizerOf(tokenizer));
        else if (found.Shape is not null) Fact("tokenizer", "none");
        if (found.Template is { } template) Fact("chat template", TemplateOf(template));
        else if (found.Shape is not null) Fact("chat template", "none");
        if (found.License is { } license) Fact("licence", license.Name == "see " + license.Source ? license.Name : $"{license.Name} ({license.Source})");
        else if (found.Shape is not null) Fact("licence", "not said");
        if (found.Check is { } check) Fact("checked", check.IsDone ? check.Why : $"headers only: {check.Why}");
        if (found.Models.Count > 0) WriteModels();
    }

    private string Weights()
    {
        string files = found.Files.Count == 1 ? found.Files[0].Name : Sizes.Of(found.Files.Count, "file", "files");
        return Invariant($"{Sizes.Count(found.ParameterCount)} at {found.BitsPerWeight:0.00} bits each, {Sizes.Bytes(found.FileBytes)} in {files}");
    }

    private void WriteAdapter(AdapterHeaders adapter)
    {
        Fact("adapter", Invariant($"{adapter.Type ?? "of no named kind"}, rank {adapter.Rank}, alpha {adapter.Alpha}"));
        Fact("changes", string.Join(", ", adapter.TargetModules.DefaultIfEmpty("not said")));
        Fact("base", adapter.BaseModel ?? "not said");
    }

    private void WriteModels()
    {
        foreach (string model in found.Models) Fact(Path.GetFileName(model), $"yi inspect {model}");
        Fact("to talk to it", $"yi chat --model {found.Models[0]}");
    }

    private static string ShapeOf(ModelShape shape)
    {
        var parts = new List<string>();
        void Add(long? number, string before, string after = "")
        {
            if (number is not null) parts.Add(Invariant($"{before}{number}{after}"));
        }
        if (shape.NumHiddenLayers is { } layers) parts.Add(Sizes.Of(layers, "layer", "layers"));
        Add(shape.HiddenSize, "hidden ");
        if (shape.NumAttentionHeads is { } heads) parts.Add(Invariant($"{Sizes.Of(heads, "head", "heads")} of {shape.HeadDim?.ToString(CultureInfo.InvariantCulture) ?? "?"} on {shape.NumKeyValueHeads} for keys and values"));
        Add(shape.IntermediateSize, "MLP ");
        Add(shape.NumExperts, "", " experts");
        Add(shape.VocabSize, "vocabulary ");
        Add(shape.MaxPositionEmbeddings, "context ");
        if (shape.RopeTheta is { } theta) parts.Add(Invariant($"RoPE base {theta:0.###}"));
        if (shape.RopeScaling is { } scaling) parts.Add($"RoPE {scaling}");
        if (shape.TieWordEmbeddings == true) parts.Add("head tied to the embeddings");
        return parts.Count == 0 ? "not said" : string.Join(", ", parts);
    }

    private static string TokenizerOf(TokenizerSummary tokenizer)
    {
        if (tokenizer.WhyNot is { } whyNot) return whyNot;
        string special = string.Join(", ", tokenizer.Special.Take(MostTokensShown).Select(t => Invariant($"{t.Id} {t.Token}")));
        if (tokenizer.Special.Count > MostTokensShown) special += Invariant($" and {tokenizer.Special.Count - MostTokensShown} more");
        return Invariant($"{tokenizer.Kind}; {Sizes.Of(tokenizer.VocabSize ?? 0, "token", "tokens")}, {(tokenizer.Special.Count == 0 ? "none for control" : $"{tokenizer.Special.Count} for control: {special}")}");
    }

    private static string TemplateOf(TemplateSummary template) =>
        $"{template.Source}, {Sizes.Of(template.Length, "character", "characters")}; " + (template.Sample is { } sample ? $"\"Hello!\" becomes {JsonOutputFields.Quote(sample)}" : template.Error);

    private void WriteTypes()
    {
        if (found.Types.Count == 0) return;
        var table = new TextTable("type", ">tensors", ">numbers", ">bytes", ">share");
        foreach (TypeShare type in found.Types) table.Add(type.Type, Invariant($"{type.TensorCount}"), Sizes.Count(type.ElementCount), Sizes.Bytes(type.LengthBytes), Invariant($"{100 * type.Share:0.0} %"));
        Write(table);
    }

    private void WriteStops()
    {
        if (found.StopIds.Count == 0) return;
        var table = new TextTable(">stop id", "token", "named by");
        foreach (StopId stop in found.StopIds) table.Add(Invariant($"{stop.Id}"), stop.Token ?? (found.Tokenizer?.Kind is null ? "?" : "(not in the vocabulary)"), string.Join(", ", stop.Sources));
        Write(table);
    }

    private void WriteMemory()
    {
        if (found.Memory is not { } memory) return;
        var table = new TextTable("memory", ">weights", $">cache of {Sizes.Of(memory.ContextTokens, "token", "tokens")}", ">program", ">together", "fits here");
        foreach (MemoryNeed need in memory.Needs) table.Add(need.Name, Sizes.Bytes(need.WeightBytes), Sizes.Bytes(memory.KvCacheBytes), Sizes.Bytes(memory.WorkspaceBytes + memory.ProgramBytes), Sizes.Bytes(need.TotalBytes), memory.Fits(need) switch { true => "yes", false => "no", null => "?" });
        Write(table);
        if (memory.AvailableBytes is { } available) Line($"{Sizes.Bytes(available)} are available on this machine.");
    }

    private void WriteTensors()
    {
        var table = new TextTable("tensor", "shape", "type", ">bytes", ">offset", "file");
        foreach (StoredTensor tensor in found.Tensors)
            table.Add(tensor.Name, $"[{string.Join(", ", tensor.Shape)}]", tensor.Type, Invariant($"{tensor.LengthBytes}"), Invariant($"{tensor.OffsetBytes}"), tensor.File);
        Write(table);
    }

    /// <summary>The kind in words.</summary>
    public static string KindOf(PathKind kind) => kind switch
    {
        PathKind.ModelFolder => "model folder",
        PathKind.Gguf => "GGUF file of a model",
        PathKind.GgufVocabulary => "GGUF file of a vocabulary alone",
        PathKind.Safetensors => "safetensors file: tensors without a config",
        PathKind.Adapter => "adapter folder",
        PathKind.TokenizerFolder => "tokenizer's folder, without a model",
        PathKind.TokenizerJson => "tokenizer.json",
        PathKind.SentencePiece => "SentencePiece model",
        _ => "release",
    };

    private void Fact(string name, string value) => Line(name.PadRight(NameWidth) + value);

    private void Write(TextTable table)
    {
        output.WriteLine();
        foreach (string line in table.Lines()) Line(line);
    }

    /// <summary>A file must not steer the terminal.</summary>
    private void Line(string text) => output.WriteLine(Sentences.Printable(text));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
