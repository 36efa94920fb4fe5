using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace YiSharp.Data;

/// <summary>A YAML parser that refuses what our files never need and an attack does: anchors, aliases and deep nesting.</summary>
internal sealed class BoundedParser(IParser inner, string file, string noun) : IParser
{
    private const int MaxDepth = 16;

    private int _depth;

    /// <inheritdoc/>
    public ParsingEvent? Current => inner.Current;

    /// <inheritdoc/>
    public bool MoveNext()
    {
        if (!inner.MoveNext()) return false;
        ParsingEvent current = inner.Current!;
        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
        {
            throw new InvalidDataException($"{file} line {current.Start.Line} uses an anchor or alias; a {noun} spells out its values.");
        }
        _depth += current.NestingIncrease;
        if (_depth > MaxDepth) throw new InvalidDataException($"{file} line {current.Start.Line} nests deeper than {MaxDepth} levels; a {noun} needs four.");
        return true;
    }
}
