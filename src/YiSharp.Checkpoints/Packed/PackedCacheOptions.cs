namespace YiSharp.Checkpoints;

/// <summary>Where packed weights are kept, and of which models.</summary>
public sealed record PackedCacheOptions
{
    /// <summary>The environment variable that names the folder of a user's cache.</summary>
    public const string FolderVariable = "YISHARP_CACHE";

    /// <summary>The folder beside a model, for caches that go where the model goes.</summary>
    public const string FolderBesideModel = ".yisharp";

    /// <summary>256 MiB, which pack in about a quarter of a second.</summary>
    public const long DefaultLeastBytes = 256L << 20;

    /// <summary>The folder; null takes that of the user.</summary>
    /// <value>null: what <see cref="FolderVariable"/> names, or else <c>yisharp</c> in <c>$XDG_CACHE_HOME</c>, <c>~/.cache</c> or, on Windows, <c>%LOCALAPPDATA%</c>.</value>
    public string? Folder { get; init; }

    /// <summary>Models whose packed weights take fewer bytes are packed at every start: it takes less time than a look at a file is worth.</summary>
    /// <value><see cref="DefaultLeastBytes"/>.</value>
    public long LeastBytes { get; init; } = DefaultLeastBytes;

    /// <summary>Most bytes of all files in the folder together; the least recently used go first, never one that is in use.</summary>
    /// <value>null: 40 GiB, or half of what the disk has for the cache where that is less.</value>
    public long? MaxBytes { get; init; }

    /// <summary>The folder of a model's own cache.</summary>
    /// <param name="model">A model's folder or .gguf file.</param>
    public static string BesideModel(string model)
    {
        string full = Path.GetFullPath(model);
        return Path.Combine(Directory.Exists(full) ? full : Path.GetDirectoryName(full)!, FolderBesideModel);
    }

    /// <summary>The folder of the user's cache.</summary>
    public static string UserFolder()
    {
        if (Variable(FolderVariable) is { } named) return Path.GetFullPath(named);
        string home = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(Path.GetFullPath(home.Length > 0 ? home : Path.GetTempPath()), "yisharp");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
