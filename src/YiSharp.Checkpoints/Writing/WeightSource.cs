using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Gives the values of one row, [columns].</summary>
public delegate void FillRow(int row, Span<float> values);

/// <summary>A matrix of weights to be written, made row by row, so that a model larger than memory can pass through.</summary>
public sealed class WeightSource
{
    private readonly FillRow _fill;

    /// <summary>A matrix whose rows <paramref name="fill"/> gives.</summary>
    /// <param name="name">The tensor's Hugging Face name.</param>
    /// <param name="rows">Outputs of a linear; 1 for a vector.</param>
    /// <param name="columns">Inputs of a linear; the length of a vector.</param>
    /// <param name="fill">Called once or more for each row.</param>
    public WeightSource(string name, int rows, int columns, FillRow fill) => (Name, Rows, Columns, _fill) = (name, rows, columns, fill);

    /// <summary>A matrix as it is stored; written in its own format its bytes are copied.</summary>
    public WeightSource(WeightData stored) : this(stored.Name, stored.Rows, stored.Columns, stored.DequantizeRow) => Stored = stored;

    /// <summary>The tensor's Hugging Face name.</summary>
    public string Name { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Length of a row.</summary>
    public int Columns { get; }

    /// <summary>The stored matrix, where it is one.</summary>
    internal WeightData? Stored { get; }

    /// <summary>Every matrix of a checkpoint.</summary>
    public static IEnumerable<WeightSource> Of(Checkpoint checkpoint) => LlamaTensors.Of(checkpoint.Config).Select(t => new WeightSource(checkpoint.Weights[t.Name]));

    /// <summary>The values of a row, [columns].</summary>
    public void Fill(int row, Span<float> values) => _fill(row, values);

    /// <summary>Puts sources in the order of the computation and holds them against the config: each of its tensors once, in its shape.</summary>
    /// <exception cref="TensorException">Something is missing, superfluous, double or of another shape.</exception>
    internal static List<(LlamaTensor Tensor, WeightSource Source)> Match(LlamaConfig config, IEnumerable<WeightSource> sources)
    {
        var byName = new Dictionary<string, WeightSource>(StringComparer.Ordinal);
        foreach (WeightSource source in sources)
        {
            if (!byName.TryAdd(source.Name, source)) throw new TensorException($"{source.Name} was given twice to be written.");
        }
        var matched = new List<(LlamaTensor, WeightSource)>();
        foreach (LlamaTensor tensor in LlamaTensors.Of(config))
        {
            if (!byName.Remove(tensor.Name, out WeightSource? source)) throw new TensorException($"{tensor.Name} was not given; every tensor of the model must be written.");
            if (source.Rows != tensor.Rows || source.Columns != tensor.Columns)
            {
                throw new TensorException($"{tensor.Name} was given with shape [{source.Rows}, {source.Columns}]; the config implies {tensor.Shape} ({tensor.Because}).");
            }
            matched.Add((tensor, source));
        }
        if (byName.Count > 0) throw new TensorException($"{SafetensorsWeights.List(byName.Keys)} were given to be written; the config implies no such tensors.");
        return matched;
    }
}
