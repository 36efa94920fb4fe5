namespace YiSharp.Evaluation;

/// <summary>Our own rules by which answers are read: those of <c>docs/extraction.md</c>, the checks of abilities, and those for a judge's verdict.</summary>
public static class ReadingRules
{
    /// <summary>Counts changes of what they read in any text: runs under different versions are different runs, so none goes on under other rules than it began with, and a comparison says where rules differ.</summary>
    public const int Version = 9;
}
