namespace YiSharp.Cli;

/// <summary>Messages of exceptions as people read them.</summary>
internal static class Sentences
{
    /// <summary>The message on one line, without the parameter's name that the platform appends.</summary>
    public static string Sentence(this Exception e)
    {
        string message = e.Message;
        if (e is ArgumentException { ParamName: { } name })
        {
            string suffix = $" (Parameter '{name}')";
            if (message.EndsWith(suffix, StringComparison.Ordinal)) message = message[..^suffix.Length];
        }
        return string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
