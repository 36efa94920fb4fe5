using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Training;

/// <summary>Where the factors of a LoRA start: A uniform in ±1/√inputs, B zero, so that the model is unchanged at first.</summary>
public static class LoraStart
{
    /// <summary>An untrained adapter. Each A is drawn from a stream of its own, <see cref="RandomStream.For"/> of the seed and PEFT's name, row by row.</summary>
    public static LoraAdapter Create(LlamaConfig config, TrainOptions options)
    {
        var modules = new Dictionary<string, LoraModule>(StringComparer.Ordinal);
        foreach (LlamaTensor linear in LlamaTensors.Of(config))
        {
            string module = linear.Module;
            if (linear.IsVector || !options.TargetModules.Contains(module[(module.LastIndexOf('.') + 1)..])) continue;
            RandomStream random = RandomStream.For(options.Seed, LoraAdapter.NameOfA(module));
            var a = new float[checked(options.Rank * linear.Columns)];
            double bound = Math.Sqrt(linear.Columns);
            for (int i = 0; i < a.Length; i++) a[i] = (float)(random.NextSigned() / bound);
            modules.Add(module, new LoraModule(module, options.Rank, a, new float[checked(linear.Rows * options.Rank)]));
        }
        return new LoraAdapter { Rank = options.Rank, Alpha = options.Alpha, UseRslora = options.UseRslora, Modules = modules };
    }
}
