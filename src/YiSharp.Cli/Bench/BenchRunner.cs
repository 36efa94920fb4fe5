using System.Diagnostics;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>Times works on one engine, or on several in turn, so that whatever else the machine does hits all alike.</summary>
/// <param name="plan">The works.</param>
/// <param name="vocabSize">Ids below it are read.</param>
/// <param name="report">Told what is running.</param>
/// <param name="cancellation">Ends it before the next run.</param>
/// <param name="readSpeed">10⁹ bytes a second that memory gives at the moment; asked before and after each answer, where it is given.</param>
internal sealed class BenchRunner(BenchPlan plan, int vocabSize, Action<WorkProgress> report, CancellationToken cancellation, Func<double>? readSpeed = null)
{
    /// <summary>Tokens of the run before the timed ones: code is compiled and memory is found, and more of it changes nothing.</summary>
    private const int WarmUpPrefill = 256, WarmUpDecode = 8;

    /// <summary>How much longer an answer's token takes than a prompt's, for the expected time to the end.</summary>
    private const double DecodeWeight = 4;

    private readonly int[] _ids = [.. Enumerable.Range(0, plan.MaxTokens + 1).Select(i => (int)(RandomStream.For((ulong)i, "ids").NextUInt64() % (ulong)vocabSize))];
    private readonly double[]?[] _readSpeeds = new double[plan.Works.Count][];
    private double _done;
    private double _whole;

    /// <summary>Of a work, what memory gave before each run and after the last, [repeats + 1]; null where it was not asked.</summary>
    public IReadOnlyList<double>? ReadSpeedsOf(int work) => _readSpeeds[work];

    /// <summary>Seconds of each work, [work][engine][repeat].</summary>
    public double[][][] Run(IReadOnlyList<IBenchEngine> engines)
    {
        _whole = plan.Works.Sum(work => WeightOf(work) * (plan.Repeats + 1)) * engines.Count;
        var seconds = new double[plan.Works.Count][][];
        // Deep ones first: what a long prompt left in the cache is their depth.
        foreach ((BenchWork work, int index) in plan.Works.Select((work, index) => (work, index)).OrderBy(w => w.work.Kind).ThenBy(w => w.work.Kind == WorkKind.Prefill ? w.work.Tokens : -w.work.Depth))
        {
            seconds[index] = [.. engines.Select(_ => new double[plan.Repeats])];
            foreach (IBenchEngine engine in engines) WarmUp(engine, work);
            double[]? speeds = readSpeed is not null && work.Kind == WorkKind.Decode ? _readSpeeds[index] = new double[plan.Repeats + 1] : null;
            if (speeds is not null) Prepare(engines[0], work.Depth); // the prompt before an answer is not between the two
            for (int repeat = 0; repeat < plan.Repeats; repeat++)
            {
                if (speeds is not null && repeat == 0) speeds[0] = readSpeed!();
                for (int turn = 0; turn < engines.Count; turn++)
                {
                    IBenchEngine engine = engines[turn];
                    report(new WorkProgress(work.ToString(), _done / _whole, engines.Count == 1 ? $"{repeat + 1} of {plan.Repeats}" : $"{repeat + 1} of {plan.Repeats}, {engine.Name}"));
                    seconds[index][turn][repeat] = Time(engine, work);
                    _done += WeightOf(work);
                }
                if (speeds is not null) speeds[repeat + 1] = readSpeed!();
            }
        }
        return seconds;
    }

    /// <summary>Times of a work's operations, and of all that lies between them as <c>other</c>: together the whole of one run.</summary>
    /// <param name="engine">Of the backend.</param>
    /// <param name="backend">Where its operations run.</param>
    /// <param name="work">What is run.</param>
    public OperationTimes Break(IBenchEngine engine, TimingBackend backend, BenchWork work)
    {
        report(new WorkProgress($"operations of {work}", 1));
        Prepare(engine, work.Depth);
        var times = new OperationTimes();
        backend.Times = times;
        double seconds = Time(engine, work);
        backend.Times = null;
        times.Add("other", Math.Max(0, seconds - times.All.Sum(time => time.Seconds)));
        return times;
    }

    private void WarmUp(IBenchEngine engine, BenchWork work)
    {
        report(new WorkProgress(work.ToString(), _done / _whole, "warming up"));
        Time(engine, work with { Tokens = Math.Min(work.Tokens, work.Kind == WorkKind.Prefill ? WarmUpPrefill : WarmUpDecode) });
        _done += WeightOf(work);
    }

    private double Time(IBenchEngine engine, BenchWork work)
    {
        cancellation.ThrowIfCancellationRequested();
        Prepare(engine, work.Depth);
        long start = Stopwatch.GetTimestamp();
        if (work.Kind == WorkKind.Prefill) engine.Prefill(_ids.AsSpan(work.Depth, work.Tokens));
        else engine.Decode(_ids[work.Depth], work.Tokens);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Brings the cache to a depth: what is there of it stays.</summary>
    private void Prepare(IBenchEngine engine, int depth)
    {
        engine.Truncate(Math.Min(engine.Length, depth));
        if (engine.Length < depth) engine.Prefill(_ids.AsSpan(engine.Length, depth - engine.Length));
    }

    private static double WeightOf(BenchWork work) => work.Kind == WorkKind.Prefill ? work.Tokens : DecodeWeight * work.Tokens;
}
