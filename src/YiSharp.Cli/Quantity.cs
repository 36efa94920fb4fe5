using System.Globalization;

namespace YiSharp.Cli;

/// <summary>Numbers with a unit, as people write them on a command line.</summary>
internal static class Quantity
{
    private static readonly (string Unit, double Factor)[] ByteUnits =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ];

    private static readonly (string Unit, double Factor)[] TimeUnits = [("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    /// <summary>Bytes: 20GB, 1.5 GiB, 4096B.</summary>
    /// <exception cref="UsageException">It is no such number.</exception>
    public static long Bytes(string text, string option) =>
        Read(text, ByteUnits) is >= 0 and < 1e18 and double bytes ? (long)bytes : throw new UsageException($"{option} is '{text}'; a number of bytes with its unit was expected, such as 20GB or 512MiB.");

    /// <summary>A time: 30d, 12h, 90m.</summary>
    /// <exception cref="UsageException">It is no such number.</exception>
    public static TimeSpan Time(string text, string option) =>
        Read(text, TimeUnits) is >= 0 and < 1e10 and double seconds ? TimeSpan.FromSeconds(seconds) : throw new UsageException($"{option} is '{text}'; a time with its unit was expected, such as 30d or 12h.");

    private static double? Read(string text, (string Unit, double Factor)[] units)
    {
        foreach ((string unit, double factor) in units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            return double.TryParse(text.AsSpan(0, text.Length - unit.Length).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number * factor : null;
        }
        return null;
    }
}
