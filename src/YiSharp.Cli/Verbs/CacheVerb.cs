using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Reports;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi cache</c>: the packed weights that earlier starts have kept.</summary>
internal static class CacheVerb
{
    private const int KeyShown = 12;

    /// <summary>The verb with its own: ls, prune, verify.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts) => new Verb("cache", "Packed weights that were kept so that models start at once: list, delete, check. Only the cache's own files are ever touched.",
        "yi cache ls",
        "yi cache prune --max-size 20GB",
        "yi cache verify")
    {
        List(terminal), Prune(terminal), Verify(terminal, interrupts),
    };

    private static Verb List(Terminal terminal)
    {
        Option<string?> folder = Folder();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var verb = new Verb("ls", "List the files: model, bytes, when last used, key, path.",
            "yi cache ls",
            "yi cache ls --dir models/Yi-34B-Chat/.yisharp",
            "yi cache ls --json | jq .total_bytes")
        {
            folder, json,
        };
        verb.SetAction(parse =>
        {
            PackedCache cache = CacheOf(parse.GetValue(folder));
            IReadOnlyList<PackedCacheEntry> entries = cache.List();
            if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(writer => Write(writer, cache, entries));
            else Write(terminal.Out, cache, entries);
            return ExitCode.Done;
        });
        return verb;
    }

    private static Verb Prune(Terminal terminal)
    {
        Option<string?> folder = Folder();
        var maxSize = new Option<string?>("--max-size") { Description = "Delete the least recently used until no more than this is left, such as 20GB or 512MiB.", HelpName = "SIZE" };
        var olderThan = new Option<string?>("--older-than") { Description = "Delete what was not used for this long, such as 30d or 12h.", HelpName = "TIME" };
        var all = new Option<bool>("--all") { Description = "Delete all that is not in use." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var verb = new Verb("prune", "Delete files: always those that no start will take (the model is gone or was changed, an older version, damage), and what the options say.",
            "yi cache prune",
            "yi cache prune --max-size 20GB --older-than 30d",
            "yi cache prune --all")
        {
            folder, maxSize, olderThan, all, json,
        };
        verb.SetAction(parse =>
        {
            var options = new PruneOptions
            {
                MaxBytes = parse.GetValue(all) ? 0 : parse.GetValue(maxSize) is { } size ? Quantity.Bytes(size, "--max-size") : null,
                OlderThan = parse.GetValue(olderThan) is { } age ? Quantity.Time(age, "--older-than") : null,
            };
            IReadOnlyList<PrunedEntry> pruned = CacheOf(parse.GetValue(folder)).Prune(options);
            if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(writer => Write(writer, pruned));
            else Write(terminal.Out, pruned);
            return ExitCode.Done;
        });
        return verb;
    }

    private static Verb Verify(Terminal terminal, Interrupts interrupts)
    {
        Option<string?> folder = Folder();
        var verb = new Verb("verify", "Read every file through and hold it against its checksums; a start looks at samples alone.",
            "yi cache verify",
            "yi cache verify --dir models/Yi-34B-Chat/.yisharp")
        {
            folder,
        };
        verb.SetAction(parse =>
        {
            bool isSound = true;
            foreach (PackedCacheEntry entry in CacheOf(parse.GetValue(folder)).List())
            {
                string? wrong = ProgressDisplay.Run(terminal, show => PackedCache.Verify(entry, (done, count) => show(new WorkProgress($"read {entry.Path}", (double)done / count)), interrupts.Token));
                terminal.Out.WriteLine(Sentences.Printable(wrong is null ? $"{entry.Path}: sound" : $"{entry.Path}: {wrong}; delete it, and the next start packs the weights anew."));
                isSound &= wrong is null;
            }
            return isSound ? ExitCode.Done : ExitCode.WorkFailed;
        });
        return verb;
    }

    private static Option<string?> Folder() => new("--dir") { Description = "Another cache's folder: a model's own, .yisharp beside it.", HelpName = "FOLDER" };

    private static PackedCache CacheOf(string? folder)
    {
        if (folder is not null && !Directory.Exists(folder)) throw new UsageException($"--dir {folder} is no folder; one with packed weights was expected.");
        return new PackedCache(new PackedCacheOptions { Folder = folder });
    }

    private static void Write(TextWriter output, PackedCache cache, IReadOnlyList<PackedCacheEntry> entries)
    {
        var table = new TextTable("model", ">bytes", "last used", "key", "path");
        foreach (PackedCacheEntry entry in entries)
        {
            string model = (entry.Model ?? "?") + (entry.WhyUseless is { } why ? $" ({why})" : "");
            table.Add(model, Sizes.Bytes(entry.Bytes), entry.LastUsed.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture), entry.Key?[..KeyShown] ?? "?", entry.Path);
        }
        if (entries.Count > 0)
        {
            foreach (string line in table.Lines()) output.WriteLine(Sentences.Printable(line));
        }
        output.WriteLine(Sentences.Printable($"{Sizes.Of(entries.Count, "file", "files")}, {Sizes.Bytes(entries.Sum(entry => entry.Bytes))} in {cache.Folder}"));
    }

    private static void Write(Utf8JsonWriter writer, PackedCache cache, IReadOnlyList<PackedCacheEntry> entries)
    {
        writer.WriteText("folder", cache.Folder);
        writer.WriteNumber("total_bytes", entries.Sum(entry => entry.Bytes));
        writer.WriteStartArray("files");
        foreach (PackedCacheEntry entry in entries) WriteEntry(writer, entry, "why_useless", entry.WhyUseless);
        writer.WriteEndArray();
    }

    private static void Write(TextWriter output, IReadOnlyList<PrunedEntry> pruned)
    {
        foreach ((PackedCacheEntry entry, string? whyKept) in pruned)
        {
            output.WriteLine(Sentences.Printable(whyKept is null ? $"deleted {entry.Path}, {Sizes.Bytes(entry.Bytes)}, of {entry.Model ?? "no readable model"}" : $"kept {entry.Path}: {whyKept}"));
        }
        output.WriteLine($"{Sizes.Bytes(DeletedBytes(pruned))} freed");
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<PrunedEntry> pruned)
    {
        writer.WriteNumber("freed_bytes", DeletedBytes(pruned));
        writer.WriteStartArray("files");
        foreach ((PackedCacheEntry entry, string? whyKept) in pruned) WriteEntry(writer, entry, "why_kept", whyKept);
        writer.WriteEndArray();
    }

    private static void WriteEntry(Utf8JsonWriter writer, PackedCacheEntry entry, string reasonName, string? reason)
    {
        writer.WriteStartObject();
        writer.WriteText("path", entry.Path);
        writer.WriteText("model", entry.Model);
        writer.WriteText("key", entry.Key);
        writer.WriteNumber("bytes", entry.Bytes);
        writer.WriteString("last_used", entry.LastUsed.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        writer.WriteText(reasonName, reason);
        writer.WriteEndObject();
    }

    private static long DeletedBytes(IEnumerable<PrunedEntry> pruned) => pruned.Where(p => p.WhyKept is null).Sum(p => p.Entry.Bytes);
}
