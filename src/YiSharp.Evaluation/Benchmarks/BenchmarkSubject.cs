namespace YiSharp.Evaluation;

/// <summary>The questions of a benchmark that belong to one subject; a benchmark without subjects has one, of its own name.</summary>
/// <param name="Name">As in files and tables, such as <c>high_school_biology</c>.</param>
/// <param name="Title">As in prompts, such as <c>high school biology</c> or <c>计算机网络</c>.</param>
/// <param name="Category">What several subjects belong to, such as <c>STEM</c>; null where a benchmark has no such thing.</param>
/// <param name="Items">The questions, in the order of the source file.</param>
/// <param name="Exemplars">Questions that may be shown with their answers before another, in the order of the source file; empty where a benchmark has none.</param>
public sealed record BenchmarkSubject(string Name, string Title, string? Category, IReadOnlyList<BenchmarkItem> Items, IReadOnlyList<BenchmarkItem> Exemplars);

/// <summary>One question of a benchmark.</summary>
/// <param name="Item">Its place in the source file, 0-based.</param>
/// <param name="Question">The question, without options that the source keeps apart.</param>
/// <param name="Choices">The options, without letters; empty where the answer is written freely.</param>
/// <param name="Right">Places of the right options; one, but for TruthfulQA's mc2. Empty where the answer is written freely.</param>
/// <param name="Answer">What the source gives as the answer: a letter, a solution that ends with <c>#### 18</c>, <c>(B)</c>, words.</param>
public sealed record BenchmarkItem(int Item, string Question, IReadOnlyList<string> Choices, IReadOnlyList<int> Right, string Answer);
