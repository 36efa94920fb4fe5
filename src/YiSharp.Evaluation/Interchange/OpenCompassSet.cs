using System.Globalization;

namespace YiSharp.Evaluation;

/// <summary>The files of a set of questions in OpenCompass' predictions of a model.</summary>
/// <param name="Name">The set's name.</param>
/// <param name="Files">Its whole file, or its parts in order.</param>
internal sealed record OpenCompassSet(string Name, IReadOnlyList<string> Files)
{
    /// <summary>The sets of a model: whole files, or parts that are numbered from 0.</summary>
    /// <param name="folder">The model's predictions.</param>
    /// <exception cref="InvalidDataException">There are none, or a part is missing.</exception>
    public static IReadOnlyList<OpenCompassSet> All(string folder)
    {
        string[] names = [.. Directory.EnumerateFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];
        if (names.Length == 0) throw new InvalidDataException($"{folder} holds no *.json; expected OpenCompass' predictions.");
        string SetOf(string name) => PartOf(name) is { } part && names.Contains($"{part.Set}_0") ? part.Set : name;
        return [.. names.GroupBy(SetOf, StringComparer.Ordinal).Select(set => Of(folder, set.Key, [.. set]))];
    }

    private static OpenCompassSet Of(string folder, string name, string[] files)
    {
        string PathOf(string file) => Path.Combine(folder, file + ".json");
        int[] parts = [.. files.Where(file => file != name).Select(file => PartOf(file)!.Value.Number).Order()];
        if (parts.Length == 0) return new OpenCompassSet(name, [PathOf(name)]);
        if (files.Contains(name)) throw new InvalidDataException($"{folder} holds {name}.json and {name}_0.json; expected a set's answers whole or in parts, not both.");
        int missing = Enumerable.Range(0, parts.Length).FirstOrDefault(part => parts[part] != part, parts.Length);
        if (missing < parts.Length)
            throw new InvalidDataException($"{folder} holds {name}_{parts[^1]}.json and not {name}_{missing}.json; expected every part of a set's answers, numbered from 0.");
        return new OpenCompassSet(name, [.. parts.Select(part => PathOf($"{name}_{part}"))]);
    }

    /// <summary>The set and the number of a part such as <c>gsm8k_2</c>; null for other names.</summary>
    private static (string Set, int Number)? PartOf(string name)
    {
        int line = name.LastIndexOf('_');
        string digits = name[(line + 1)..];
        bool isPart = line > 0 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && digits == $"{number}";
        return isPart ? (name[..line], int.Parse(digits, CultureInfo.InvariantCulture)) : null;
    }
}
