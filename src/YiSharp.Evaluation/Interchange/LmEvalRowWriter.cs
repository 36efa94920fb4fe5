using System.Globalization;
using System.Text.Json.Nodes;

namespace YiSharp.Evaluation;

/// <summary>A sample as a row of lm-evaluation-harness, with what its rows have no place for in <see cref="OwnFields"/>.</summary>
internal static class LmEvalRowWriter
{
    private const int Letters = 26;

    /// <summary>The row.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="task">Its task.</param>
    /// <param name="generation">How the task's answers were written.</param>
    public static JsonObject ToJson(Sample sample, ExportedTask task, GenerationArguments generation)
    {
        string target = TargetOf(sample), metric = task.Metrics[0];
        JsonObject document = Document(sample), arguments = Arguments(sample, task, generation);
        (JsonArray said, JsonArray read) = Responses(sample, task);
        var row = new JsonObject
        {
            ["doc_id"] = sample.Item,
            ["doc"] = document,
            ["target"] = target,
            ["arguments"] = arguments,
            ["resps"] = said,
            ["filtered_resps"] = read,
            ["filter"] = task.Filter,
            ["metrics"] = new JsonArray([metric, .. sample.Metrics?.Keys ?? []]),
            ["doc_hash"] = LmEvalExport.Hash(document.ToJsonString(LmEvalExport.Indented)),
            ["prompt_hash"] = LmEvalExport.Hash(SampleBlocks.Question(sample)),
            ["target_hash"] = LmEvalExport.Hash(target),
            [metric] = sample.Score,
        };
        foreach ((string name, double value) in sample.Metrics ?? new Dictionary<string, double>()) row[name] = value;
        row[OwnFields.Name] = OwnFields.Of(sample, isSaid: said.Count > 0 && sample.LogLikelihoods is null);
        return row;
    }

    /// <summary>The first right option's place, or the answer itself.</summary>
    private static string TargetOf(Sample sample) => HardestItems.RightOptions(sample).Select(i => i.ToString(CultureInfo.InvariantCulture)).FirstOrDefault() ?? sample.Answer;

    /// <summary>A request for each option, or one for the answer. Of options that nobody scored only the prompt is known.</summary>
    private static JsonObject Arguments(Sample sample, ExportedTask task, GenerationArguments generation)
    {
        IEnumerable<JsonNode> asked = sample.LogLikelihoods is { } scored ? scored.Select((_, i) => (JsonNode)(sample.Options?[i] ?? Letter(i)))
            : [task.IsChoice ? "" : generation.ToJson()];
        string prompt = SampleBlocks.Question(sample);
        return new JsonObject([.. asked.Select((argument, i) => KeyValuePair.Create($"gen_args_{i}", (JsonNode?)new JsonObject { ["arg_0"] = prompt, ["arg_1"] = argument }))]);
    }

    /// <summary>What the model said, and what was read out of it.</summary>
    private static (JsonArray Said, JsonArray Read) Responses(Sample sample, ExportedTask task)
    {
        if (sample.LogLikelihoods is not { } options) return task.IsChoice ? ([], []) : ([new JsonArray(sample.Response.Text)], [OwnFields.FilteredOf(sample)]);
        // Whether an option is what the model would have written is not known; a letter that is likeliest nearly always is, a sentence hardly ever.
        double likeliest = sample.Options is null ? options.Max() : double.NaN;
        JsonArray Pair(double value) => [value.ToString("R", CultureInfo.InvariantCulture), value == likeliest ? "True" : "False"];
        return ([.. options.Select(value => new JsonArray(Pair(value)))], [.. options.Select(Pair)]);
    }

    /// <summary>
    /// The question as far as a sample knows it. Where options are texts, they and which are right stand as TruthfulQA has them, or, of other tasks, as a list and a place.
    /// </summary>
    private static JsonObject Document(Sample sample)
    {
        var document = new JsonObject { ["question"] = SampleBlocks.Question(sample), ["subject"] = sample.Subject, ["answer"] = sample.Answer };
        if (sample.Options is not { } options) return document;
        HashSet<int> right = [.. HardestItems.RightOptions(sample)];
        var choices = new JsonArray([.. options.Select(option => (JsonNode)option.Trim())]);
        if (UpstreamTask.TargetsOf(sample.Task) is { } targets)
        {
            document.Remove("answer");
            document[targets] = new JsonObject { ["choices"] = choices, ["labels"] = new JsonArray([.. options.Select((_, i) => (JsonNode)(right.Contains(i) ? 1 : 0))]) };
        }
        else document["choices"] = choices;
        return document;
    }

    private static string Letter(int index) => index < Letters ? $" {QuestionText.Letter(index)}" : string.Create(CultureInfo.InvariantCulture, $" {index + 1}");
}
