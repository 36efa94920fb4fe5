namespace YiSharp.Text.Regex;

/// <summary>A pattern that cannot be read, or asks for what this engine does not do.</summary>
internal sealed class PatternException(string message, bool isUnknown) : Exception(message)
{
    /// <summary>The pattern may be right, but asks for something that we do not know.</summary>
    public bool IsUnknown { get; } = isUnknown;
}
