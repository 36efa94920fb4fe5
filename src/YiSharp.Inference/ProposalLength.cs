namespace YiSharp.Inference;

/// <summary>
/// How many guesses a pass is worth: as long as one more raises the expected number of ids for what the pass costs. Costs are constants and
/// chances are counted, so that the length depends on the sequence alone, and not on a clock.
/// </summary>
internal struct ProposalLength
{
    /// <summary>
    /// What a further row adds to a pass, as a share of a pass of one row (the embedded model, two cores: 9 rows take 2.7 and 17 rows 4.4 times
    /// the time of one).
    /// </summary>
    public const double RowCost = 0.2;

    private readonly double _proposalCost;
    private double _chance = 1;
    private double _ids;
    private double _cost;

    /// <summary>No guess yet.</summary>
    /// <param name="sequenceCount">Sequences that share the pass: each brings an id and a row without any guess.</param>
    /// <param name="draftCost">What making a guess costs, as a share of a pass of one row.</param>
    public ProposalLength(int sequenceCount, double draftCost = 0)
    {
        _proposalCost = RowCost + draftCost;
        _ids = sequenceCount;
        _cost = 1 + RowCost * (sequenceCount - 1);
    }

    /// <summary>Whether one guess more pays; it is then counted.</summary>
    /// <param name="rate">Its chance to be right when those before it are.</param>
    public bool Pays(double rate)
    {
        _chance *= rate;
        if (_chance * _cost <= _proposalCost * _ids) return false;
        _ids += _chance;
        _cost += _proposalCost;
        return true;
    }
}
