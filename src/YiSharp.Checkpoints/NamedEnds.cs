namespace YiSharp.Checkpoints;

/// <summary>Ids that a model's files name as ends of an answer, each with the file or GGUF key that does.</summary>
public static class NamedEnds
{
    private static readonly string[] GgufKeys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    /// <summary>Those of a model that is opened.</summary>
    public static IReadOnlyList<(int Id, string Source)> Of(Checkpoint checkpoint) =>
        checkpoint.Gguf is { } gguf ? OfGguf(gguf) : OfFiles(checkpoint.Generation.EosTokenIds, checkpoint.Config.EosTokenIds);

    /// <summary>Those of a Hugging Face folder.</summary>
    public static IReadOnlyList<(int Id, string Source)> OfFiles(IEnumerable<int> generation, IEnumerable<int> config) =>
        [.. generation.Select(id => (id, "generation_config.json")), .. config.Select(id => (id, "config.json"))];

    /// <summary>Those of GGUF metadata; llama.cpp writes -1, also as an unsigned number, for none.</summary>
    public static IReadOnlyList<(int Id, string Source)> OfGguf(GgufFile file)
    {
        var named = new List<(int, string)>();
        foreach (string key in GgufKeys)
        {
            if (file.Metadata.GetValueOrDefault(key) is uint.MaxValue or -1) continue;
            if (file.WholeNumber(key, 0, int.MaxValue) is { } id) named.Add((id, key));
        }
        return named;
    }
}
