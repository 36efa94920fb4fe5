namespace YiSharp.Cli;

/// <summary>Expected time to the end, from the share of the work that is done. Work found done by an earlier start does not count as speed.</summary>
/// <param name="now">A clock, seconds.</param>
internal sealed class Eta(Func<double> now)
{
    private const double SkippedPerSecond = 0.2; // faster than this nothing is computed, only found

    private double _startTime = now(), _startDone;
    private double _lastTime = now(), _lastDone;

    /// <summary>Seconds to the end, or null while it cannot be said.</summary>
    /// <param name="done">Share of the work that is done, 0 to 1.</param>
    public double? Remaining(double done)
    {
        double time = now();
        if (done - _lastDone > SkippedPerSecond * Math.Max(time - _lastTime, 0.1)) (_startTime, _startDone) = (time, done);
        (_lastTime, _lastDone) = (time, done);
        double elapsed = time - _startTime, progress = done - _startDone;
        return elapsed < 2 || progress <= 0 ? null : elapsed * (1 - done) / progress;
    }

    /// <summary>Seconds for people.</summary>
    public static string Format(double seconds) => seconds switch
    {
        < 60 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(seconds)):0} s"),
        < 3600 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(int)seconds / 60} min {(int)seconds % 60:00} s"),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(int)seconds / 3600} h {(int)seconds % 3600 / 60:00} min"),
    };
}
