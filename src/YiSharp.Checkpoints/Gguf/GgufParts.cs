using System.Globalization;

namespace YiSharp.Checkpoints;

/// <summary>
/// Models split over several files, as llama.cpp's gguf-split writes them: <c>NAME-00001-of-00003.gguf</c>, each with the metadata
/// <c>split.no</c> (0-based), <c>split.count</c> and <c>split.tensors.count</c>; all other metadata stand in the first.
/// </summary>
internal static class GgufParts
{
    private const int MaxParts = 99_999;

    /// <summary>Digits of a number in a name.</summary>
    private const int Digits = 5;

    /// <summary>Opens a file and, where it is a part, all others; each is added to <paramref name="mapped"/> as soon as it is mapped.</summary>
    /// <returns>The parts in order.</returns>
    public static IReadOnlyList<GgufHeader> Open(string path, List<MappedFile> mapped)
    {
        GgufHeader given = Map(path, mapped);
        if (CountOf(given) is not (> 1 and int count)) return [given];

        if (NameOf(Path.GetFileName(path)) is not PartName name) throw new InvalidDataException($"{path} says split.count = {count}, so its name must end in -00001-of-{count:00000}.gguf for the other parts to be found; give it back the name it had.");
        if (name.Count != count) throw given.Metadata.Wrong("split.count", $"{name.Count}, as the file's name has it");
        string folder = Path.GetDirectoryName(path) ?? "";
        string[] paths = [.. Enumerable.Range(1, count).Select(number => Path.Combine(folder, name.With(number)))];
        string[] missing = [.. paths.Where(p => !File.Exists(p)).Select(p => Path.GetFileName(p))];
        if (missing.Length > 0) throw new InvalidDataException($"{path} is part {name.Number} of {count}; {missing.Length} of the others are missing beside it: {SafetensorsWeights.List(missing)}. Fetch them.");

        GgufHeader[] parts = [.. paths.Select((p, i) => i == name.Number - 1 ? given : Map(p, mapped))];
        for (int i = 0; i < count; i++) RequirePart(parts[i], i, count);
        RequireWhole(parts);
        return parts;
    }

    /// <summary>Whether files are the parts of one model, or some of them: they have the same name but for the number.</summary>
    public static bool AreOneModel(IReadOnlyList<string> names)
    {
        PartName?[] parts = [.. names.Select(NameOf)];
        return parts.Length > 0 && Array.TrueForAll(parts, p => p is not null && p.Prefix == parts[0]!.Prefix && p.Count == parts[0]!.Count);
    }

    private static GgufHeader Map(string path, List<MappedFile> mapped)
    {
        MappedFile file = MappedFile.Open(path);
        mapped.Add(file);
        return new GgufHeader(file);
    }

    private static int? CountOf(GgufHeader part) => part.Metadata.WholeNumber("split.count", 0, MaxParts);

    private static void RequirePart(GgufHeader part, int index, int count)
    {
        if (CountOf(part) != count) throw part.Metadata.Wrong("split.count", $"{count}, as the other parts have it");
        if (part.Metadata.WholeNumber("split.no", 0, MaxParts) != index) throw part.Metadata.Wrong("split.no", $"{index}, since the file's name says part {index + 1} of {count}");
    }

    private static void RequireWhole(GgufHeader[] parts)
    {
        var fileOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (GgufHeader part in parts)
        {
            foreach (GgufTensor tensor in part.Tensors)
            {
                if (!fileOf.TryAdd(tensor.Name, part.File.Path)) throw new InvalidDataException($"{part.File.Path} holds {tensor.Name}, and so does {Path.GetFileName(fileOf[tensor.Name])}; the parts belong to different models. Fetch all parts of one.");
            }
        }
        foreach (GgufHeader part in parts)
        {
            if (part.Metadata.WholeNumber("split.tensors.count", 0, int.MaxValue) is int expected && expected != fileOf.Count)
            {
                throw part.Metadata.Wrong("split.tensors.count", $"{fileOf.Count}, the tensors of all {parts.Length} parts");
            }
        }
    }

    /// <summary>The parts of <c>PREFIX-00001-of-00003.gguf</c>, or null for any other name.</summary>
    private static PartName? NameOf(string fileName)
    {
        const string extension = ".gguf", of = "-of-";
        if (!fileName.EndsWith(extension, StringComparison.Ordinal)) return null;
        ReadOnlySpan<char> stem = fileName.AsSpan(0, fileName.Length - extension.Length);
        int tail = 1 + Digits + of.Length + Digits;
        if (stem.Length < tail || stem[^tail] != '-' || !stem[^(of.Length + Digits)..].StartsWith(of)) return null;
        return Number(stem[^(tail - 1)..][..Digits]) is int number && Number(stem[^Digits..]) is int count && number <= count
            ? new PartName(stem[..^tail].ToString(), number, count)
            : null;

        static int? Number(ReadOnlySpan<char> digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 ? number : null;
    }

    private sealed record PartName(string Prefix, int Number, int Count)
    {
        public string With(int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{number:00000}-of-{Count:00000}.gguf");
    }
}
