using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace YiSharp.Recipes;

/// <summary>A YAML parser that refuses what a recipe never needs and an attack does: anchors, aliases and deep nesting.</summary>
internal sealed class BoundedParser(IParser inner, string file) : IParser
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
            throw new InvalidDataException($"{file} line {current.Start.Line} uses an anchor or alias; a recipe spells out its values.");
        }
        _depth += current.NestingIncrease;
        if (_depth > MaxDepth) throw new InvalidDataException($"{file} line {current.Start.Line} nests deeper than {MaxDepth} levels; a recipe needs four.");
        return true;
    }
}
