namespace YiSharp.Text.Jinja;

/// <summary>A macro and the variables it can see.</summary>
internal sealed record MacroValue(MacroDefinition Definition, Scope Scope);
