namespace YiSharp.Checkpoints;

/// <summary>Metadata of a GGUF file, read with messages that name file, key, what was found and what was expected.</summary>
internal sealed class GgufMetadata(string path)
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>Values by key in the file's order: see <see cref="GgufFile.Metadata"/>.</summary>
    public IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>Takes an entry, unless the key is there already.</summary>
    public bool TryAdd(string key, object value) => _values.TryAdd(key, value);

    /// <summary>A string of the metadata, or null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public string? Text(string key) => !_values.TryGetValue(key, out object? value) ? null : value as string ?? throw Wrong(key, "a string");

    /// <summary>A flag of the metadata, or null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public bool? Flag(string key) => !_values.TryGetValue(key, out object? value) ? null : value is bool flag ? flag : throw Wrong(key, "true or false");

    /// <summary>Strings of the metadata, or null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public string[]? Texts(string key) => !_values.TryGetValue(key, out object? value) ? null : value as string[] ?? throw Wrong(key, "a list of strings");

    /// <summary>A whole number of the metadata, of any integer type, between bounds; null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else or outside of the bounds.</exception>
    public int? WholeNumber(string key, int min, int max)
    {
        if (!_values.TryGetValue(key, out object? value)) return null;
        return Whole(value) is Int128 n && n >= min && n <= max ? (int)n : throw Wrong(key, $"a whole number from {min} to {max}");
    }

    /// <summary>A number of the metadata between bounds; null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else or outside of the bounds.</exception>
    public double? Number(string key, double min, double max)
    {
        if (!_values.TryGetValue(key, out object? value)) return null;
        double? number = value switch { float v => v, double v => v, _ => null };
        return number >= min && number <= max ? number : throw Wrong(key, $"a number from {min:g} to {max:g}");
    }

    /// <summary>The number that a value of any integer type is, or null.</summary>
    public static Int128? Whole(object? value) => value switch
    {
        byte v => v,
        sbyte v => v,
        ushort v => v,
        short v => v,
        uint v => v,
        int v => v,
        ulong v => v,
        long v => v,
        _ => null,
    };

    /// <summary>The error for metadata that cannot be.</summary>
    public InvalidDataException Wrong(string key, string expected) => new($"{path} says {key} = {Shown(key)}; expected {expected}. The file is damaged or badly converted, fetch or convert it again.");

    /// <summary>A metadata value, shortened for a message.</summary>
    public string Shown(string key)
    {
        if (!_values.TryGetValue(key, out object? value)) return "nothing";
        if (value is Array array) return $"{array.Length} × {value.GetType().GetElementType()!.Name}";
        return JsonFile.Shorten(value.ToString() ?? "");
    }
}
