namespace YiSharp.Evaluation;

/// <summary>How much of a benchmark is there.</summary>
public enum BenchmarkPresence
{
    /// <summary>No question.</summary>
    Missing,

    /// <summary>A file cannot be used.</summary>
    Damaged,

    /// <summary>A folder that is said to be a sample.</summary>
    Sample,

    /// <summary>More or fewer questions than were published.</summary>
    Partial,

    /// <summary>As many questions as were published.</summary>
    Complete,
}

/// <summary>What is there of a benchmark, and how to get the rest.</summary>
/// <param name="Suite">Its name.</param>
/// <param name="Presence">How much is there.</param>
/// <param name="Items">Questions that were published.</param>
/// <param name="Subjects">Subjects that were published.</param>
/// <param name="Licence">The licence of the data.</param>
/// <param name="Source">Where the files come from whose checksums are known, with the commit.</param>
/// <param name="HowToGet">Where to get it, and what belongs where.</param>
/// <param name="Content">What was read; null where nothing could be.</param>
/// <param name="Problem">What is wrong where it is missing or damaged, a sentence; otherwise null.</param>
public sealed record BenchmarkState(
    string Suite, BenchmarkPresence Presence, int Items, int Subjects, string Licence, string Source, string HowToGet, BenchmarkContent? Content, string? Problem);
