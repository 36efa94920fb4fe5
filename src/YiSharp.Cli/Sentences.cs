namespace YiSharp.Cli;

/// <summary>Messages of exceptions as people read them.</summary>
internal static class Sentences
{
    /// <summary>The message on one line (a list on a line each), without the parameter's name that the platform appends.</summary>
    public static string Sentence(this Exception e)
    {
        string message = e.Message;
        if (e is ArgumentException { ParamName: { } name })
        {
            string suffix = $" (Parameter '{name}')";
            if (message.EndsWith(suffix, StringComparison.Ordinal)) message = message[..^suffix.Length];
        }
        // A list of bad rows keeps a line for each.
        return string.Join(e is InvalidDataException ? "\n  " : " ", message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
