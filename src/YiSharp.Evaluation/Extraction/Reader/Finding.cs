namespace YiSharp.Evaluation;

/// <summary>An answer found in a <see cref="FoldedText"/>: [From, To) are places there. Null where it cannot be written down, which <see cref="Rule"/> then says.</summary>
internal readonly record struct Finding(string? Answer, string Rule, int From, int To, bool IsLowConfidence = false);
