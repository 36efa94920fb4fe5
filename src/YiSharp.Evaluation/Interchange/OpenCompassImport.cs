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
        string[] models = [.. Names(run, Predictions, Directory.EnumerateDirectories)];
        if (models.Length == 0) throw new InvalidDataException($"{Path.Combine(run, Predictions)} holds no model's folder; expected OpenCompass' predictions.");
        if (Names(run, Results, Directory.EnumerateDirectories).Except(models, StringComparer.Ordinal).FirstOrDefault() is { } unanswered)
            throw new InvalidDataException($"{Path.Combine(run, Results, unanswered)} judges answers, and there is no {Path.Combine(run, Predictions, unanswered)} with them; get that folder too.");
        return [.. models.Select(model => Read(run, model))];
    }

    private static ImportedRun Read(string run, string model)
    {
        string answers = Path.Combine(run, Predictions, model), judgements = Path.Combine(run, Results, model);
        (string Name, string[] Files)[] sets = [.. Sets(answers)];
        if (Names(run, Path.Combine(Results, model), folder => Directory.EnumerateFiles(folder, "*.json")).Select(Path.GetFileNameWithoutExtension).Except(sets.Select(set => set.Name), StringComparer.Ordinal).FirstOrDefault() is { } unanswered)
            throw new InvalidDataException($"{Path.Combine(judgements, unanswered + ".json")} judges answers, and there is no {Path.Combine(answers, unanswered + ".json")} with them; get that file too.");
        Sample[] samples = [.. sets.SelectMany(set => ReadSet(set.Name, set.Files, Path.Combine(judgements, set.Name + ".json")))];
        return ImportedRun.Of(model, new EvaluationProtocol { Name = Program, Generation = EvaluationProtocol.NotKnown, MaxNewTokens = 0, BatchSize = 0 }, samples, _ => null) with
        {
            Remarks = samples.All(sample => sample.Prediction.Rule == OpenCompassItem.Perplexity) ? [] : [$"{Program} does not say which answers the limit of tokens cut off; none counts as cut off."],
        };
    }

    /// <summary>Names of what a folder of the run holds; none where it is not there.</summary>
    private static IEnumerable<string> Names(string run, string folder, Func<string, IEnumerable<string>> list) =>
        Path.Combine(run, folder) is var path && Directory.Exists(path) ? list(path).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal) : [];

    /// <summary>The sets of a model: whole files, or parts that are numbered from 0.</summary>
    private static IEnumerable<(string Name, string[] Files)> Sets(string model)
    {
        string[] names = [.. Directory.EnumerateFiles(model, "*.json").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];
        if (names.Length == 0) throw new InvalidDataException($"{model} holds no *.json; expected OpenCompass' predictions.");
        foreach (var set in names.GroupBy(name => PartOf(name) is { } part && names.Contains(part.Set + "_0") ? part.Set : name, StringComparer.Ordinal))
        {
            int[] parts = [.. set.Where(name => name != set.Key).Select(name => PartOf(name)!.Value.Number).Order()];
            if (parts.Length > 0 && set.Contains(set.Key)) throw new InvalidDataException($"{model} holds {set.Key}.json and {set.Key}_0.json; expected a set's answers whole or in parts, not both.");
            if (parts.Length > 0 && parts.Length <= parts[^1])
                throw new InvalidDataException($"{model} holds {set.Key}_{parts[^1]}.json and not {set.Key}_{Enumerable.Range(0, parts.Length).First(part => parts[part] != part)}.json; expected every part of a set's answers, numbered from 0.");
            yield return (set.Key, parts.Length == 0 ? [Path.Combine(model, set.Key + ".json")] : [.. parts.Select(part => Path.Combine(model, string.Create(CultureInfo.InvariantCulture, $"{set.Key}_{part}.json")))]);
        }
    }

    private static (string Set, int Number)? PartOf(string name) =>
        name.LastIndexOf('_') is > 0 and var line && int.TryParse(name.AsSpan(line + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && name[(line + 1)..] == number.ToString(CultureInfo.InvariantCulture)
            ? (name[..line], number) : null;

    private static List<Sample> ReadSet(string name, string[] files, string resultPath)
    {
        JsonElement[] items = [.. files.SelectMany(ReadItems)];
        JsonElement? result = File.Exists(resultPath) ? ForeignJson.ReadObject(resultPath) : null;
        JsonElement?[] details = Details(result?.Field("details"));
        if (details.Length > 0 && details.Length != items.Length)
            throw new InvalidDataException($"{resultPath} judges {details.Length} items, and {files[0]} has answers to {items.Length}; both must come from one run of OpenCompass.");
        (string Task, string? Subject) task = UpstreamTask.OfOpenCompass(name);
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
                throw new InvalidDataException($"{files[0]}, item {item} {e.Message}.", e);
            }
            samples.Add(sample ?? throw new NotSupportedException($"{resultPath} does not say which answers to {name} were right; run OpenCompass with --dump-eval-details, and import again."));
        }
        double points = 100 * samples.Average(sample => sample.Score);
        if (result?.Field(Accuracy) is { ValueKind: JsonValueKind.Number } said && !(Math.Abs(said.GetDouble() - points) <= Rounding))
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{resultPath} has the {Accuracy} {said.GetDouble():0.##}, and what it says of single answers to {name} makes {points:0.##}; both must come from one run of OpenCompass, with --dump-eval-details."));
        return samples;
    }

    /// <summary>The items of a file in order: an object whose keys are 0, 1, ….</summary>
    private static JsonElement[] ReadItems(string file)
    {
        JsonElement all = ForeignJson.ReadObject(file);
        int count = all.EnumerateObject().Count();
        if (count == 0) throw new InvalidDataException($"{file} holds no item; expected an object with the keys 0, 1, ….");
        return [.. Enumerable.Range(0, count).Select(i => all.Field(i.ToString(CultureInfo.InvariantCulture)) ?? throw new InvalidDataException($"{file} has no item \"{i}\" among its {count}; expected the keys 0 to {count - 1}."))];
    }

    /// <summary>Judgements in order: a list, or an object whose keys are 0, 1, … beside others.</summary>
    private static JsonElement?[] Details(JsonElement? details)
    {
        if (details is not { ValueKind: JsonValueKind.Object } keyed) return [.. details.Items().Select(d => (JsonElement?)d)];
        var list = new List<JsonElement?>();
        while (keyed.Field(list.Count.ToString(CultureInfo.InvariantCulture)) is { } detail) list.Add(detail);
        return [.. list];
    }
}
