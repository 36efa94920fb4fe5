using System.Reflection;
using YiSharp.Data;

namespace YiSharp.Evaluation;

/// <summary>Prompts, scoring and extraction of several suites, under a name and a version: what is the same for every model of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Counts changes of prompts and rules.</param>
/// <param name="Suites">A section for each suite.</param>
public sealed record ProtocolPack(string Name, int Version, IReadOnlyDictionary<string, SuiteProtocol> Suites)
{
    /// <summary>The pack of chat models: the prompts that 01.AI published.</summary>
    public const string Default = "yi-zero-shot";

    private const string Prefix = "protocols/", Extension = ".yaml";

    /// <summary>The packs that are built in.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(ProtocolPack).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..^Extension.Length]).Order(StringComparer.Ordinal)];

    /// <summary>A pack by its name, or from a file.</summary>
    /// <param name="name">One of <see cref="Names"/>, or the path of a YAML file.</param>
    /// <exception cref="InvalidDataException">There is none, or the file is wrong.</exception>
    public static ProtocolPack Open(string name)
    {
        if (Names.Contains(name, StringComparer.Ordinal))
        {
            using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name + Extension)!);
            return Read(YamlMap.Parse(name, "protocol", reader));
        }
        if (File.Exists(name)) return Read(YamlMap.Read(name, "protocol", "lm-eval-0.4.yaml"));
        string hint = NearestName.Of(name, Names) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
        throw new InvalidDataException($"There is no protocol '{name}'{hint}; give one of {string.Join(", ", Names)}, or the path of a YAML file.");
    }

    /// <summary>The section of a suite.</summary>
    /// <exception cref="InvalidDataException">The pack has none.</exception>
    public SuiteProtocol this[string suite] => Suites.TryGetValue(suite, out SuiteProtocol? found)
        ? found : throw new InvalidDataException($"The protocol {Name} says nothing about {suite}; it has {string.Join(", ", Suites.Keys)}. Leave the suite out, or give another --protocol.");

    private static ProtocolPack Read(YamlMap map)
    {
        string name = map.Text("name"), template = map.Choice("template", "chat", "chat", "plain");
        int version = (int)map.Integer("version", 1, 1, int.MaxValue);
        YamlMap suites = map.Map("suites");
        map.RequireNoOthers();
        return new ProtocolPack(name, version, suites.Keys.ToDictionary(suite => suite, suite => SuiteProtocol.Read(suites.Map(suite), template), StringComparer.Ordinal));
    }
}
