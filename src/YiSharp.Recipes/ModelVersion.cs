namespace YiSharp.Recipes;

/// <summary>A model that a release measures: the base, the base with an adapter, or one of the models that it makes.</summary>
/// <param name="Key">Its folder's name under <c>evaluation/</c>, and under the release if the release made it.</param>
/// <param name="Title">Its name in tables.</param>
/// <param name="Path">A model folder or a <c>.gguf</c> file.</param>
/// <param name="AdapterPath">An adapter to attach, or null.</param>
/// <param name="Description">How it came to be, in a clause.</param>
internal sealed record ModelVersion(string Key, string Title, string Path, string? AdapterPath, string Description)
{
    /// <summary>Bytes on disk of what is loaded: weights, without cards and reports.</summary>
    public long Bytes() => Files().Sum(file => new FileInfo(file).Length);

    /// <summary>The files that hold its weights, in a fixed order.</summary>
    public IEnumerable<string> Files() => WeightFiles(Path).Concat(AdapterPath is null ? [] : WeightFiles(AdapterPath));

    private static IEnumerable<string> WeightFiles(string path) => Directory.Exists(path)
        ? Directory.GetFiles(path).Where(f => System.IO.Path.GetExtension(f) is ".gguf" or ".safetensors").Order(StringComparer.Ordinal)
        : [path];
}
