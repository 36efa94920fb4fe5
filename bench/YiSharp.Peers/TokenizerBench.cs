namespace YiSharp.Peers;

/// <summary>What the comparison of tokenizers covers.</summary>
internal sealed record TokenizerBenchOptions
{
    /// <summary>How often each is timed; medians count.</summary>
    public required int Repeats { get; init; }

    /// <summary>Most of a text that is taken, 10⁶ bytes.</summary>
    public required int Megabytes { get; init; }

    /// <summary>One vocabulary, or null for all.</summary>
    public string? Only { get; init; }

    /// <summary>Whether long repetitions of one character are timed too.</summary>
    public required bool Lengths { get; init; }
}

/// <summary>Speed on ordinary texts: seconds of processor time for a fresh tokenizer, and for one that has met the text before.</summary>
internal sealed record SpeedRow(string Vocabulary, string Text, long Bytes, string Contestant, double ColdSeconds, double WarmSeconds, double DocumentsEqual)
{
    public double ColdMegabytes => Bytes / ColdSeconds / 1e6;

    public double WarmMegabytes => Bytes / WarmSeconds / 1e6;
}

/// <summary>Seconds of processor time for one character many times over; null where it was not tried.</summary>
internal sealed record LengthRow(string Vocabulary, string Unit, int Length, string Contestant, double? Seconds);

/// <summary>Ours beside Hugging Face's and Microsoft's tokenizers.</summary>
internal static class TokenizerBench
{
    /// <summary>What would take longer by the growth of the shorter ones is not tried, seconds.</summary>
    private const double LongestTry = 20;

    private static readonly (string Name, string Unit)[] Units = [("`a`", "a"), ("space", " "), ("`嗯`", "嗯")];
    private static readonly int[] Counts = [10_000, 100_000, 1_000_000, 10_000_000];

    public static void Run(TokenizerBenchOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("yisharp-peers-").FullName;
        try
        {
            Field[] fields = [.. Vocabularies.All(folder).Where(field => options.Only is null || field.Name == options.Only)];
            TextSample[] texts = TextSample.All(options.Megabytes);
            var speeds = new List<SpeedRow>();
            var lengths = new List<LengthRow>();
            foreach (Field field in fields)
            {
                foreach (TextSample text in texts) speeds.AddRange(Show(Compare(field, text, options.Repeats)));
                if (!options.Lengths) continue;
                foreach (Contestant contestant in field.Contestants) lengths.AddRange(Show(Lengths(field.Name, contestant)));
            }
            TokenizerReport.Write(options, fields, speeds, lengths);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Contestants take turns, so that whatever else the machine does hits all alike.</summary>
    private static List<SpeedRow> Compare(Field field, TextSample text, int repeats)
    {
        int count = field.Contestants.Length;
        var cold = new double[count, repeats];
        var warm = new double[count, repeats];
        IReadOnlyList<int>[][] ids = [.. field.Contestants.Select(contestant => EncodeAll(contestant.Load(), text))]; // code is compiled here, too
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            for (int turn = 0; turn < count; turn++)
            {
                int contestant = (turn + repeat) % count;
                Func<string, IReadOnlyList<int>> encode = field.Contestants[contestant].Load();
                cold[contestant, repeat] = Seconds(() => EncodeAll(encode, text));
                warm[contestant, repeat] = Seconds(() => EncodeAll(encode, text));
            }
        }
        return [.. Enumerable.Range(0, count).Select(i => new SpeedRow(field.Name, text.Name, text.Bytes, field.Contestants[i].Name, Median(cold, i), Median(warm, i), Equal(ids[0], ids[i])))];
    }

    private static IEnumerable<LengthRow> Lengths(string vocabulary, Contestant contestant)
    {
        foreach ((string name, string unit) in Units)
        {
            double last = 0, growth = 10;
            foreach (int count in Counts)
            {
                bool tried = growth * last < LongestTry;
                string text = string.Concat(Enumerable.Repeat(unit, count));
                Func<string, IReadOnlyList<int>> encode = contestant.Load();
                double? seconds = tried ? Seconds(() => encode(text)) : null;
                if (last > 0) growth = Math.Max(10, seconds / last ?? double.PositiveInfinity);
                last = seconds ?? double.PositiveInfinity;
                yield return new LengthRow(vocabulary, name, count, contestant.Name, seconds);
            }
        }
    }

    private static IReadOnlyList<int>[] EncodeAll(Func<string, IReadOnlyList<int>> encode, TextSample text) => [.. text.Documents.Select(encode)];

    private static double Seconds(Action action)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TimeSpan start = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    private static double Median(double[,] seconds, int row)
    {
        double[] sorted = [.. Enumerable.Range(0, seconds.GetLength(1)).Select(i => seconds[row, i]).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Equal(IReadOnlyList<int>[] ours, IReadOnlyList<int>[] theirs) => ours.Zip(theirs, (a, b) => a.SequenceEqual(b) ? 1.0 : 0).Average();

    private static IEnumerable<T> Show<T>(IEnumerable<T> rows)
    {
        foreach (T row in rows)
        {
            Console.WriteLine(row);
            yield return row;
        }
    }
}
