using System.Security.Cryptography;
using System.Text;

namespace YiSharp.Evaluation;

/// <summary>What was read of a benchmark.</summary>
/// <param name="Subjects">Alphabetically by name.</param>
/// <param name="Files">The files it was read from.</param>
/// <param name="Folder">The folder that they lie in.</param>
/// <param name="IsSample">Whether the folder is said to hold only some of the questions.</param>
/// <param name="Warnings">Sentences about what is odd but can be used, such as a question that stands twice in a file.</param>
public sealed record BenchmarkContent(IReadOnlyList<BenchmarkSubject> Subjects, IReadOnlyList<BenchmarkFile> Files, string Folder, bool IsSample, IReadOnlyList<string> Warnings)
{
    /// <summary>Questions of all subjects.</summary>
    public int Items => Subjects.Sum(subject => subject.Items.Count);

    /// <summary>One sha256 for all files: of the lines <c>SHA256  SUBJECT SPLIT</c>, in the order in which they were read.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Files.Select(file => $"{file.Sha256}  {file.Subject} {file.Split}\n")))));
}
