namespace YiSharp.Text;

/// <summary>An id that ends an answer.</summary>
/// <param name="Id">The id.</param>
/// <param name="Token">What it stands for; null where the vocabulary has no such id, or there is none.</param>
/// <param name="Sources">Who says so: files, GGUF keys, <c>chat template</c>, <c>tokenizer</c>.</param>
public sealed record StopId(int Id, string? Token, IReadOnlyList<string> Sources);
