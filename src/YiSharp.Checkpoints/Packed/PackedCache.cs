using System.Globalization;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// Packed weights of models in a folder, one file a model, named by what is in it. A file that is damaged, of another version or of another model is written anew; where none
/// can be written, weights are packed in memory. Several processes may use one folder.
/// </summary>
public sealed class PackedCache(PackedCacheOptions? options = null)
{
    private const long DefaultMaxBytes = 40L << 30;

    private readonly PackedCacheFolder _files = new(options?.Folder is { } folder ? Path.GetFullPath(folder) : PackedCacheOptions.UserFolder());

    /// <summary>What it was made with.</summary>
    public PackedCacheOptions Options { get; } = options ?? new PackedCacheOptions();

    /// <summary>Where its files lie.</summary>
    public string Folder => _files.Path;

    /// <summary>Whether a model's weights are kept: their packed form is large enough.</summary>
    public bool Keeps(Checkpoint checkpoint) => PackedWeights.LengthBytes(checkpoint) >= Math.Max(1, Options.LeastBytes);

    /// <summary>The packed weights of a model, where they are kept and sound; null otherwise.</summary>
    public PackedWeights? Find(Checkpoint checkpoint)
    {
        try
        {
            PackedTable table = TableOf(checkpoint);
            string path = _files.PathOf(table.Key);
            PackedFile file = PackedFile.Open(path, table);
            PackedCacheFolder.Touch(path);
            return PackedWeights.OfFile(checkpoint, file);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            return null;
        }
    }

    /// <summary>Packs a model's weights into a file and opens it; into memory where that fails, which <see cref="PackedWeights.WhyNotKept"/> says.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="parallelism">Threads to pack with.</param>
    /// <param name="progress">Told the packed bytes so far and in all; null for none.</param>
    /// <param name="cancellation">Ends it between two tensors; nothing stays of the file.</param>
    /// <exception cref="InvalidDataException">A weight is infinite or no number.</exception>
    public PackedWeights Make(Checkpoint checkpoint, Parallelism parallelism, Action<long, long>? progress = null, CancellationToken cancellation = default)
    {
        var work = new PackingWork(parallelism, progress, cancellation);
        string whyNot = "what was written could not be read again.";
        try
        {
            Write(checkpoint, work);
            if (Find(checkpoint) is { } packed) return packed;
        }
        // What is wrong with the cache costs time and nothing else; damage of the model itself, InvalidDataException, is told as everywhere.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            whyNot = e.Message;
        }
        return PackedWeights.InMemory(checkpoint, $"The packed weights of {checkpoint.Path} could not be kept in {Folder}: {whyNot}", work);
    }

    /// <summary>The files of the cache, the most recently used first. Whatever else lies in the folder is passed over.</summary>
    public IReadOnlyList<PackedCacheEntry> List() => _files.List();

    /// <summary>Deletes files that no start will take, what an interrupted start has left, and what the options say.</summary>
    /// <returns>What was to go.</returns>
    public IReadOnlyList<PrunedEntry> Prune(PruneOptions options) => _files.Prune(options);

    /// <summary>Reads a file of the cache through.</summary>
    /// <returns>What is wrong with it, a few words; null where it is sound.</returns>
    public static string? Verify(PackedCacheEntry entry, Action<long, long>? progress = null, CancellationToken cancellation = default)
    {
        try
        {
            using PackedFile file = PackedFile.Open(entry.Path);
            file.RequireSound(progress, cancellation);
            return null;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            return e.Message;
        }
    }

    /// <summary>Whether an exception says that a file is absent, unreadable, in use or damaged.</summary>
    internal static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException;

    private void Write(Checkpoint checkpoint, PackingWork work)
    {
        PackedTable table = TableOf(checkpoint);
        var header = new PackedHeader(table);
        string path = _files.PathOf(table.Key);
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder.");
        Directory.CreateDirectory(Folder);
        MakeRoom(header.LengthBytes, path);
        using var writer = new PackedFileWriter(path, header);
        using TensorMemory memory = TensorMemory.AllocateUnset(table.Tensors.Max(tensor => tensor.Bytes));
        int next = 0;
        work.Each(checkpoint, checkpoint.Weights, (_, data, bytes) =>
        {
            if (bytes is null) return;
            PackedForm.Write(data, memory, work.Parallelism);
            writer.Write(table.Tensors[next++], memory, work.Cancellation);
        });
        writer.Finish();
    }

    private static PackedTable TableOf(Checkpoint checkpoint) => PackedTable.Of(ModelIdentity.Of(checkpoint), checkpoint.Weights.Values);

    private void MakeRoom(long bytes, string path)
    {
        long most = Options.MaxBytes ?? Math.Min(DefaultMaxBytes, (_files.FreeBytes() + _files.List().Sum(entry => entry.Bytes)) / 2);
        if (bytes > most) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"they take {bytes} bytes, and the cache may have {most}."));
        _files.Prune(new PruneOptions { MaxBytes = most - bytes, Except = path });
    }
}
