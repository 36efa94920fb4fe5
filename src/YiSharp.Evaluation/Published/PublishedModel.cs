namespace YiSharp.Evaluation;

/// <summary>One row of the published table.</summary>
/// <param name="Name">As in the table.</param>
/// <param name="QuantizedFrom">The 16-bit model of which it is an 8- or 4-bit version; null for all others.</param>
/// <param name="Scores">All its scores, in the order of <see cref="PublishedScores.Suites"/> and their shots.</param>
public sealed record PublishedModel(string Name, string? QuantizedFrom, IReadOnlyList<PublishedScore> Scores)
{
    /// <summary>Its score in one column; null where the table has none.</summary>
    /// <param name="suite">Name of a suite.</param>
    /// <param name="shots">Solved examples in the prompt.</param>
    public PublishedScore? Find(string suite, int shots) => Scores.FirstOrDefault(score => score.Suite.Name == suite && score.Shots == shots);
}

/// <summary>One cell of the published table.</summary>
/// <param name="Suite">The benchmark.</param>
/// <param name="Shots">Solved examples in the prompt.</param>
/// <param name="Points">Share of right answers in points, 0 to 100, with two decimals.</param>
public sealed record PublishedScore(PublishedSuite Suite, int Shots, double Points);
