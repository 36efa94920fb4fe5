namespace YiSharp.Peers;

/// <summary>A tokenizer under test.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Load">A fresh one, with nothing cached: text to ids.</param>
internal sealed record Contestant(string Name, Func<Func<string, IReadOnlyList<int>>> Load)
{
    public const string Ours = "YiSharp", HuggingFace = "Hugging Face", Microsoft = "Microsoft.ML";
}

/// <summary>One vocabulary as several tokenizers read it.</summary>
internal sealed record Field(string Name, string Note, Contestant[] Contestants);
