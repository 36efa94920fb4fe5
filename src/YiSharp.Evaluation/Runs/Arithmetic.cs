using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Evaluation;

/// <summary>How a model of this machine computes: with its files, this decides every number of a run. Threads and instruction sets do not.</summary>
/// <param name="Weights">How most of its weights are stored, such as <c>Q4_K</c>.</param>
/// <param name="Precision"><c>default</c> (8-bit activations where weights are quantized) or <c>f32</c>.</param>
/// <param name="KvCache">How keys and values of earlier tokens are kept: <c>f32</c>, <c>f16</c> or <c>q8</c>.</param>
public sealed record Arithmetic(string Weights, string Precision, string KvCache)
{
    /// <summary>That of a model on a backend with such options.</summary>
    public static Arithmetic Of(Checkpoint checkpoint, CpuOptions options) => new(checkpoint.MainFormat.Name, Word(options.Precision), Word(options.KvCacheFormat));

    /// <summary>Whether keys and values are kept as they are with such a precision when nothing else is asked for.</summary>
    internal bool HasUsualCache => KvCache == Word(new CpuOptions { Precision = Enum.TryParse(Precision, ignoreCase: true, out Precision precision) ? precision : default }.KvCacheFormat);

    /// <summary>"Q4_K weights, default precision, f16 keys and values".</summary>
    public override string ToString() => $"{Weights} weights, {Precision} precision, {KvCache} keys and values";

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
