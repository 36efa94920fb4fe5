using YiSharp.Checkpoints;
using YiSharp.Data;

namespace YiSharp.Cli;

/// <summary>From what somebody calls a model to where it lies.</summary>
internal static class ModelLocator
{
    /// <summary>The model that is part of the repository.</summary>
    public const string Embedded = "smollm2-135m-instruct";

    /// <summary>A model to run: as <see cref="FindAny"/>, but of a release one of its models has to be chosen.</summary>
    /// <exception cref="UsageException">There is none, or the path is a release's.</exception>
    public static string Find(string model, string who = "--model")
    {
        string path = FindAny(model, who);
        IReadOnlyList<string> models = PathKinds.ModelsOfRelease(path);
        if (models.Count == 0 || PathKinds.Of(path) != PathKind.Release) return path;
        throw new UsageException($"{who} '{model}' is a release, which holds several models; give one of them: {string.Join(", ", models)}.");
    }

    /// <summary>
    /// A path that exists, or a folder's name under <c>models/</c> of the repository, which is looked for from the current folder
    /// and from the program upwards.
    /// </summary>
    /// <exception cref="UsageException">There is neither.</exception>
    public static string FindAny(string model, string who = "--model")
    {
        if (Path.Exists(model)) return model;
        string[] folders = [.. Roots().Select(root => Path.Combine(root, "models")).Where(Directory.Exists).Distinct(StringComparer.Ordinal)];
        if (model.AsSpan().IndexOfAny('/', '\\') < 0 && model.Length > 0)
        {
            foreach (string folder in folders)
            {
                string path = Path.Combine(folder, model);
                if (Directory.Exists(path)) return path;
            }
        }
        string[] names = [.. folders.SelectMany(Directory.GetDirectories).Select(p => Path.GetFileName(p)!).Distinct(StringComparer.Ordinal)];
        string hint = NearestName.Of(model, names) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
        throw new UsageException($"{who} '{model}' is neither a path that exists nor a model's name{hint}; give a model folder, a .gguf file, or one of: {string.Join(", ", names.DefaultIfEmpty("(none found)"))}.");
    }

    private static IEnumerable<string> Roots()
    {
        foreach (string start in new[] { Environment.CurrentDirectory, AppContext.BaseDirectory })
        {
            for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (Directory.Exists(Path.Combine(folder, "models", Embedded))) yield return folder;
            }
        }
    }
}
