using System.Runtime.CompilerServices;
using YiSharp.Tensors;

namespace YiSharp.Models;

/// <summary>
/// A matrix product, y = x · Wᵀ, with or without a bias, y = x · Wᵀ + b, and a low-rank adapter: y = x · Wᵀ + b + scale · (x · Aᵀ) · Bᵀ
/// (Hu et al. 2021, arXiv:2106.09685).
/// </summary>
public sealed class Linear
{
    internal Linear(Weight weight, Weight? bias, Lora? lora) => (Weight, Bias, Lora) = (weight, bias, lora);

    /// <summary>W, [outputs, inputs].</summary>
    public Weight Weight { get; }

    /// <summary>b, [1, outputs], or null.</summary>
    public Weight? Bias { get; }

    /// <summary>The adapter, or null.</summary>
    public Lora? Lora { get; }

    /// <summary>[tokens, inputs] → [tokens, outputs].</summary>
    public Tensor Forward(IBackend backend, Tensor x) => Finish(backend, x, backend.Linear(x, Weight));

    /// <summary>Two linears of the same input.</summary>
    internal static (Tensor First, Tensor Second) Forward(IBackend backend, Tensor x, Linear first, Linear second)
    {
        var results = new Three<Tensor>();
        backend.LinearAll(x, [first.Weight, second.Weight], results[..2]);
        return (first.Finish(backend, x, results[0]), second.Finish(backend, x, results[1]));
    }

    /// <summary>Three linears of the same input.</summary>
    internal static (Tensor First, Tensor Second, Tensor Third) Forward(IBackend backend, Tensor x, Linear first, Linear second, Linear third)
    {
        var results = new Three<Tensor>();
        backend.LinearAll(x, [first.Weight, second.Weight, third.Weight], results);
        return (first.Finish(backend, x, results[0]), second.Finish(backend, x, results[1]), third.Finish(backend, x, results[2]));
    }

    /// <summary>Adds bias and adapter to the product.</summary>
    private Tensor Finish(IBackend backend, Tensor x, Tensor y)
    {
        if (Bias is not null)
        {
            using Tensor product = y;
            y = backend.AddBias(product, Bias);
        }
        if (Lora is null) return y;

        using Tensor without = y;
        using Tensor low = backend.Linear(x, Lora.A);
        using Tensor high = backend.Linear(low, Lora.B);
        return backend.AddScaled(without, high, Lora.Scale);
    }

    [InlineArray(3)]
    private struct Three<T>
    {
        private T _first;
    }
}

/// <summary>A low-rank adapter of a linear.</summary>
/// <param name="A">[rank, inputs].</param>
/// <param name="B">[outputs, rank].</param>
/// <param name="Scale">alpha / rank, or alpha / √rank when rank-stabilized.</param>
public sealed record Lora(Weight A, Weight B, float Scale);
