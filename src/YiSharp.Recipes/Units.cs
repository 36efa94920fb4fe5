using System.Globalization;
using YiSharp.Evaluation;

namespace YiSharp.Recipes;

/// <summary>Numbers as cards and reports print them.</summary>
internal static class Units
{
    /// <summary>A share of 1 as per cent.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>An interval of a share.</summary>
    public static string Range(Interval interval) => $"{100 * interval.Low:0.0}–{100 * interval.High:0.0}";

    /// <summary>Seconds as minutes and seconds.</summary>
    public static string Duration(double seconds) => seconds < 60
        ? seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s"
        : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60} min {(int)seconds % 60:00} s");
}
