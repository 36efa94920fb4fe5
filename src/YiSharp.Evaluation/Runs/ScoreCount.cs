namespace YiSharp.Evaluation;

/// <summary>Adds up the samples of one task as they pass by.</summary>
/// <param name="name">The task's name.</param>
internal sealed class ScoreCount(string name)
{
    private readonly Tally _all = new();
    private readonly Tally _withoutSubject = new();
    private readonly SortedDictionary<string, Tally> _subjects = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Tally> _metrics = new(StringComparer.Ordinal);
    private int _nothingFound;
    private int _truncated;
    private int _failures;

    public void Add(Sample sample)
    {
        Add(SampleOutcome.Of(sample));
        AddMetrics(sample.Metrics);
    }

    /// <summary>The same of what was kept of a sample: further metrics were not.</summary>
    public void Add(SampleOutcome outcome)
    {
        _all.Add(outcome.Score, outcome.IsCorrect);
        SubjectOf(outcome).Add(outcome.Score, outcome.IsCorrect);
        if (outcome.HasFailed) _failures++;
        if (outcome.IsNothingFound) _nothingFound++;
        if (outcome.IsTruncated) _truncated++;
    }

    public TaskScore ToScore()
    {
        ErrorEstimate error = Error();
        return new(name, _all.Count, _all.Correct, _all.Mean, _all.IntervalBy(error), _nothingFound, _truncated)
        {
            Failures = _failures,
            Metrics = _metrics.Count > 0 ? [.. _metrics.Select(m => new MetricScore(m.Key, m.Value.Mean, m.Value.Interval) { StandardError = m.Value.StandardError })] : null,
            StandardError = error.Value,
            StandardErrorKind = error.Kind,
            MacroAccuracy = _subjects.Count > 1 ? _subjects.Values.Average(t => t.Mean) : null,
            Subjects = _subjects.Count > 1 ? [.. _subjects.Select(s => new SubjectScore(s.Key, s.Value.Count, s.Value.Correct, s.Value.Mean, s.Value.Interval))] : null,
        };
    }

    private Tally SubjectOf(SampleOutcome outcome)
    {
        if (outcome.Subject is not { } subject) return _withoutSubject;
        if (!_subjects.TryGetValue(subject, out Tally? tally)) _subjects.Add(subject, tally = new Tally());
        return tally;
    }

    /// <summary>A sample without metrics had no answer: wrong by all of them, those that first come later too.</summary>
    private void AddMetrics(IReadOnlyDictionary<string, double>? metrics)
    {
        foreach (string metric in metrics?.Keys ?? [])
        {
            if (_metrics.ContainsKey(metric)) continue;
            var tally = new Tally();
            for (int i = 1; i < _all.Count; i++) tally.Add(0, false);
            _metrics.Add(metric, tally);
        }
        foreach ((string metric, Tally tally) in _metrics)
        {
            double value = metrics?.GetValueOrDefault(metric) ?? 0;
            tally.Add(value, value == 1);
        }
    }

    /// <summary>Clustered by subject, from sums alone: samples pass by and are not kept. What has no subject is a cluster of its own.</summary>
    private ErrorEstimate Error()
    {
        double? independent = _all.StandardError;
        double clusterSquares = _subjects.Values.Sum(t => Math.Pow(t.Sum - t.Count * _all.Mean, 2)) + _withoutSubject.SquaresAround(_all.Mean);
        double? clustered = independent is { } error ? ClusteredEstimate.Miller(error, clusterSquares, _all.SquaresAround(_all.Mean), _all.Count) : null;
        return ErrorEstimate.Of(independent, clustered, _subjects.Count + _withoutSubject.Count, _all.Count);
    }

    private sealed class Tally
    {
        private double _squares;
        private bool _isShare;

        public int Count { get; private set; }

        public int Correct { get; private set; }

        public double Sum { get; private set; }

        public double Mean => Count == 0 ? 0 : Sum / Count;

        public double? StandardError => Count < 2 ? null : Math.Sqrt(Math.Max(0, SquaresAround(Mean)) / (Count - 1) / Count);

        /// <summary>Of items as independent.</summary>
        public Interval Interval => IntervalBy(new ErrorEstimate(StandardError, ErrorKind.Independent, Count - 1));

        /// <summary>Wilson's of right and wrong answers, of shares by the standard error given.</summary>
        public Interval IntervalBy(ErrorEstimate error) => _isShare ? error.Interval(Mean, 0, 1) : Proportion.Wilson(Correct, Count);

        public void Add(double score, bool isCorrect)
        {
            Count++;
            if (isCorrect) Correct++;
            Sum += score;
            _squares += score * score;
            _isShare |= score is not (0 or 1);
        }

        public double SquaresAround(double mean) => _squares - 2 * mean * Sum + Count * mean * mean;
    }
}
