using System.Globalization;

namespace YiSharp.Reports;

/// <summary>Numbers as people read them.</summary>
public static class Sizes
{
    /// <summary>Bytes in thousands, millions or thousands of millions.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        >= 1e9 => (bytes / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + " GB",
        >= 1e6 => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " MB",
        >= 1e3 => (bytes / 1e3).ToString("0.0", CultureInfo.InvariantCulture) + " kB",
        _ => bytes.ToString("0", CultureInfo.InvariantCulture) + " B",
    };

    /// <summary>A number of weights in thousands, millions or thousands of millions.</summary>
    public static string Count(double count) => count switch
    {
        >= 1e9 => (count / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + " billion",
        >= 1e6 => (count / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " million",
        _ => count.ToString("N0", CultureInfo.InvariantCulture),
    };

    /// <summary>A number and what it counts, such as "1 item" and "14,042 items".</summary>
    public static string Of(long count, string one, string many) => $"{Whole(count)} {(count == 1 ? one : many)}";

    /// <summary>A number with its thousands apart.</summary>
    public static string Whole(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
