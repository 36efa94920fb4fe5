using System.Globalization;
using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>
/// Results of OpenCompass: <c>predictions/MODEL/SET.json</c> (or <c>SET_0.json</c>, … where it was split) says what the model answered, <c>results/MODEL/SET.json</c> how it was
/// judged, item by item where OpenCompass ran with <c>--dump-eval-details</c>. Items that were scored by perplexity hold their judgement themselves.
/// </summary>
internal static class OpenCompassImport
{
    private const string Program = "OpenCompass", Predictions = "predictions", Results = "results";
    private const string Details = "--dump-eval-details", OneRun = "both must come from one run of OpenCompass";
    private const string Accuracy = "accuracy"; // in points of 100
    private const double Rounding = 0.01; // of points: some of its evaluators give two decimals

    /// <summary>The folder of an experiment, or its newest run; null where a folder is neither.</summary>
    public static string? Find(string folder) => Directory.Exists(Path.Combine(folder, Predictions)) ? folder
        : Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).LastOrDefault(run => Directory.Exists(Path.Combine(run, Predictions)));

    /// <summary>Reads every model of an experiment's run.</summary>
    /// <exception cref="InvalidDataException">A file is missing or damaged, or contradicts another.</exception>
    /// <exception cref="NotSupportedException">It is not said which answers were right.</exception>
    public static IReadOnlyList<ImportedRun> ReadAll(string run)
    {
        string answers = Path.Combine(run, Predictions), judgements = Path.Combine(run, Results);
        string[] models = [.. Directory.EnumerateDirectories(answers).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];
        if (models.Length == 0) throw new InvalidDataException($"{answers} holds no model's folder; expected OpenCompass' predictions.");
        RequireAnswers(judgements, Directory.EnumerateDirectories, folder => Path.Combine(answers, Path.GetFileName(folder)), Directory.Exists);
        return [.. models.Select(model => Read(model, Path.Combine(answers, model), Path.Combine(judgements, model)))];
    }

    private static ImportedRun Read(string model, string answers, string judgements)
    {
        IReadOnlyList<OpenCompassSet> sets = OpenCompassSet.All(answers);
        HashSet<string> answered = [.. sets.Select(set => Path.Combine(answers, set.Name + ".json"))];
        RequireAnswers(judgements, folder => Directory.EnumerateFiles(folder, "*.json"), file => Path.Combine(answers, Path.GetFileName(file)), answered.Contains);
        Sample[] samples = [.. sets.SelectMany(set => ReadSet(set, Path.Combine(judgements, set.Name + ".json")))];
        bool areWritten = samples.Any(sample => sample.Prediction.Rule != OpenCompassItem.Perplexity);
        return ImportedRun.Of(model, new EvaluationProtocol { Name = Program, Generation = EvaluationProtocol.NotKnown, MaxNewTokens = 0, BatchSize = 0 }, samples) with
        {
            Remarks = areWritten ? [$"{Program} does not say which answers the limit of tokens cut off; none counts as cut off."] : [],
        };
    }

    /// <exception cref="InvalidDataException">Judgements have no answers beside them.</exception>
    private static void RequireAnswers(string judgements, Func<string, IEnumerable<string>> list, Func<string, string> answersOf, Func<string, bool> areThere)
    {
        if (Directory.Exists(judgements) && list(judgements).Order(StringComparer.Ordinal).FirstOrDefault(path => !areThere(answersOf(path))) is { } path)
            throw new InvalidDataException($"{path} judges answers, and there is no {answersOf(path)} with them; get that too.");
    }

    private static List<Sample> ReadSet(OpenCompassSet set, string resultPath)
    {
        JsonElement[] items = [.. set.Files.SelectMany(ReadItems)];
        JsonElement? result = File.Exists(resultPath) ? ForeignJson.ReadObject(resultPath) : null;
        JsonElement?[] details = InOrder(result?.Field("details"));
        if (details.Length > 0 && details.Length != items.Length)
            throw new InvalidDataException($"{resultPath} judges {details.Length} items, and {set.Files[0]} has answers to {items.Length}; {OneRun}.");
        (string Task, string? Subject) task = UpstreamTask.OfOpenCompass(set.Name);
        var samples = new List<Sample>(items.Length);
        for (int item = 0; item < items.Length; item++)
        {
            Sample? sample;
            try
            {
                sample = OpenCompassItem.Parse(items[item], details.Length > 0 ? details[item] : null, task, item);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"{set.Files[0]}, item {item} {e.Message}.", e);
            }
            if (sample is null) throw new NotSupportedException($"{resultPath} does not say which answers to {set.Name} were right; run OpenCompass with {Details}, and import again.");
            samples.Add(sample);
        }
        double points = 100 * samples.Average(sample => sample.Score);
        if (result?.Field(Accuracy)?.FiniteNumber() is { } said && Math.Abs(said - points) > Rounding)
        {
            string both = string.Create(CultureInfo.InvariantCulture, $"has the {Accuracy} {said:0.##}, and what it says of single answers to {set.Name} makes {points:0.##}");
            throw new InvalidDataException($"{resultPath} {both}; {OneRun}, with {Details}.");
        }
        return samples;
    }

    /// <summary>The items of a file in order: an object whose keys are 0, 1, ….</summary>
    private static JsonElement[] ReadItems(string file)
    {
        Dictionary<string, JsonElement> all = ((JsonElement?)ForeignJson.ReadObject(file)).Fields();
        if (all.Count == 0) throw new InvalidDataException($"{file} holds no item; expected an object with the keys 0, 1, ….");
        JsonElement Item(int i) => all.TryGetValue($"{i}", out JsonElement item) ? item : throw new InvalidDataException($"{file} has no item \"{i}\" among its {all.Count}; expected the keys 0 to {all.Count - 1}.");
        return [.. Enumerable.Range(0, all.Count).Select(Item)];
    }

    /// <summary>Judgements in order: a list, or an object whose keys are 0, 1, … beside others.</summary>
    private static JsonElement?[] InOrder(JsonElement? details)
    {
        if (details is not { ValueKind: JsonValueKind.Object }) return [.. details.Items().Select(d => (JsonElement?)d)];
        Dictionary<string, JsonElement> keyed = details.Fields();
        var list = new List<JsonElement?>();
        while (keyed.TryGetValue($"{list.Count}", out JsonElement detail)) list.Add(detail);
        return [.. list];
    }
}
