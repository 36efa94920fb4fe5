using YiSharp.Tensors;

namespace YiSharp.Models;

/// <summary>Factors of a low-rank adapter as a model takes them.</summary>
public sealed class LoraWeights
{
    private const string SuffixA = ".lora_A.weight";
    private const string SuffixB = ".lora_B.weight";

    private readonly Func<string, float> _scale;

    /// <summary>An adapter of the same scale everywhere.</summary>
    /// <param name="factors">A [rank, inputs] and B [outputs, rank] of each adapted module under PEFT's names, such as <c>base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight</c>.</param>
    /// <param name="scale">alpha / rank, or alpha / √rank when rank-stabilized.</param>
    public LoraWeights(IEnumerable<WeightData> factors, float scale) : this(factors, _ => scale) { }

    /// <summary>An adapter whose scale depends on the module.</summary>
    /// <param name="factors">As above.</param>
    /// <param name="scale">The scale of a module such as <c>model.layers.0.self_attn.q_proj</c>.</param>
    public LoraWeights(IEnumerable<WeightData> factors, Func<string, float> scale)
    {
        Factors = factors.ToDictionary(factor => factor.Name);
        _scale = scale;
        foreach (string name in Factors.Keys)
        {
            string module = ModuleOf(name);
            if (!Factors.ContainsKey(ParameterNames.LoraA(module)) || !Factors.ContainsKey(ParameterNames.LoraB(module)))
            {
                throw new InvalidDataException($"The adapter has only one of the two factors of {module}; both lora_A and lora_B are needed.");
            }
        }
    }

    /// <summary>All factors by name.</summary>
    public IReadOnlyDictionary<string, WeightData> Factors { get; }

    /// <summary>What a module's product with both factors is multiplied by.</summary>
    public float ScaleOf(string module) => _scale(module);

    /// <summary>The module that a factor belongs to.</summary>
    internal static string ModuleOf(string name)
    {
        if (name.StartsWith(ParameterNames.AdapterPrefix, StringComparison.Ordinal)
            && (name.EndsWith(SuffixA, StringComparison.Ordinal) || name.EndsWith(SuffixB, StringComparison.Ordinal)))
        {
            return name[ParameterNames.AdapterPrefix.Length..^SuffixA.Length];
        }
        throw new NotSupportedException($"The adapter holds {name}; only factors named {ParameterNames.AdapterPrefix}….lora_A.weight and ….lora_B.weight are supported.");
    }
}
