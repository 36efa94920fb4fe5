namespace YiSharp.Evaluation;

/// <summary>One model's scores less another's in one row of a comparison: what its interval, tests and errors are reckoned from.</summary>
internal sealed class RowDifferences
{
    /// <summary>Those of two of the runs.</summary>
    public RowDifferences(ComparisonRow row, PairedRuns runs, int baseline, int candidate)
    {
        SampleOutcome[] own = runs.Outcomes[baseline], other = runs.Outcomes[candidate];
        int[][] strata = row.Strata(own);
        int[] items = [.. strata.SelectMany(stratum => stratum)];
        double Difference(int item) => other[item].Score - own[item].Score;

        (Row, Baseline, Candidate) = (row, runs.Names[baseline], runs.Names[candidate]);
        Values = [.. items.Select(Difference)];
        (OnlyBaseline, OnlyCandidate) = (Values.Count(value => value < 0), Values.Count(value => value > 0));
        bool IsShare(int item) => own[item].IsShare || other[item].IsShare;
        AreRightOrWrong = row.Average == Averaging.Micro && !items.Any(IsShare);
        Mean = StratifiedMean.OfDifferences(row.Average == Averaging.Micro ? [Values] : [.. strata.Select(stratum => stratum.Select(Difference).ToArray())]);
        var clustered = ClusteredEstimate.Of(Values, [.. items.Select(item => own[item].Cluster)]);
        Error = row.Average == Averaging.Macro ? Mean.Error : ErrorEstimate.Of(clustered);
        if (row.Average == Averaging.Micro && !AreRightOrWrong) Error = Error.AtLeast(OfMixture([.. items.Where(item => !IsShare(item)).Select(Difference)], [.. items.Where(IsShare).Select(Difference)]));
        DesignEffect = Error.Kind == ErrorKind.Clustered && clustered.StandardError > 0 ? Math.Max(1, Error.Value!.Value / clustered.StandardError.Value) : 1;
    }

    /// <summary>
    /// The error of answers that are right or wrong beside others that are worth a share: of the former, made-up values stand for the disagreements that few items do not show, as where they are alone.
    /// </summary>
    private static ErrorEstimate OfMixture(double[] rightOrWrong, double[] shares)
    {
        if (rightOrWrong.Length == 0) return new ErrorEstimate(null, ErrorKind.Independent, 0);
        double count = rightOrWrong.Length + shares.Length, share = MeanEstimate.Of(shares).StandardError ?? 0;
        double error = double.Hypot(rightOrWrong.Length / count * StratifiedMean.OfDifferences([rightOrWrong]).StandardError, shares.Length / count * share);
        return new ErrorEstimate(error, ErrorKind.Stratified, count - 1);
    }

    /// <summary>What the row is about.</summary>
    public ComparisonRow Row { get; }

    /// <summary>Name of the model compared with.</summary>
    public string Baseline { get; }

    /// <summary>Name of the model in question.</summary>
    public string Candidate { get; }

    /// <summary>Candidate less baseline, [items].</summary>
    public double[] Values { get; }

    /// <summary>Items on which only the baseline was right, or scored higher.</summary>
    public int OnlyBaseline { get; }

    /// <summary>Items on which only the candidate was right, or scored higher.</summary>
    public int OnlyCandidate { get; }

    /// <summary>Whether every item counts alike and every answer is right or wrong, so that tests can be exact.</summary>
    public bool AreRightOrWrong { get; }

    /// <summary>The row's average with made-up values for what few items do not show; of micro averages, all items are one stratum.</summary>
    public StratifiedMean Mean { get; }

    /// <summary>Standard error of the difference.</summary>
    public ErrorEstimate Error { get; }

    /// <summary>How many times as large it is as if all items were independent, 1 or more: what is detectable grows by it. Clusters that would make it smaller are not counted on.</summary>
    public double DesignEffect { get; }
}
