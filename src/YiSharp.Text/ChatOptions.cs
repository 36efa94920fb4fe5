using System.Text.Json;

namespace YiSharp.Text;

/// <summary>What a conversation is rendered with beside its messages.</summary>
public sealed record ChatOptions
{
    /// <summary>Ends with the opening of the assistant's turn, for a model to go on from.</summary>
    /// <value>Default: false.</value>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Stops where the last message's content stops, for a model to continue it.</summary>
    /// <value>Default: false.</value>
    public bool ContinueFinalMessage { get; init; }

    /// <summary><c>tools</c>: a JSON array of function descriptions, or null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary><c>documents</c>: a JSON array, or null for none.</summary>
    public JsonElement? Documents { get; init; }

    /// <summary>Further variables, such as <c>enable_thinking</c>; they may replace the special tokens' names too.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>What <c>strftime_now</c> reads.</summary>
    /// <value>Default: the time of rendering, UTC.</value>
    public DateTime? Now { get; init; }
}
