using System.Globalization;

namespace YiSharp.Reports;

/// <summary>Differences in points of 100, as tables and sentences write them.</summary>
public static class SignedPoints
{
    private const int MostDigits = 6;

    /// <summary>A difference such as "+12.5", "−0.04" or "0.0": what is not zero never reads as zero, so that an interval shows whether it holds 0.</summary>
    /// <param name="points">Points of 100; what is less than a millionth is zero.</param>
    /// <param name="digits">Digits after the point, more where all of them would be 0.</param>
    public static string Of(double points, int digits)
    {
        int shown = digits;
        while (shown < MostDigits && points != 0 && Math.Round(points, shown) == 0) shown++;
        bool isZero = Math.Round(points, shown) == 0;
        string number = Math.Abs(points).ToString("0." + new string('0', isZero ? digits : shown), CultureInfo.InvariantCulture);
        return isZero ? number : (points > 0 ? "+" : "−") + number;
    }

    /// <summary>An interval such as "−2.08 to −0.004".</summary>
    /// <param name="low">Lower end, points of 100.</param>
    /// <param name="high">Upper end, points of 100.</param>
    /// <param name="digits">Digits after the point, more where all of them would be 0.</param>
    public static string Range(double low, double high, int digits) => $"{Of(low, digits)} to {Of(high, digits)}";
}
