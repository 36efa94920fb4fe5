namespace YiSharp.Evaluation;

/// <summary>A column of a parquet file.</summary>
/// <param name="Name">Its path without the levels that a list has below its name: <c>mc1_targets.choices</c>.</param>
/// <param name="Type">How values are stored.</param>
/// <param name="MaxDefinition">The definition level of a value that is there.</param>
/// <param name="MaxRepetition">Lists around a value.</param>
/// <param name="ElementDefinition">The least definition level at which a list has an element.</param>
internal sealed record ParquetColumn(string Name, int Type, int MaxDefinition, int MaxRepetition, int ElementDefinition)
{
    /// <summary>Types of values that are read.</summary>
    public const int Int32 = 1, Int64 = 2, Bytes = 6;

    private const int MaxDepth = 16;
    private const int Optional = 1, Repeated = 2;

    /// <summary>Whether the values are among those that benchmarks need: texts and whole numbers, and lists of them.</summary>
    public bool IsRead => Type is Int32 or Int64 or Bytes && MaxRepetition <= 1;

    /// <summary>The columns of a schema, in the order of the file.</summary>
    /// <param name="schema">Groups and columns, each group before what is in it.</param>
    /// <exception cref="InvalidDataException">The schema is none; the message is a clause.</exception>
    public static IReadOnlyList<ParquetColumn> Of(IReadOnlyList<ThriftStruct> schema)
    {
        var columns = new List<ParquetColumn>();
        int next = 1;
        for (int i = schema.Count > 0 ? schema[0].Count(5) : 0; i > 0; i--) Walk("", 0, 0, 0, isListElement: false, depth: 0);
        return columns;

        void Walk(string prefix, int definition, int repetition, int elementDefinition, bool isListElement, int depth)
        {
            if (next >= schema.Count || depth > MaxDepth) throw new InvalidDataException("its schema ends within a group");
            ThriftStruct element = schema[next++];
            int children = element.Count(5);
            long kind = element.Whole(3);
            if (kind is Optional or Repeated) definition++;
            if (kind == Repeated) (repetition, elementDefinition) = (repetition + 1, definition);
            bool isLevelOfList = isListElement || (kind == Repeated && children > 0);
            string name = isLevelOfList ? prefix : prefix.Length == 0 ? element.Text(4) : $"{prefix}.{element.Text(4)}";
            if (children == 0) columns.Add(new ParquetColumn(name, element.Count(1), definition, repetition, elementDefinition));
            for (int i = 0; i < children; i++) Walk(name, definition, repetition, elementDefinition, isListElement: kind == Repeated, depth + 1);
        }
    }
}
