using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Models;

/// <summary>Checks a checkpoint's weights against its config, all at once, and hands them to a backend.</summary>
internal sealed class WeightLoader
{
    private const int NamesShown = 8;

    private readonly IBackend _backend;
    private readonly IReadOnlyDictionary<string, WeightData> _weights;
    private readonly LoraWeights? _adapter;

    public WeightLoader(LlamaConfig config, IReadOnlyDictionary<string, WeightData> weights, IBackend backend, LoraWeights? adapter)
    {
        (_backend, _weights, _adapter) = (backend, weights, adapter);
        Dictionary<string, ParameterShape> wanted = ParameterNames.Of(config).ToDictionary(parameter => parameter.Name);
        RequireAll(wanted.Values);
        foreach (ParameterShape parameter in wanted.Values) RequireShape(parameter);
        RefuseOthers(config, wanted);
        if (adapter is not null) RequireFit(adapter, wanted);
    }

    public Weight Load(string name) => _backend.Load(_weights[name]);

    public Linear LoadLinear(string module)
    {
        Weight weight = Load(module + ".weight");
        if (_adapter is null || !_adapter.Factors.TryGetValue(ParameterNames.LoraA(module), out WeightData? a)) return new Linear(weight, null);
        return new Linear(weight, new Lora(_backend.Load(a), _backend.Load(_adapter.Factors[ParameterNames.LoraB(module)]), _adapter.ScaleOf(module)));
    }

    private void RequireAll(IEnumerable<ParameterShape> wanted)
    {
        string[] missing = [.. wanted.Select(parameter => parameter.Name).Where(name => !_weights.ContainsKey(name))];
        if (missing.Length == 0) return;
        throw new InvalidDataException($"{List(missing)} {(missing.Length == 1 ? "is" : "are")} missing from the checkpoint's {_weights.Count} tensors; its config implies them. A shard may be absent, or the config belongs to another checkpoint.");
    }

    private void RequireShape(ParameterShape parameter)
    {
        WeightData data = _weights[parameter.Name];
        if (data.Rows == parameter.Rows && data.Columns == parameter.Columns) return;
        throw new InvalidDataException($"{data.Name} has shape [{data.Rows}, {data.Columns}]; the config implies [{parameter.Rows}, {parameter.Columns}] ({parameter.Origin}). The config may belong to another checkpoint.");
    }

    /// <summary>A tensor without a place in the computation means that this is another architecture: a bias left out would be a wrong result.</summary>
    private void RefuseOthers(LlamaConfig config, Dictionary<string, ParameterShape> wanted)
    {
        string[] others = [.. _weights.Keys.Where(name => !wanted.ContainsKey(name) && !IsRedundant(config, name)).Order(StringComparer.Ordinal)];
        if (others.Length == 0) return;
        throw new NotSupportedException($"The checkpoint holds {List(others)}, which a Llama of its config does not have. Only Llama's own parameters are supported, without biases; check that the architecture is Llama.");
    }

    /// <summary>Copies that some checkpoints carry of what the config says already.</summary>
    private static bool IsRedundant(LlamaConfig config, string name) =>
        name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (config.TieWordEmbeddings && name == ParameterNames.LmHead);

    private static void RequireFit(LoraWeights adapter, Dictionary<string, ParameterShape> wanted)
    {
        foreach ((string name, WeightData factor) in adapter.Factors)
        {
            string module = LoraWeights.ModuleOf(name);
            if (!wanted.TryGetValue(module + ".weight", out ParameterShape parameter) || !module.EndsWith("_proj", StringComparison.Ordinal))
            {
                throw new NotSupportedException($"The adapter changes {module}, which is not one of this model's linears; adapters for q, k, v, o, gate, up and down projections are supported. It may belong to another model.");
            }
            WeightData a = adapter.Factors[ParameterNames.LoraA(module)], b = adapter.Factors[ParameterNames.LoraB(module)];
            if (a.Columns != parameter.Columns || b.Rows != parameter.Rows || a.Rows != b.Columns)
            {
                throw new InvalidDataException($"The adapter's factors for {module} have shapes [{a.Rows}, {a.Columns}] and [{b.Rows}, {b.Columns}]; the model needs [rank, {parameter.Columns}] and [{parameter.Rows}, rank]. It may belong to another model.");
            }
        }
    }

    private static string List(string[] names) =>
        string.Join(", ", names.Take(NamesShown)) + (names.Length > NamesShown ? $" and {names.Length - NamesShown} more" : "");
}
