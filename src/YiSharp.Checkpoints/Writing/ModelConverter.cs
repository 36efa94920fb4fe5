using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>One model from one kind of file to another.</summary>
public static class ModelConverter
{
    /// <summary>What a path asks for: <c>.gguf</c>, <c>.safetensors</c>, else a folder.</summary>
    public static ModelTarget TargetOf(string path) =>
        path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? ModelTarget.Gguf
        : path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? ModelTarget.Safetensors
        : ModelTarget.Folder;

    /// <summary>Writes <paramref name="source"/> to <paramref name="path"/>, whole or not at all, in place of what is there.</summary>
    /// <exception cref="ArgumentException"><paramref name="path"/> is the model that is read, or lies in its folder.</exception>
    /// <exception cref="InvalidDataException">A weight is not finite or does not fit the format.</exception>
    /// <exception cref="NotSupportedException">The target cannot hold the format, the tokenizer or the architecture.</exception>
    public static ConversionReport Convert(Checkpoint source, string path, ConversionOptions? options = null)
    {
        options ??= new ConversionOptions();
        ModelTarget target = TargetOf(path);
        RequireWritable(path, target);
        RequireOutside(source, path, target);
        if (target != ModelTarget.Gguf && options.Format is { IsQuantized: true } quantized)
        {
            throw new NotSupportedException($"A Hugging Face folder holds F32, F16 or BF16 here, not {quantized}; choose one of them, or a file that ends in .gguf.");
        }
        Dictionary<string, Choice> choices = LlamaTensors.Of(source.Config).ToDictionary(tensor => tensor.Name, tensor => Choose(tensor, source.Weights[tensor.Name].Format, target, options.Format), StringComparer.Ordinal);
        IReadOnlyList<int> eos = options.EosTokenIds ?? TurnEnd.Ids(source);
        WeightFormat FormatOf(LlamaTensor tensor) => choices[tensor.Name].Format;
        if (target == ModelTarget.Gguf) GgufWriter.Write(path, source, new GgufOptions { Format = FormatOf, EosTokenIds = eos, Progress = options.Progress });
        else
        {
            var folder = new HuggingFaceOptions { Format = FormatOf, EosTokenIds = eos, Progress = options.Progress, MaxShardBytes = options.MaxShardBytes, ModelCard = Card(source, options.Format) };
            if (target == ModelTarget.Folder) HuggingFaceWriter.Write(path, source, folder);
            else HuggingFaceWriter.WriteTensors(path, source, folder);
        }
        return Report(source, path, target, choices, eos);
    }

    /// <summary>The format of one tensor, and why it is not the one asked for.</summary>
    private readonly record struct Choice(WeightFormat Format, string? Reason);

    private static Choice Choose(LlamaTensor tensor, WeightFormat stored, ModelTarget target, WeightFormat? wanted)
    {
        if (target == ModelTarget.Gguf && tensor.IsVector) return new Choice(WeightFormat.F32, null);
        if (wanted is null) return new Choice(target != ModelTarget.Gguf && stored.IsQuantized ? WeightFormat.F32 : stored, null);
        return tensor.Columns % wanted.BlockLength == 0
            ? new Choice(wanted, null)
            : new Choice(WeightFormat.F16, $"rows of {tensor.Columns} weights do not consist of whole blocks of {wanted.BlockLength}");
    }

    /// <summary>What cannot be written is said before hours of work, not after.</summary>
    private static void RequireWritable(string path, ModelTarget target)
    {
        if (path.Length == 0) throw new ArgumentException("The place to write to is empty; a file that ends in .gguf or .safetensors, or a folder, was expected.");
        if (target != ModelTarget.Folder && Directory.Exists(path)) throw new ArgumentException($"{path} is a folder; a name that ends so is that of a file. Name another place to write to.");
        string? parent = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        if (File.Exists(parent)) throw new ArgumentException($"{parent} is a file, so {path} cannot lie in it; name another place to write to.");
    }

    /// <summary>A file beside the weights that are read would replace them, or leave a folder of which nobody knows which model it holds.</summary>
    private static void RequireOutside(Checkpoint source, string path, ModelTarget target)
    {
        source.RequireElsewhere(path);
        if (target == ModelTarget.Folder || !Directory.Exists(source.Path)) return;
        string parent = RealPath.Of(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        if (parent == RealPath.Of(source.Path))
        {
            throw new ArgumentException($"{path} would lie in the folder of the model that is read, which holds one model; name a file elsewhere.");
        }
    }

    private static ConversionReport Report(Checkpoint source, string path, ModelTarget target, Dictionary<string, Choice> choices, IReadOnlyList<int> eos)
    {
        long BytesOf(string name) => source.Weights[name].Rows * choices[name].Format.RowBytes(source.Weights[name].Columns);
        return new ConversionReport
        {
            Path = path,
            Target = target,
            Parameters = source.ParameterCount,
            WeightBytes = choices.Keys.Sum(BytesOf),
            Formats = [.. choices.GroupBy(c => c.Value.Format).OrderByDescending(g => g.Sum(c => BytesOf(c.Key))).Select(g => (g.Key, g.Count()))],
            IsExact = choices.All(c => Holds(c.Value.Format, source.Weights[c.Key].Format)),
            Exceptions = [.. choices.Where(c => c.Value.Reason is not null).Select(c => (c.Key, c.Value.Format, c.Value.Reason!))],
            EosTokenIds = eos,
        };
    }

    /// <summary>Whether every value of one format is one of another.</summary>
    private static bool Holds(WeightFormat to, WeightFormat from) => to == from || to == WeightFormat.F32;

    private static string Card(Checkpoint source, WeightFormat? format)
    {
        // A dot belongs to a folder's name (Yi-1.5-6B), and only a file's ends in a kind.
        string name = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(source.Path)));
        if (TargetOf(name) == ModelTarget.Gguf) name = System.IO.Path.GetFileNameWithoutExtension(name);
        string? license = source.License;
        return $"""
            ---{(license is null ? "" : $"\nlicense: {license}")}
            base_model: {name}
            pipeline_tag: text-generation
            tags: [yisharp]
            ---

            # {name}

            Converted from **{name}**{(format is null ? ", with the same weights" : $", with weights in {format}")}. Its licence is that of the model it comes from{(license is null ? "" : $": {license}")}.

                yi chat --model .

            """.ReplaceLineEndings("\n");
    }
}
