using MathNet.Numerics;

namespace YiSharp.Evaluation;

/// <summary>The binomial distribution, accurate to about 1e-13 relative for any number of trials, far tails included.</summary>
internal static class Binomial
{
    private const double ContinuedFractionPrecision = 1e-16;
    private const int ContinuedFractionTerms = 1 << 20;

    /// <summary>P(X = k) of n trials with chance p, by Loader's saddle-point form (Loader 2000, "Fast and accurate computation of binomial probabilities").</summary>
    public static double Pmf(double k, double n, double p)
    {
        if (k < 0 || k > n) return 0;
        if (p <= 0) return k == 0 ? 1 : 0;
        if (p >= 1) return k == n ? 1 : 0;
        if (k == 0) return Math.Exp(n * SpecialFunctions.Log1p(-p));
        if (k == n) return Math.Exp(n * Math.Log(p));
        double exponent = StirlingError(n) - StirlingError(k) - StirlingError(n - k) - Deviance(k, n * p) - Deviance(n - k, n * (1 - p));
        return Math.Exp(exponent) * Math.Sqrt(n / (2 * Math.PI * k * (n - k)));
    }

    /// <summary>P(X ≤ k) of n trials with chance p.</summary>
    public static double Cdf(double k, double n, double p) => k < 0 ? 0 : k >= n ? 1 : RegularizedBeta(n - k, k + 1, 1 - p);

    /// <summary>
    /// The regularized incomplete beta function I_x(a, b) for a, b ≥ 1/2, by its continued fraction (Lentz's method; DLMF 8.17.22).
    /// </summary>
    public static double RegularizedBeta(double a, double b, double x)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        // The fraction converges fast on this side of the mean only.
        return x > (a + 1) / (a + b + 2) ? 1 - Fraction(b, a, 1 - x) : Fraction(a, b, x);
    }

    /// <summary>x such that I_x(a, b) = <paramref name="share"/>, to the last bit, by bisection.</summary>
    public static double InverseRegularizedBeta(double a, double b, double share)
    {
        double low = 0, high = 1;
        while (true)
        {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high || middle < 1e-300) return middle;
            if (RegularizedBeta(a, b, middle) < share) low = middle;
            else high = middle;
        }
    }

    private static double Fraction(double a, double b, double x)
    {
        // x^a (1−x)^b / (a·B(a, b)) from the binomial of a + b trials: no difference of large log-gammas.
        double front = Pmf(a, a + b, x) * b / (a + b);
        if (front == 0) return 0;
        double c = 1, d = 1 / NotZero(1 - (a + b) * x / (a + 1)), value = d;
        for (int m = 1; m <= ContinuedFractionTerms; m++)
        {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / NotZero(1 + even * d);
            c = NotZero(1 + even / c);
            value *= c * d;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / NotZero(1 + odd * d);
            c = NotZero(1 + odd / c);
            value *= c * d;
            if (Math.Abs(c * d - 1) < ContinuedFractionPrecision) break;
        }
        return Math.Min(1, front * value);
    }

    private static double NotZero(double x) => Math.Abs(x) < 1e-300 ? 1e-300 : x;

    /// <summary>ln n! − ln(√(2πn) (n/e)^n).</summary>
    private static double StirlingError(double n)
    {
        if (n < 16) return SpecialFunctions.GammaLn(n + 1) - (n + 0.5) * Math.Log(n) + n - 0.5 * Math.Log(2 * Math.PI);
        double n2 = n * n;
        return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / n2) / n2) / n2) / n2) / n;
    }

    /// <summary>k ln(k/m) + m − k, without cancellation near k = m.</summary>
    private static double Deviance(double k, double mean)
    {
        double difference = k - mean;
        if (Math.Abs(difference) >= 0.1 * (k + mean)) return k * Math.Log(k / mean) + mean - k;
        double v = difference / (k + mean), term = 2 * k * v, sum = difference * v;
        v *= v;
        for (int j = 1; j < 1000; j++)
        {
            term *= v;
            double next = sum + term / (2 * j + 1);
            if (next == sum) break;
            sum = next;
        }
        return sum;
    }
}
