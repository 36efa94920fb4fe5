using System.Globalization;
using System.Numerics;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <summary>Python's <c>json.dumps</c> with transformers' defaults: <c>ensure_ascii=False</c>, <c>", "</c> and <c>": "</c>, keys as they come.</summary>
internal sealed class JsonPrinter(Budget budget, bool ensureAscii, string? indent, string itemSeparator, string keySeparator, bool sortKeys)
{
    private readonly StringBuilder _output = new();

    public string Print(object? value)
    {
        Append(value, 0);
        return _output.ToString();
    }

    private void Append(object? value, int depth)
    {
        Budget.Descend();
        budget.Spend();
        if (_output.Length > Budget.MaxTextLength) budget.SpendText(_output.Length);
        switch (value)
        {
            case null: _output.Append("null"); break;
            case bool flag: _output.Append(flag ? "true" : "false"); break;
            case BigInteger integer:
                budget.SpendDigits(integer.GetBitLength());
                _output.Append(integer.ToString(CultureInfo.InvariantCulture));
                break;
            case double number: _output.Append(Float(number)); break;
            case TextValue text: AppendString(text.Value); break;
            case ListValue list: AppendArray(list.Items, depth); break;
            case TupleValue tuple: AppendArray(tuple.Items, depth); break;
            case RecordValue { Items: { } items }: AppendArray(items, depth); break;
            case DictValue dict: AppendObject(dict, depth); break;
            default: throw Fail.Type($"Object of type {Python.TypeName(value)} is not JSON serializable");
        }
    }

    private void AppendArray(IReadOnlyList<object?> items, int depth)
    {
        if (items.Count == 0)
        {
            _output.Append("[]");
            return;
        }
        _output.Append('[');
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) _output.Append(itemSeparator);
            NewLine(depth + 1);
            Append(items[i], depth + 1);
        }
        NewLine(depth);
        _output.Append(']');
    }

    private void AppendObject(DictValue dict, int depth)
    {
        if (dict.Count == 0)
        {
            _output.Append("{}");
            return;
        }
        IEnumerable<KeyValuePair<object?, object?>> entries = dict.Entries;
        if (sortKeys) entries = entries.Order(Comparer<KeyValuePair<object?, object?>>.Create((x, y) => Python.Compare(x.Key, y.Key, "<") ?? 0));
        _output.Append('{');
        bool first = true;
        foreach ((object? key, object? value) in entries)
        {
            if (!first) _output.Append(itemSeparator);
            first = false;
            NewLine(depth + 1);
            AppendString(key switch
            {
                TextValue text => text.Value,
                null => "null",
                bool flag => flag ? "true" : "false",
                BigInteger integer => integer.ToString(CultureInfo.InvariantCulture),
                double number => Float(number),
                _ => throw Fail.Type($"keys must be str, int, float, bool or None, not {Python.TypeName(key)}"),
            });
            _output.Append(keySeparator);
            Append(value, depth + 1);
        }
        NewLine(depth);
        _output.Append('}');
    }

    private void NewLine(int depth)
    {
        if (indent is null) return;
        budget.SpendText((long)indent.Length * depth);
        _output.Append('\n');
        for (int i = 0; i < depth; i++) _output.Append(indent);
    }

    private void AppendString(string text)
    {
        budget.SpendText(text.Length);
        _output.Append('"');
        foreach (char c in text)
        {
            switch (c)
            {
                case '"': _output.Append("\\\""); break;
                case '\\': _output.Append("\\\\"); break;
                case '\n': _output.Append("\\n"); break;
                case '\r': _output.Append("\\r"); break;
                case '\t': _output.Append("\\t"); break;
                case '\b': _output.Append("\\b"); break;
                case '\f': _output.Append("\\f"); break;
                default:
                    if (c < ' ' || (ensureAscii && c > '~')) _output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    else _output.Append(c);
                    break;
            }
        }
        _output.Append('"');
    }

    private static string Float(double number) => double.IsNaN(number) ? "NaN" : double.IsPositiveInfinity(number) ? "Infinity" : double.IsNegativeInfinity(number) ? "-Infinity" : Python.FloatRepr(number);
}
