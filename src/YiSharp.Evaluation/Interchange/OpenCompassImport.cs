using System.Globalization;
using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>
/// Results of OpenCompass: <c>predictions/MODEL/SET.json</c> (or <c>SET_0.json</c>, … where it was split) says what the model answered, <c>results/MODEL/SET.json</c> how it was
/// judged, item by item where OpenCompass ran with <c>--dump-eval-details</c>. Items that were scored by perplexity hold their judgement themselves.
/// </summary>
internal static class OpenCompassImport
{
    private const string Predictions = "predictions", Results = "results";

    /// <summary>The folder of an experiment, or its newest run; null where a folder is neither.</summary>
    public static string? Find(string folder) => Directory.Exists(Path.Combine(folder, Predictions)) ? folder
        : Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).LastOrDefault(run => Directory.Exists(Path.Combine(run, Predictions)));

    /// <summary>Reads every model of an experiment's run.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    /// <exception cref="NotSupportedException">It is not said which answers were right.</exception>
    public static IReadOnlyList<ImportedRun> ReadAll(string run) =>
    [
        .. Directory.EnumerateDirectories(Path.Combine(run, Predictions)).Order(StringComparer.Ordinal)
            .Select(model => ImportedRun.Of(Path.GetFileName(model), "OpenCompass", 0, [.. Sets(model).SelectMany(set => ReadSet(set.Name, set.Files, Path.Combine(run, Results, Path.GetFileName(model), set.Name + ".json")))])),
    ];

    /// <summary>The sets of a model: whole files, or parts that are numbered from 0.</summary>
    private static IEnumerable<(string Name, string[] Files)> Sets(string model)
    {
        HashSet<string> names = [.. Directory.EnumerateFiles(model, "*.json").Select(file => Path.GetFileNameWithoutExtension(file))];
        if (names.Count == 0) throw new InvalidDataException($"{model} holds no *.json; expected OpenCompass' predictions.");
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            int line = name.LastIndexOf('_');
            bool isPart = line > 0 && int.TryParse(name.AsSpan(line + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _) && names.Contains(name[..line] + "_0");
            if (!isPart) yield return (name, [Path.Combine(model, name + ".json")]);
            else if (name.EndsWith("_0", StringComparison.Ordinal)) yield return (name[..line], [.. Parts(model, name[..line], names)]);
        }
    }

    private static IEnumerable<string> Parts(string model, string name, HashSet<string> names)
    {
        for (int part = 0; names.Contains($"{name}_{part}"); part++) yield return Path.Combine(model, $"{name}_{part}.json");
    }

    private static IEnumerable<Sample> ReadSet(string name, string[] files, string resultPath)
    {
        JsonElement[] items = [.. files.SelectMany(ReadItems)];
        JsonElement?[] details = File.Exists(resultPath) ? Details(ForeignJson.ReadObject(resultPath).Field("details")) : [];
        if (details.Length > 0 && details.Length != items.Length)
            throw new InvalidDataException($"{resultPath} judges {details.Length} items, and {files[0]} has answers to {items.Length}; both must come from one run of OpenCompass.");
        (string Task, string? Subject) task = UpstreamTask.OfOpenCompass(name);
        for (int item = 0; item < items.Length; item++)
        {
            Sample? sample;
            try
            {
                sample = Parse(items[item], details.Length > 0 ? details[item] : null, task, item);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"{files[0]}, item {item} {e.Message}.", e);
            }
            yield return sample ?? throw new NotSupportedException($"{resultPath} does not say which answers to {name} were right; run OpenCompass with --dump-eval-details, and import again.");
        }
    }

    /// <summary>The items of a file in order: an object whose keys are 0, 1, ….</summary>
    private static IEnumerable<JsonElement> ReadItems(string file)
    {
        JsonElement all = ForeignJson.ReadObject(file);
        int count = all.EnumerateObject().Count();
        for (int i = 0; i < count; i++)
            yield return all.Field(i.ToString(CultureInfo.InvariantCulture)) ?? throw new InvalidDataException($"{file} has no item \"{i}\" among its {count}; expected the keys 0 to {count - 1}.");
    }

    /// <summary>Judgements in order: a list, or an object whose keys are 0, 1, … beside others.</summary>
    private static JsonElement?[] Details(JsonElement? details)
    {
        if (details is not { ValueKind: JsonValueKind.Object } keyed) return [.. details.Items().Select(d => (JsonElement?)d)];
        var list = new List<JsonElement?>();
        while (keyed.Field(list.Count.ToString(CultureInfo.InvariantCulture)) is { } detail) list.Add(detail);
        return [.. list];
    }

    /// <summary>An item in our form; null where nothing says whether it is right.</summary>
    private static Sample? Parse(JsonElement item, JsonElement? detail, (string Task, string? Subject) task, int index)
    {
        string prediction = item.Field("prediction")?.Words() ?? "";
        string gold = (item.Field("gold") ?? detail?.Field("references") ?? detail?.Field("answers") ?? detail?.Field("answer"))?.Words() ?? "";
        string[] options = item.ValueKind == JsonValueKind.Object ? [.. item.EnumerateObject().Where(p => p.Name.StartsWith("label: ", StringComparison.Ordinal)).Select(p => p.Name)] : [];
        bool isPerplexity = options.Length > 0;
        string? extracted = isPerplexity ? prediction : (detail?.Field("predictions") ?? detail?.Field("pred"))?.Words();
        bool? right = Truth(detail?.Field("correct") ?? detail?.Field("is_correct"));
        if (right is null && isPerplexity && gold.Length > 0) right = prediction == gold;
        if (right is null && extracted is not null && detail?.Field("references")?.Words() is { } reference) right = extracted == reference;
        if (right is null) return null;

        (string? text, ChatMessage[] messages) = (item.Field("origin_prompt") ?? (isPerplexity ? item.Field(options[0])?.Field("prompt") : null) ?? default).Prompt();
        return new Sample(task.Task, index, messages, gold, new Response(isPerplexity ? "" : prediction, FinishReason.Stop),
            new Prediction(string.IsNullOrWhiteSpace(extracted) && !right.Value ? null : extracted, isPerplexity ? "perplexity" : extracted is null ? null : "OpenCompass", right.Value))
        {
            Subject = task.Subject,
            Prompt = text,
        };
    }

    private static bool? Truth(JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.Value.GetDouble() == 1,
        JsonValueKind.Array when value.Value.GetArrayLength() == 1 => Truth(value.Value[0]),
        _ => null,
    };
}
