using YiSharp.Checkpoints;
using YiSharp.Reports;
using YiSharp.Tensors;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>Looks at whatever lies at a path: headers only, but for weights that are few or are asked for.</summary>
/// <param name="contextTokens">Tokens that the cache is to hold; null for the default.</param>
/// <param name="checksAll">Whether weights of any number are read through.</param>
/// <param name="availableBytes">Memory that the machine has to give, or null.</param>
/// <param name="cancellation">Ends the reading through of weights.</param>
internal sealed class Inspector(int? contextTokens, bool checksAll, long? availableBytes, CancellationToken cancellation)
{
    /// <summary>Weights of at most this many bytes are read through unasked.</summary>
    public const long MostBytesChecked = 256L << 20;

    private static readonly ChatMessage[] Sample = [new("user", "Hello!")];

    /// <summary>Looks at a path.</summary>
    /// <exception cref="InvalidDataException">Nothing that is known, or files that are damaged.</exception>
    /// <exception cref="NotSupportedException">Files of which not even the header can be read.</exception>
    public Inspection Inspect(string path)
    {
        PathKind kind = PathKinds.Of(path);
        return kind switch
        {
            PathKind.ModelFolder or PathKind.Gguf => InspectModel(path, kind),
            PathKind.Adapter => InspectAdapter(path),
            PathKind.Safetensors => InspectSafetensors(path),
            PathKind.Release => new Inspection { Path = path, Kind = kind, Models = PathKinds.ModelsOfRelease(path) },
            _ => InspectTokenizer(path, kind),
        };
    }

    private Inspection InspectModel(string path, PathKind kind)
    {
        Checkpoint? checkpoint = null;
        string? whyNot = null;
        try
        {
            checkpoint = Checkpoint.Open(path);
        }
        catch (NotSupportedException e)
        {
            whyNot = e.Sentence();
        }
        using (checkpoint)
        {
            if (ReadHeaders(path, whyNot) is not { } headers) return new Inspection { Path = path, Kind = kind, WhyNot = whyNot };
            (Tokenizer? tokenizer, TokenizerSummary? summary) = ReadTokenizer(path, checkpoint);
            (ChatTemplate? template, TemplateSummary? templateSummary) = ReadTemplate(path, headers.Tokenizer, tokenizer);
            return OfTensors(path, kind, headers.Tensors, headers.Files, headers.PackedBits) with
            {
                WhyNot = whyNot,
                Shape = headers.Shape,
                Tokenizer = summary,
                Template = templateSummary,
                StopIds = Text.StopIds.Find(new StopSources { Named = headers.Ends, EosToken = headers.Tokenizer.Config.EosToken, Template = template }, tokenizer),
                License = headers.License,
                Memory = MemoryNeeds.Of(headers.Shape, headers.Tensors, headers.PackedBits, contextTokens, availableBytes, summary is not null),
                Check = Check(checkpoint),
            };
        }
    }

    /// <summary>The headers, or null where the file is refused for something that makes them unreadable, such as a type of unknown size.</summary>
    private static ModelHeaders? ReadHeaders(string path, string? whyNot)
    {
        try
        {
            return ModelHeaders.Read(path);
        }
        catch (NotSupportedException) when (whyNot is not null)
        {
            return null;
        }
    }

    private Inspection InspectSafetensors(string path)
    {
        IReadOnlyList<StoredTensor> tensors = ModelHeaders.Safetensors(path, out long length);
        return OfTensors(path, PathKind.Safetensors, tensors, [(Path.GetFileName(path), length)], packedBits: null) with { Check = CheckSafetensors(path, tensors) };
    }

    private static Inspection InspectAdapter(string path)
    {
        string? whyNot = null;
        try
        {
            LoraAdapter.Open(path);
        }
        catch (NotSupportedException e)
        {
            whyNot = e.Sentence();
        }
        AdapterHeaders adapter = AdapterHeaders.Read(path);
        return OfTensors(path, PathKind.Adapter, adapter.Tensors, [adapter.File], packedBits: null) with { WhyNot = whyNot, Adapter = adapter, Check = whyNot is null ? new WeightCheck(true, "all numbers are finite") : null };
    }

    private static Inspection InspectTokenizer(string path, PathKind kind)
    {
        ModelHeaders? headers = kind == PathKind.GgufVocabulary ? ModelHeaders.Read(path) : null;
        TokenizerFiles files = headers?.Tokenizer ?? TokenizerFiles.Open(path);
        (Tokenizer? tokenizer, TokenizerSummary? summary) = ReadTokenizer(path, checkpoint: null);
        (ChatTemplate? template, TemplateSummary? templateSummary) = ReadTemplate(path, files, tokenizer);
        return new Inspection
        {
            Path = path,
            Kind = kind,
            WhyNot = summary?.WhyNot,
            Tokenizer = summary,
            Template = templateSummary,
            StopIds = Text.StopIds.Find(new StopSources { Named = headers?.Ends ?? [], EosToken = files.Config.EosToken, Template = template }, tokenizer),
        };
    }

    private static Inspection OfTensors(string path, PathKind kind, IReadOnlyList<StoredTensor> tensors, IReadOnlyList<(string, long)> files, int? packedBits)
    {
        double bytes = Math.Max(1, tensors.Sum(t => t.LengthBytes));
        return new Inspection
        {
            Path = path,
            Kind = kind,
            Tensors = tensors,
            Files = files,
            ParameterCount = (long)tensors.Sum(t => t.ParameterCount(packedBits)),
            Types = [.. tensors.GroupBy(t => t.Type).Select(g => new TypeShare(g.Key, g.Count(), g.Sum(t => t.ElementCount), g.Sum(t => t.LengthBytes), g.Sum(t => t.LengthBytes) / bytes))
                .OrderByDescending(t => t.LengthBytes).ThenBy(t => t.Type, StringComparer.Ordinal)],
        };
    }

    private static (Tokenizer?, TokenizerSummary?) ReadTokenizer(string path, Checkpoint? checkpoint)
    {
        if (!(checkpoint?.Gguf?.Metadata.ContainsKey("tokenizer.ggml.tokens") ?? Tokenizer.IsAt(path))) return (null, null);
        try
        {
            Tokenizer tokenizer = checkpoint is null ? Tokenizer.FromFile(path) : Tokenizer.Load(checkpoint);
            return (tokenizer, new TokenizerSummary(tokenizer.Kind, tokenizer.VocabSize, [.. tokenizer.SpecialIds.Select(id => (id, tokenizer.TokenOf(id)!))]));
        }
        catch (NotSupportedException e)
        {
            return (null, new TokenizerSummary(null, null, [], e.Sentence()));
        }
    }

    private static (ChatTemplate?, TemplateSummary?) ReadTemplate(string path, TokenizerFiles files, Tokenizer? tokenizer)
    {
        ChatTemplate template;
        if (files.ChatTemplate is null && tokenizer?.TryGetId("<|im_end|>", out _) != true) return (null, null);
        if (tokenizer is null)
        {
            return (null, new TemplateSummary(files.ChatTemplateSource!, files.ChatTemplate!.Length, null, "It is not rendered, since the tokenizer cannot be used."));
        }
        template = ChatTemplate.Load(path, files, tokenizer);
        string source = files.ChatTemplateSource ?? "built in: ChatML, whose tokens the vocabulary has";
        try
        {
            return (template, new TemplateSummary(source, template.Source.Length, template.Render(Sample, addGenerationPrompt: true).Text, null));
        }
        catch (TemplateException e)
        {
            return (template, new TemplateSummary(source, template.Source.Length, null, e.Sentence()));
        }
    }

    /// <summary>Reads weights through where they are few or all are to be; numbers that are not finite are damage.</summary>
    private WeightCheck Check(Checkpoint? checkpoint)
    {
        if (checkpoint is null) return new WeightCheck(false, "what cannot be computed is not read through");
        if (checkpoint.WeightBytes > MostBytesChecked && !checksAll) return TooMany(checkpoint.WeightBytes);
        checkpoint.RequireFinite(cancellation);
        return new WeightCheck(true, "all weights are finite");
    }

    private WeightCheck CheckSafetensors(string path, IReadOnlyList<StoredTensor> tensors)
    {
        WeightFormat?[] formats = [.. tensors.Select(t => Array.Find([WeightFormat.F32, WeightFormat.F16, WeightFormat.BF16], f => f.Name == t.Type))];
        long bytes = tensors.Where((_, i) => formats[i] is not null).Sum(t => t.LengthBytes);
        if (bytes > MostBytesChecked && !checksAll) return TooMany(bytes);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        for (int i = 0; i < formats.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (formats[i]?.FindNonFinite(file.Bytes(tensors[i].Name)) is int index and >= 0)
            {
                throw new InvalidDataException($"{path} holds a number that is not finite: {tensors[i].Name} at index {index}. The training or the conversion that made it has failed; take another version.");
            }
        }
        return new WeightCheck(true, "all numbers are finite");
    }

    private static WeightCheck TooMany(long bytes) => new(false, $"{Sizes.Bytes(bytes)} of weights are read through with --check");
}
