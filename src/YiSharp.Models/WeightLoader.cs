using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Models;

/// <summary>Checks a checkpoint's weights against its config, all at once, and hands them to a backend.</summary>
internal sealed class WeightLoader
{
    private const int NamesShown = 8;

    private readonly IBackend _backend;
    private readonly IReadOnlyDictionary<string, WeightData> _weights;
    private readonly LoraAdapter? _adapter;

    public WeightLoader(LlamaConfig config, IReadOnlyDictionary<string, WeightData> weights, IBackend backend, LoraAdapter? adapter)
    {
        (_backend, _weights, _adapter) = (backend, weights, adapter);
        Dictionary<string, LlamaTensor> wanted = LlamaTensors.Of(config).ToDictionary(parameter => parameter.Name);
        RequireAll(wanted.Values);
        foreach (LlamaTensor parameter in wanted.Values) RequireShape(parameter);
        RefuseOthers(config, wanted);
        adapter?.RequireFits(config);
    }

    public Weight Load(string name) => _backend.Load(_weights[name]);

    public Linear LoadLinear(string module)
    {
        Weight weight = Load(LlamaTensors.WeightOf(module));
        Weight? bias = _weights.ContainsKey(LlamaTensors.BiasOf(module)) ? Load(LlamaTensors.BiasOf(module)) : null;
        if (_adapter is null || !_adapter.Modules.TryGetValue(module, out LoraModule? lora)) return new Linear(weight, bias, null);
        Weight a = _backend.Load(WeightData.FromFloats(LoraAdapter.NameOfA(module), lora.Rank, lora.Inputs, lora.A));
        Weight b = _backend.Load(WeightData.FromFloats(LoraAdapter.NameOfB(module), lora.Outputs, lora.Rank, lora.B));
        return new Linear(weight, bias, new Lora(a, b, _adapter.Scale));
    }

    private void RequireAll(IEnumerable<LlamaTensor> wanted)
    {
        string[] missing = [.. wanted.Select(parameter => parameter.Name).Where(name => !_weights.ContainsKey(name))];
        if (missing.Length == 0) return;
        throw new InvalidDataException($"{List(missing)} {(missing.Length == 1 ? "is" : "are")} missing from the checkpoint's {_weights.Count} tensors; its config implies them. A shard may be absent, or the config belongs to another checkpoint.");
    }

    private void RequireShape(LlamaTensor parameter)
    {
        WeightData data = _weights[parameter.Name];
        if (data.Rows == parameter.Rows && data.Columns == parameter.Columns) return;
        throw new InvalidDataException($"{data.Name} has shape [{data.Rows}, {data.Columns}]; the config implies [{parameter.Rows}, {parameter.Columns}] ({parameter.Because}). The config may belong to another checkpoint.");
    }

    /// <summary>A tensor without a place in the computation means that this is another architecture: a bias left out would be a wrong result.</summary>
    private void RefuseOthers(LlamaConfig config, Dictionary<string, LlamaTensor> wanted)
    {
        string[] others = [.. _weights.Keys.Where(name => !wanted.ContainsKey(name) && !IsRedundant(config, name)).Order(StringComparer.Ordinal)];
        if (others.Length == 0) return;
        throw new NotSupportedException($"The checkpoint holds {List(others)}, which a Llama of its config does not have. Only a Llama's own parameters are computed; check that the config belongs to the weights.");
    }

    /// <summary>Copies that some checkpoints carry of what the config says already.</summary>
    private static bool IsRedundant(LlamaConfig config, string name) =>
        name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (config.TieWordEmbeddings && name == LlamaTensors.LmHead);

    private static string List(string[] names) =>
        string.Join(", ", names.Take(NamesShown)) + (names.Length > NamesShown ? $" and {names.Length - NamesShown} more" : "");
}
