namespace YiSharp.Inference;

/// <summary>Guesses how one sequence goes on. What became of a guess it sees from the ids of the next call.</summary>
internal interface IDraft : IDisposable
{
    /// <summary>Takes another prompt.</summary>
    /// <param name="before">All ids of the sequence so far, before the prompt takes their place.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="lastCount">Most ids that the sequence will have.</param>
    /// <param name="sampler">What chooses the sequence's ids.</param>
    void Begin(ReadOnlySpan<int> before, ReadOnlySpan<int> prompt, int lastCount, Sampler sampler);

    /// <summary>Guesses as many ids as are expected to pay.</summary>
    /// <param name="ids">The sequence so far.</param>
    /// <param name="sequenceCount">Sequences that share the pass, this one included.</param>
    /// <param name="proposals">Where the guesses go; as many as there is room for.</param>
    /// <returns>Number of guesses.</returns>
    int Propose(ReadOnlySpan<int> ids, int sequenceCount, Span<int> proposals);

    /// <summary>The distribution that a guess was drawn from, [vocab]; empty where it was certain.</summary>
    ReadOnlySpan<double> ProbabilitiesOf(int index);
}
