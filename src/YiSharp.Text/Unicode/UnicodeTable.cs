using System.Globalization;

namespace YiSharp.Text.Unicode;

/// <summary>
/// Reads the tables beside this file. They hold what .NET does not know, or not in invariant-globalization mode: scripts and a few properties (Unicode 16, from
/// Oniguruma's <c>unicode_property_data.c</c>), normalization (Unicode 16, from unicode-rs/unicode-normalization's <c>tables.rs</c>), and the older scripts of tokenizers.
/// </summary>
internal static class UnicodeTable
{
    /// <summary>The lines of a table, cut at spaces.</summary>
    public static IEnumerable<string[]> Lines(string name)
    {
        using Stream stream = typeof(UnicodeTable).Assembly.GetManifestResourceStream("Unicode/" + name) ?? throw new InvalidOperationException($"No table {name}.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line) yield return line.Split(' ');
    }

    /// <summary>A code point written in hexadecimal digits.</summary>
    public static int CodePoint(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>Ranges written <c>0041</c> or <c>0041-005A</c>, ascending.</summary>
    public static IEnumerable<(int First, int Last)> Ranges(IEnumerable<string> fields)
    {
        foreach (string field in fields)
        {
            int dash = field.IndexOf('-', StringComparison.Ordinal);
            yield return dash < 0 ? (CodePoint(field), CodePoint(field)) : (CodePoint(field.AsSpan(0, dash)), CodePoint(field.AsSpan(dash + 1)));
        }
    }
}
