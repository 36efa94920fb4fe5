using System.Globalization;
using YiSharp.Tensors;

namespace YiSharp.Endpoints;

/// <summary>How long to wait before a question is asked again.</summary>
internal static class RetryDelay
{
    /// <summary>Least that a retry waits: a shorter time is none for a timer.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    /// <summary>Most that the first retry waits.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);

    /// <summary>Most that any retry waits, whatever the endpoint asks for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Exponential back-off with full jitter: uniform between a millisecond and <see cref="First"/> · 2^(retries − 1), at most <see cref="Longest"/> (AWS Architecture Blog 2015, "Exponential Backoff And Jitter").</summary>
    /// <param name="retries">Which retry waits, from 1 on.</param>
    /// <param name="random">Draws the delay.</param>
    public static TimeSpan Draw(int retries, RandomStream random) =>
        Least + random.NextDouble() * (TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, First.TotalSeconds * Math.Pow(2, retries - 1))) - Least);

    /// <summary>What <c>retry-after-ms</c>, or else <c>Retry-After</c> (RFC 9110, section 10.2.3: seconds or a date), asks for, at most <see cref="Longest"/>; null where they say nothing that can be read.</summary>
    /// <param name="milliseconds">The value of <c>retry-after-ms</c>.</param>
    /// <param name="secondsOrDate">The value of <c>Retry-After</c>.</param>
    /// <param name="now">The time to which a date is held.</param>
    public static TimeSpan? Asked(string? milliseconds, string? secondsOrDate, DateTimeOffset now)
    {
        double seconds;
        if (IsNumber(milliseconds, out double number)) seconds = number / 1000;
        else if (IsNumber(secondsOrDate, out number)) seconds = number;
        else if (DateTimeOffset.TryParse(secondsOrDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)) seconds = (date - now).TotalSeconds;
        else return null;
        return TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds));
    }

    private static bool IsNumber(string? text, out double number) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
}
