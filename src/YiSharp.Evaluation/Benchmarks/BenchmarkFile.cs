namespace YiSharp.Evaluation;

/// <summary>A file that questions were read from.</summary>
/// <param name="Suite">The benchmark.</param>
/// <param name="Subject">The subject; <c>all</c> where the file holds all of them.</param>
/// <param name="Split">The split, such as <c>test</c>.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="Rows">How many questions it holds.</param>
/// <param name="Sha256">Of its bytes, in hexadecimal.</param>
/// <param name="IsKnown">Whether these bytes are known to be the published ones (or a sample of them that is part of the repository); other layouts hold the same questions in other bytes.</param>
public sealed record BenchmarkFile(string Suite, string Subject, string Split, string Path, int Rows, string Sha256, bool IsKnown);
