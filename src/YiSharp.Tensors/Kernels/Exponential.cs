using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>e^x, eight at a time.</summary>
internal static class Exponential
{
    // Beyond these the result is 0, or the largest finite power of two's neighbourhood.
    private const float Least = -87.33654f;
    private const float Greatest = 88.37626f;

    /// <summary>The exponent of the least normal number.</summary>
    private const float LeastExponent = -126;

    // ln 2 in two parts: the first has few bits, so that n · Ln2High is exact for every n that occurs.
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>1.5 · 2^23: adding it rounds a small number to an integer, which then stands in the lower bits.</summary>
    private const float Rounder = 12582912f;

    /// <summary>
    /// e^x within 2 units in the last place; 0 below <see cref="Least"/>, held at e^<see cref="Greatest"/> above it; not a number stays so.
    /// Polynomial of Cephes (Moshier), expf.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> tooSmall = Vector256.LessThan(x, Vector256.Create(Least));
        x = Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256.Create(Greatest)), Vector256.Create(Greatest), x);

        Vector256<float> shifted = Vector256.MultiplyAddEstimate(x, Vector256.Create(Log2E), Vector256.Create(Rounder));
        Vector256<float> n = shifted - Vector256.Create(Rounder);
        Vector256<float> r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-Ln2High), x);
        r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-Ln2Low), r);

        Vector256<float> p = Vector256.Create(1.9875691500e-4f);
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1.3981999507e-3f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(8.3334519073e-3f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(4.1665795894e-2f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1.6666665459e-1f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(5.0000001201e-1f));
        p = Vector256.MultiplyAddEstimate(p, r * r, r + Vector256<float>.One);

        Vector256<float> power = ((shifted.AsInt32() << 23) + Vector256<float>.One.AsInt32()).AsSingle();
        return Vector256.AndNot(p * power, tooSmall);
    }

    /// <summary>e^x of one number, with the same bits as the vector's lanes.</summary>
    public static float Exp(float x) => Exp(Vector256.Create(x)).ToScalar();

    /// <summary>
    /// 2^x for x up to 127 within 2 units in the last place, 1 at 0; 0 below −126; not a number stays so. Interpolates at the seven Chebyshev points of
    /// [−1/2, 1/2]: an error of 2.5e-9 before rounding.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PowerOfTwo(Vector256<float> x)
    {
        Vector256<float> shifted = x + Vector256.Create(Rounder);
        Vector256<float> r = x - (shifted - Vector256.Create(Rounder));
        Vector256<float> p = Vector256.Create(1.546144470e-4f);
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1.340042818e-3f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(9.618056679e-3f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(5.550327227e-2f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(2.402265092e-1f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(6.931472067e-1f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256<float>.One);
        Vector256<float> power = (p.AsInt32() + (shifted.AsInt32() << 23)).AsSingle();
        return Vector256.AndNot(power, Vector256.LessThan(x, Vector256.Create(LeastExponent)));
    }

    /// <summary>2^x of one number, with the same bits as the vector's lanes.</summary>
    public static float PowerOfTwo(float x) => PowerOfTwo(Vector256.Create(x)).ToScalar();
}
