namespace YiSharp.Evaluation;

/// <summary>One benchmark of the published table.</summary>
/// <param name="Name">As in the table's heading.</param>
/// <param name="ItemCount">Questions scored; the table does not say, so it is the size of the benchmark's public test (C-Eval: validation) set.</param>
/// <param name="Shots">The numbers of solved examples in the prompt for which scores are given, in the table's order; 0 first.</param>
public sealed record PublishedSuite(string Name, int ItemCount, IReadOnlyList<int> Shots);
