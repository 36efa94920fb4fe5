using System.Globalization;
using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary>What <c>yi stats</c> reads from a line and writes to one.</summary>
internal static class StatisticFields
{
    /// <summary>Largest size of a number: its fourth power, times a million, is still a double.</summary>
    private const double MaxSize = 1e75;

    /// <summary>A number that has to be there.</summary>
    public static double Required(this JsonFields fields, string name)
    {
        RequireField(fields, name);
        return fields.Number(name, 0);
    }

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/> that has to be there.</summary>
    public static double Within(this JsonFields fields, string name, double low, double high) => fields.Required(name) is var number && number >= low && number <= high
        ? number
        : throw new ArgumentException($"Field \"{name}\" is {Text(number)}; a number from {Text(low)} to {Text(high)} was expected.");

    /// <summary>A number between <paramref name="low"/> and <paramref name="high"/>, both excluded, that has to be there.</summary>
    public static double Between(this JsonFields fields, string name, double low, double high) => fields.Required(name) is var number && number > low && number < high
        ? number
        : throw new ArgumentException($"Field \"{name}\" is {Text(number)}; a number above {Text(low)} and below {Text(high)} was expected.");

    /// <summary>A whole number that has to be there, <paramref name="least"/> or more and at most <paramref name="most"/>.</summary>
    public static int Count(this JsonFields fields, string name, int least = 0, int most = int.MaxValue)
    {
        RequireField(fields, name);
        int count = fields.Integer(name, 0);
        if (count < least) throw new ArgumentException($"Field \"{name}\" is {count}; a whole number from {least} on was expected.");
        if (count > most) throw new ArgumentException($"Field \"{name}\" is {count}; at most {most} was expected.");
        return count;
    }

    /// <summary>The field <c>level</c>, 0.95 when absent.</summary>
    public static double Level(this JsonFields fields) => fields.Has("level") ? fields.Between("level", 0, 1) : Interval.DefaultLevel;

    /// <summary>A list of numbers that has to be there.</summary>
    public static double[] Numbers(this JsonFields fields, string name) => [.. Elements(fields, name).Select((item, i) => Number(item, $"Field \"{name}\"", i))];

    /// <summary>A list of whole numbers that has to be there.</summary>
    public static int[] Integers(this JsonFields fields, string name) => [.. fields.Numbers(name).Select((number, i) =>
        number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : throw new ArgumentException($"Field \"{name}\" has {Text(number)} at index {i}; a whole number of at most 32 bits was expected."))];

    /// <summary>A list of numbers and nulls that has to be there.</summary>
    public static double?[] NumbersOrNull(this JsonFields fields, string name) => NumbersOrNull(Elements(fields, name), $"Field \"{name}\"");

    /// <summary>A list of lists of numbers that has to be there.</summary>
    public static double[][] Rows(this JsonFields fields, string name) => [.. Elements(fields, name).Select((row, r) =>
        List(row, name, r).EnumerateArray().Select((item, i) => Number(item, $"Row {r} of field \"{name}\"", i)).ToArray())];

    /// <summary>A list of lists of numbers and nulls that has to be there.</summary>
    public static double?[][] RowsOrNull(this JsonFields fields, string name) => [.. Elements(fields, name).Select((row, r) =>
        NumbersOrNull(List(row, name, r).EnumerateArray(), $"Row {r} of field \"{name}\""))];

    /// <summary>A list of names that has to be there: strings, numbers, true and false, told apart.</summary>
    public static string[] Labels(this JsonFields fields, string name) => [.. Elements(fields, name).Select((item, i) => item.ValueKind switch
    {
        JsonValueKind.Number => Text(Number(item, $"Field \"{name}\"", i)),
        JsonValueKind.String => Quoted(item, name, i),
        JsonValueKind.True or JsonValueKind.False => item.GetRawText(),
        _ => throw new ArgumentException($"Field \"{name}\" has {JsonFields.Describe(item)} at index {i}; a string or a number was expected."),
    })];

    /// <summary>Whether all labels of a list are whole numbers, written as such.</summary>
    public static bool AreIntegers(this JsonFields fields, string name) => Elements(fields, name).All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out _));

    /// <summary>A number; null where it is undefined, <c>"Infinity"</c> and <c>"-Infinity"</c> as strings.</summary>
    public static void WriteReal(this Utf8JsonWriter writer, string name, double? value)
    {
        writer.WritePropertyName(name);
        writer.WriteRealValue(value);
    }

    /// <summary>A list of such numbers.</summary>
    public static void WriteReals(this Utf8JsonWriter writer, string name, IEnumerable<double> values)
    {
        writer.WritePropertyName(name);
        writer.WriteRealValues(values);
    }

    /// <summary>A list of such numbers without a name.</summary>
    public static void WriteRealValues(this Utf8JsonWriter writer, IEnumerable<double> values)
    {
        writer.WriteStartArray();
        foreach (double value in values) writer.WriteRealValue(value);
        writer.WriteEndArray();
    }

    /// <summary>An interval as a list of two; null where it is undefined.</summary>
    public static void WriteInterval(this Utf8JsonWriter writer, string name, Interval? interval)
    {
        if (interval is { } ends) writer.WriteReals(name, [ends.Low, ends.High]);
        else writer.WriteNull(name);
    }

    private static void WriteRealValue(this Utf8JsonWriter writer, double? value)
    {
        if (value is null or double.NaN) writer.WriteNullValue();
        else if (double.IsFinite(value.Value)) writer.WriteNumberValue(value.Value);
        else writer.WriteStringValue(value > 0 ? "Infinity" : "-Infinity");
    }

    private static void RequireField(JsonFields fields, string name)
    {
        if (!fields.Has(name)) throw new ArgumentException($"Field \"{name}\" is missing.");
    }

    private static JsonElement.ArrayEnumerator Elements(JsonFields fields, string name)
    {
        RequireField(fields, name);
        return fields.List(name)!.Value.EnumerateArray();
    }

    /// <summary>A string in quotes, so that "1" is not 1.</summary>
    private static string Quoted(JsonElement item, string name, int index)
    {
        try
        {
            return $"\"{item.GetString()}\"";
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException($"Field \"{name}\" has no Unicode text at index {index}: it holds half a surrogate pair or bytes that are not UTF-8.", e);
        }
    }

    private static double?[] NumbersOrNull(IEnumerable<JsonElement> items, string where) =>
        [.. items.Select((item, i) => item.ValueKind == JsonValueKind.Null ? (double?)null : Number(item, where, i))];

    private static JsonElement List(JsonElement row, string name, int index) => row.ValueKind == JsonValueKind.Array
        ? row
        : throw new ArgumentException($"Field \"{name}\" has {JsonFields.Describe(row)} at index {index}; a list was expected.");

    private static double Number(JsonElement item, string where, int index)
    {
        if (item.ValueKind != JsonValueKind.Number) throw new ArgumentException($"{where} has {JsonFields.Describe(item)} at index {index}; a number was expected.");
        return item.TryGetDouble(out double number) && Math.Abs(number) <= MaxSize
            ? number
            : throw new ArgumentException($"{where} has {JsonFields.Describe(item)} at index {index}; a number of at most {Text(MaxSize)} in size was expected.");
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
