using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>The subjects of a benchmark, and how files, prompts and tables call them.</summary>
internal sealed class BenchmarkSubjects
{
    private static readonly string[] _bigBenchHard =
    [
        "boolean_expressions", "causal_judgement", "date_understanding", "disambiguation_qa", "dyck_languages", "formal_fallacies", "geometric_shapes", "hyperbaton",
        "logical_deduction_five_objects", "logical_deduction_seven_objects", "logical_deduction_three_objects", "movie_recommendation", "multistep_arithmetic_two", "navigate",
        "object_counting", "penguins_in_a_table", "reasoning_about_colored_objects", "ruin_names", "salient_translation_error_detection", "snarks", "sports_understanding",
        "temporal_sequences", "tracking_shuffled_objects_five_objects", "tracking_shuffled_objects_seven_objects", "tracking_shuffled_objects_three_objects", "web_of_lies", "word_sorting",
    ];

    private readonly SortedDictionary<string, (string Title, string? Category)> _subjects = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> _namesOfOne;

    private BenchmarkSubjects(IEnumerable<(string Name, string Title, string? Category)> subjects, IReadOnlyList<string> namesOfOne)
    {
        foreach ((string name, string title, string? category) in subjects) _subjects.Add(name, (title, category));
        _namesOfOne = namesOfOne;
    }

    /// <summary>BIG-Bench Hard's 27.</summary>
    public static BenchmarkSubjects BigBenchHard { get; } = new(_bigBenchHard.Select(name => (name, name.Replace('_', ' '), (string?)null)), []);

    /// <summary>Names, alphabetically.</summary>
    public IReadOnlyCollection<string> Names => _subjects.Keys;

    /// <summary>The subjects of a mapping in <c>benchmarks/</c>, which is part of the program.</summary>
    public static BenchmarkSubjects Mapped(string suite)
    {
        using Stream stream = typeof(BenchmarkSubjects).Assembly.GetManifestResourceStream($"{suite}-mapping.json")!;
        using var document = JsonDocument.Parse(stream);
        return new BenchmarkSubjects(document.RootElement.EnumerateObject().Select(subject => (subject.Name, subject.Value.GetProperty("name").GetString()!, subject.Value.GetProperty("category").GetString())), []);
    }

    /// <summary>A benchmark without subjects, which has one of its own name.</summary>
    /// <param name="name">The suite's name.</param>
    /// <param name="title">As in texts.</param>
    /// <param name="folders">What its files, or the folders in which they lie, are called.</param>
    public static BenchmarkSubjects None(string name, string title, params string[] folders) => new([(name, title, null)], ["", .. folders]);

    /// <summary>Title and category.</summary>
    public (string Title, string? Category) this[string name] => _subjects[name];

    /// <summary>The subject that a file's or folder's name means; null where it means none.</summary>
    public string? Named(string name) => _namesOfOne.Contains(name) ? _subjects.Keys.First() : _subjects.ContainsKey(name) ? name : null;
}
