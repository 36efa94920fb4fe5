using System.Globalization;

namespace YiSharp.Cli;

/// <summary>
/// Expected time to the end, from the share of the work that is done: by the speed of the last minute, so that one slow or fast piece does not throw it
/// about. Work found done by an earlier start does not count as speed.
/// </summary>
/// <param name="now">A clock, seconds.</param>
internal sealed class Eta(Func<double> now)
{
    private const double SkippedPerSecond = 0.2; // faster than this nothing is computed, only found
    private const double WindowSeconds = 60;
    private const double LeastSeconds = 2;

    /// <summary>Share of a new expectation in what is shown.</summary>
    private const double Freshness = 0.2;

    private readonly Queue<(double Time, double Done)> _window = new([(now(), 0)]);
    private (double Time, double Done) _last = (now(), 0);
    private double? _end;

    /// <summary>Seconds to the end, or null while it cannot be said.</summary>
    /// <param name="done">Share of the work that is done, 0 to 1.</param>
    public double? Remaining(double done)
    {
        double time = now();
        if (done - _last.Done > SkippedPerSecond * Math.Max(time - _last.Time, 0.1))
        {
            _window.Clear();
            _end = null;
        }
        _last = (time, done);
        _window.Enqueue(_last);
        // The oldest one stays until the next is a whole window old too, so that slow steps leave two to compare.
        while (_window.Count > 2 && time - _window.ElementAt(1).Time > WindowSeconds) _window.Dequeue();

        (double since, double from) = _window.Peek();
        if (time - since < LeastSeconds || done <= from) return _end is { } expected ? Math.Max(0, expected - time) : null;
        double end = time + (time - since) * (1 - done) / (done - from);
        _end = _end is { } before ? before + Freshness * (end - before) : end;
        return Math.Max(0, _end.Value - time);
    }

    /// <summary>Seconds for people.</summary>
    public static string Format(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(seconds)):0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60} min {(int)seconds % 60:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 3600} h {(int)seconds % 3600 / 60:00} min"),
    };
}
