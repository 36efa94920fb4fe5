using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>The values of a verb's <c>--type</c>.</summary>
internal sealed class WeightTypes(IEnumerable<WeightFormat> formats)
{
    private readonly WeightFormat[] _formats = [.. formats];

    /// <summary>The format that was asked for, in any case of its letters.</summary>
    /// <exception cref="UsageException">It is none of them.</exception>
    public WeightFormat Parse(string name) =>
        Array.Find(_formats, format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new UsageException($"--type is '{name}'; one of {this} was expected.");

    /// <summary>The names, as they are typed.</summary>
    public override string ToString() => string.Join(", ", _formats.Select(format => format.Name.ToLowerInvariant()));
}
