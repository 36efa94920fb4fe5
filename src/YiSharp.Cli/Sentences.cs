namespace YiSharp.Cli;

/// <summary>Messages of exceptions as people read them.</summary>
internal static class Sentences
{
    private const string ItemStart = "\n  ";

    /// <summary>
    /// The message on one line, without the parameter's name that the platform appends and with no character that steers a terminal. A list of
    /// bad rows, whose lines are indented, keeps a line for each.
    /// </summary>
    public static string Sentence(this Exception e)
    {
        string message = e.Message;
        if (e is ArgumentException { ParamName: { } name })
        {
            string suffix = $" (Parameter '{name}')";
            if (message.EndsWith(suffix, StringComparison.Ordinal)) message = message[..^suffix.Length];
        }
        string[] items = e is InvalidDataException ? message.Split(ItemStart, StringSplitOptions.RemoveEmptyEntries) : [message];
        return string.Join(ItemStart, items.Select(OneLine));
    }

    /// <summary>The text on one line, its line ends spaces, with no character that steers a terminal.</summary>
    public static string OneLine(string text)
    {
        string line = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return Printable(line);
    }

    /// <summary>The text with � for every control character: what comes from a file must not steer a terminal.</summary>
    public static string Printable(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
}
