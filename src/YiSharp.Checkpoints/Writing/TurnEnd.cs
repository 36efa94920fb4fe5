namespace YiSharp.Checkpoints;

/// <summary>
/// The ids that really end an answer. Yi's config names 2 while its turns end with 7: models that never stop come from there, so the
/// template's own mark goes first and whatever the files name follows.
/// </summary>
internal static class TurnEnd
{
    /// <summary>Marks with which templates end a turn.</summary>
    private static readonly string[] Marks = ["<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end_of_turn|>", "<|end|>"];

    /// <summary>Ids in order of weight: the template's mark, <c>generation_config.json</c>, <c>config.json</c>.</summary>
    public static IReadOnlyList<int> Ids(Checkpoint checkpoint)
    {
        var ids = new List<int>();
        foreach (string mark in Marks)
        {
            if (checkpoint.ChatTemplate?.Contains(mark, StringComparison.Ordinal) == true && Find(checkpoint, mark) is int id && id >= 0 && id < checkpoint.Config.VocabSize) ids.Add(id);
        }
        ids.AddRange(checkpoint.Generation.EosTokenIds);
        ids.AddRange(checkpoint.Config.EosTokenIds);
        return [.. ids.Distinct()];
    }

    private static int? Find(Checkpoint checkpoint, string token)
    {
        if (checkpoint.Gguf?.Texts("tokenizer.ggml.tokens") is string[] tokens) return Array.IndexOf(tokens, token) is int id and >= 0 ? id : null;
        return checkpoint.Gguf is null ? FolderVocabulary.FindId(new ModelFolder(checkpoint.Path), token) : null;
    }
}
