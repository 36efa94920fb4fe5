using System.CommandLine.Parsing;
using System.Globalization;

namespace YiSharp.Cli;

/// <summary>Numbers with a point, never with a comma: 0,8 is not 8.</summary>
internal static class RealNumber
{
    /// <summary>Parses an option's value.</summary>
    public static double Parse(ArgumentResult result)
    {
        string text = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return value;
        string name = (result.Parent as OptionResult)?.Option.Name ?? "The value";
        result.AddError($"{name} is '{text}'; a number was expected");
        return 0;
    }

    /// <summary>The same for an option that may be absent.</summary>
    public static double? ParseOptional(ArgumentResult result) => Parse(result);
}
