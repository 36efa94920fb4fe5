using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using YiSharp.Checkpoints;

namespace YiSharp.Recipes;

/// <summary>
/// What a release is made from, kept in its <c>inputs.json</c>: the recipe and the sha256 of every file it names. A folder that was
/// begun from other inputs is not gone on with.
/// </summary>
internal static class ReleaseInputs
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Name and fingerprint of each input, in a fixed order.</summary>
    public static SortedDictionary<string, string> Of(Recipe recipe, string modelPath)
    {
        var inputs = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["recipe"] = Hash(Encoding.UTF8.GetBytes(recipe.Describe())),
        };
        foreach (string file in Directory.Exists(modelPath) ? Directory.GetFiles(modelPath).Order(StringComparer.Ordinal) : (IEnumerable<string>)[modelPath])
        {
            inputs[$"model/{Path.GetFileName(file)}"] = HashFile(file);
        }
        foreach (AbilityRecipe ability in recipe.Abilities)
        {
            inputs[$"{ability.Name}/data"] = HashFile(recipe.Locate(ability.Data));
            inputs[$"{ability.Name}/eval"] = HashFile(recipe.Locate(ability.Eval));
        }
        if (recipe.Evaluate.Gsm8k is { } gsm8k) inputs["gsm8k"] = HashFile(recipe.Locate(gsm8k));
        if (recipe.Evaluate.Showcase is { } showcase) inputs["showcase"] = HashFile(recipe.Locate(showcase));
        return inputs;
    }

    /// <summary>Deletes what a release wrote into a folder.</summary>
    /// <exception cref="InvalidDataException">There are other things too, or no release.</exception>
    public static void Clear(string folder)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()) return;
        string[] foreign = [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Where(name => !IsOurs(name))];
        if (foreign.Length > 0 || !File.Exists(Path.Combine(folder, "inputs.json")))
        {
            throw new InvalidDataException($"{folder} holds {(foreign.Length > 0 ? foreign[0] : "no inputs.json")}, so it is not deleted as an earlier release; give another --out, or move it away.");
        }
        Directory.Delete(folder, recursive: true);
    }

    private static bool IsOurs(string name) =>
        name is "chat" or "8bits" or "4bits" or "training" or "evaluation" or "inputs.json" or "timings.json" or "report.html" or ReleaseSummary.FileName || name.StartsWith('.');

    /// <summary>Writes the inputs into a folder that has none, or holds them against those it was begun with.</summary>
    /// <exception cref="InvalidDataException">The folder was begun from other inputs.</exception>
    public static void Claim(string folder, SortedDictionary<string, string> inputs)
    {
        string file = Path.Combine(folder, "inputs.json");
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(inputs, Json);
        if (!File.Exists(file))
        {
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new InvalidDataException($"{folder} is not empty and is not a release of yi; give another --out, or move it away.");
            }
            Directory.CreateDirectory(folder);
            AtomicFile.WriteAllBytes(file, bytes);
            return;
        }

        SortedDictionary<string, string>? before;
        try
        {
            before = JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllBytes(file));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} is not JSON ({e.Message.TrimEnd('.')}); move {folder} away or pass --fresh.", e);
        }
        string[] changed = [.. inputs.Keys.Union(before?.Keys ?? Enumerable.Empty<string>()).Where(key => inputs.GetValueOrDefault(key) != before?.GetValueOrDefault(key)).Order(StringComparer.Ordinal)];
        if (changed.Length > 0)
        {
            throw new InvalidDataException($"{folder} was made from other inputs ({string.Join(", ", changed)} changed); pass --fresh to start over, give another --out, or move it away.");
        }
    }

    /// <summary>One fingerprint of several files, by their contents in the order given.</summary>
    public static string HashFiles(IEnumerable<string> files) => Hash(Encoding.ASCII.GetBytes(string.Concat(files.Select(HashFile))));

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string HashFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
