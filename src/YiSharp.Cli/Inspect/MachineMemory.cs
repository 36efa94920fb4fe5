using System.Globalization;

namespace YiSharp.Cli;

/// <summary>Memory that this machine has to give to a program now.</summary>
internal static class MachineMemory
{
    /// <summary>
    /// Bytes: on Linux what the kernel calls available, or less where a control group allows less; elsewhere what the runtime is told. Null where nobody says.
    /// </summary>
    /// <param name="root">Where <c>proc</c> and <c>sys</c> lie.</param>
    public static long? AvailableBytes(string root = "/")
    {
        long? available = MemAvailable(Path.Combine(root, "proc/meminfo"));
        if (available is null) return GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is > 0 and long told ? told : null;
        foreach (long room in GroupRooms(root)) available = Math.Min(available.Value, room);
        return available;
    }

    private static long? MemAvailable(string path)
    {
        if (!File.Exists(path)) return null;
        string? line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return line is not null && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes * 1024 : null;
    }

    /// <summary>What the control groups of this process, of both versions, leave to it; file pages that the kernel can drop count as free.</summary>
    private static IEnumerable<long> GroupRooms(string root)
    {
        string groups = Path.Combine(root, "proc/self/cgroup");
        if (!File.Exists(groups)) yield break;
        foreach (string line in File.ReadLines(groups))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3) continue;
            bool isSecond = parts[0] == "0" && parts[1].Length == 0;
            if (!isSecond && !parts[1].Split(',').Contains("memory")) continue;
            string top = Path.Combine(root, isSecond ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
            (string limit, string usage) = isSecond ? ("memory.max", "memory.current") : ("memory.limit_in_bytes", "memory.usage_in_bytes");
            for (string? group = Path.Combine(top, parts[2].TrimStart('/')); group is not null && group.Length >= top.Length; group = Path.GetDirectoryName(group))
            {
                if (Number(Path.Combine(group, limit)) is { } most && Number(Path.Combine(group, usage)) is { } used)
                    yield return Math.Max(0, most - used + Droppable(Path.Combine(group, "memory.stat")));
            }
        }
    }

    private static long Droppable(string path) =>
        ReadLines(path).Select(line => line.Split(' ')).Where(words => words is ["inactive_file" or "total_inactive_file", _])
            .Select(words => long.TryParse(words[1], CultureInfo.InvariantCulture, out long bytes) ? bytes : 0).DefaultIfEmpty(0).Max();

    private static long? Number(string path) => ReadLines(path).FirstOrDefault() is { } line && long.TryParse(line, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
