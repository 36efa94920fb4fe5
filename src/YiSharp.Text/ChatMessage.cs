namespace YiSharp.Text;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: system, user or assistant.</param>
/// <param name="Content">What is said; control tokens written in it are text.</param>
public sealed record ChatMessage(string Role, string Content);
