namespace YiSharp.Checkpoints;

/// <summary>A file of a cache.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="LastUsed">When it was last written or opened, UTC.</param>
/// <param name="Key">What tells its model from others; null where the file cannot be read.</param>
/// <param name="Model">The folder or file of its model; null where the file cannot be read.</param>
/// <param name="WhyUseless">Why no start will take it, a few words; null where one may.</param>
public sealed record PackedCacheEntry(string Path, long Bytes, DateTime LastUsed, string? Key, string? Model, string? WhyUseless);

/// <summary>What became of a file that was to go.</summary>
/// <param name="Entry">The file.</param>
/// <param name="WhyKept">Why it is still there, a few words; null where it is gone.</param>
public sealed record PrunedEntry(PackedCacheEntry Entry, string? WhyKept);

/// <summary>Which files of a cache are to go; those that no start will take always go.</summary>
public sealed record PruneOptions
{
    /// <summary>Most bytes that may stay; the least recently used go first.</summary>
    /// <value>null: any number.</value>
    public long? MaxBytes { get; init; }

    /// <summary>What was not used for longer than this goes.</summary>
    /// <value>null: nothing goes for its age.</value>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>A file that stays whatever the bounds are.</summary>
    /// <value>null.</value>
    public string? Except { get; init; }
}
