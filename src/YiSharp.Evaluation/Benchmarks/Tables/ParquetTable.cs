using System.Buffers.Binary;
using System.Numerics;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>Parquet files: texts, whole numbers, lists of them, also inside groups; other columns are left out.</summary>
/// <remarks>https://parquet.apache.org/docs/file-format. The numbers of fields are those of parquet.thrift.</remarks>
internal sealed class ParquetTable
{
    /// <summary>
    /// Values of all columns together: so many for each of the file's bytes, and these besides. A value that repeats takes next to no bytes, so a damaged count
    /// could ask for any number; the published files of these benchmarks have less than one for each byte.
    /// </summary>
    private const int ValuesPerByte = 8, ValuesBesides = 100_000;

    /// <summary>Bytes that pages may unpack to: so many for each of the file's, and these besides.</summary>
    private const int UnpackedPerByte = 100, UnpackedBesides = 16 << 20;

    private const int Plain = 0, PlainDictionary = 2, RunLengthDictionary = 8;

    private readonly byte[] _file;
    private long _room;
    private long _values;

    private ParquetTable(byte[] file)
    {
        _file = file;
        _values = (long)file.Length * ValuesPerByte + ValuesBesides;
        _room = (long)file.Length * UnpackedPerByte + UnpackedBesides;
    }

    /// <summary>Reads the rows of a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="bytes">What is in it.</param>
    /// <exception cref="InvalidDataException">It is cut off or damaged.</exception>
    /// <exception cref="NotSupportedException">It is packed or encoded in a way that is not read.</exception>
    public static IReadOnlyList<TableRow> Read(string path, byte[] bytes)
    {
        try
        {
            return [.. new ParquetTable(bytes).Rows().Select((cells, row) => new TableRow($"{path}, row {row + 1},", cells))];
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path} cannot be read as parquet: {e.Message}; it is cut off or damaged, get it again.", e);
        }
        catch (NotSupportedException e)
        {
            throw new NotSupportedException($"{path} {e.Message}.", e);
        }
    }

    private List<Dictionary<string, object?>> Rows()
    {
        ThriftStruct footer = Footer();
        IReadOnlyList<ParquetColumn> columns = ParquetColumn.Of(footer.Structs(2));
        var rows = new List<Dictionary<string, object?>>();
        foreach (ThriftStruct group in footer.Structs(4))
        {
            IReadOnlyList<ThriftStruct> chunks = group.Structs(1);
            if (chunks.Count != columns.Count) throw new InvalidDataException($"a part of it has {Sizes.Of(chunks.Count, "column", "columns")}, and its schema {columns.Count}");
            int first = rows.Count;
            for (int i = 0; i < columns.Count; i++)
            {
                if (columns[i].IsRead) Add(rows, first, columns[i].Name, Cells(columns[i], chunks[i].Struct(3) ?? throw new InvalidDataException("a column lies in another file")));
            }
        }
        return rows;
    }

    private ThriftStruct Footer()
    {
        const int Tail = 8;
        ReadOnlySpan<byte> magic = "PAR1"u8;
        if (_file.Length < Tail + magic.Length || !_file.AsSpan().StartsWith(magic)) throw new InvalidDataException("it does not begin with PAR1");
        if (!_file.AsSpan().EndsWith(magic)) throw new InvalidDataException("it does not end with PAR1");
        int length = BinaryPrimitives.ReadInt32LittleEndian(_file.AsSpan(_file.Length - Tail));
        if (length < 0 || length > _file.Length - Tail - magic.Length) throw new InvalidDataException("its footer is longer than it is");
        return new ThriftReader(_file.AsMemory(0, _file.Length - Tail), _file.Length - Tail - length).Read();
    }

    private static void Add(List<Dictionary<string, object?>> rows, int first, string name, List<object?> cells)
    {
        if (rows.Count == first) rows.AddRange(cells.Select(_ => new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)));
        if (rows.Count - first != cells.Count) throw new InvalidDataException($"its column \"{name}\" has {Sizes.Of(cells.Count, "row", "rows")}, and another {rows.Count - first}");
        for (int i = 0; i < cells.Count; i++) rows[first + i][name] = cells[i];
    }

    /// <summary>A cell a row.</summary>
    private List<object?> Cells(ParquetColumn column, ThriftStruct chunk)
    {
        var cells = new List<object?>();
        object?[]? dictionary = null;
        long left = chunk.Whole(5);
        int position = chunk.Whole(11) > 0 ? Math.Min(chunk.Count(11), chunk.Count(9)) : chunk.Count(9);
        while (left > 0)
        {
            int start = position;
            ParquetPage page = ParquetPage.Read(_file, ref position, chunk.Count(4), _room);
            _room -= position - start + page.Body.Length;
            if (page.Kind == ParquetPage.Dictionary)
            {
                ThriftStruct header = page.Header.Struct(7) ?? throw new InvalidDataException("a dictionary's page has no header");
                dictionary = new ParquetDecoder(page.Body.Span).Plain(column.Type, Spend(header.Count(1)));
            }
            else if (page.Kind is ParquetPage.Data or ParquetPage.DataV2)
            {
                ThriftStruct header = page.Header.Struct(page.Kind == ParquetPage.Data ? 5 : 8) ?? throw new InvalidDataException("a page has no header");
                int count = Spend(header.Count(1));
                if (count == 0) throw new InvalidDataException("a page has no values");
                left -= count;
                AddPage(cells, column, page, header, count, dictionary);
            }
        }
        return cells;
    }

    /// <summary>Adds a page's cells: levels say where a value is missing (definition) and where a row begins (repetition).</summary>
    private static void AddPage(List<object?> cells, ParquetColumn column, ParquetPage page, ThriftStruct header, int count, object?[]? dictionary)
    {
        bool isSecond = page.Kind == ParquetPage.DataV2;
        var body = new ParquetDecoder(page.Body.Span);
        int repetitionLength = isSecond ? header.Count(6) : 0;
        int[] repetition = Levels(column.MaxRepetition, count, isSecond ? page.Levels.Span[..repetitionLength] : column.MaxRepetition > 0 ? body.Prefixed() : default);
        int[] definition = Levels(column.MaxDefinition, count, isSecond ? page.Levels.Span[repetitionLength..] : column.MaxDefinition > 0 ? body.Prefixed() : default);
        object?[] values = Values(ref body, column.Type, header.Whole(isSecond ? 4 : 2), definition.Count(level => level == column.MaxDefinition), dictionary);
        int next = 0;
        for (int i = 0; i < count; i++)
        {
            object? value = definition[i] == column.MaxDefinition ? values[next++] : null;
            if (column.MaxRepetition == 0)
            {
                cells.Add(value);
                continue;
            }
            if (repetition[i] == 0) cells.Add(new List<object?>());
            if (cells.Count == 0) throw new InvalidDataException("a list goes on before one has begun");
            if (definition[i] >= column.ElementDefinition) ((List<object?>)cells[^1]!).Add(value);
        }
    }

    private static int[] Levels(int max, int count, ReadOnlySpan<byte> bytes)
    {
        if (max == 0) return new int[count];
        int[] levels = new ParquetDecoder(bytes).Hybrid(BitOperations.Log2((uint)max) + 1, count);
        return levels.AsSpan().ContainsAnyExceptInRange(0, max) ? throw new InvalidDataException("a page has a level that its column does not have") : levels;
    }

    private static object?[] Values(ref ParquetDecoder body, int type, long encoding, int count, object?[]? dictionary)
    {
        if (encoding == Plain) return body.Plain(type, count);
        if (encoding is not (PlainDictionary or RunLengthDictionary)) throw new NotSupportedException($"has values in parquet's encoding {encoding}; expected plain values or a dictionary");
        if (count == 0) return [];
        if (dictionary is null) throw new InvalidDataException("a page refers to a dictionary that is not there");
        int[] entries = body.Hybrid(body.Byte(), count);
        return Array.ConvertAll(entries, entry => (uint)entry < (uint)dictionary.Length ? dictionary[entry] : throw new InvalidDataException($"a page refers to entry {entry} of a dictionary of {dictionary.Length}"));
    }

    private int Spend(int count) => (_values -= count) >= 0 ? count : throw new InvalidDataException($"it has more values than a file of {_file.Length:N0} bytes may");
}
