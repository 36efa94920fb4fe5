using System.CommandLine;
using System.Text.Json;
using YiSharp.Data;
using YiSharp.Evaluation;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval extract</c>: reads the answer out of a model's words, by our rules or by another harness's.</summary>
internal static class EvalExtractVerb
{
    private const string Id = "id";

    private static readonly string[] Known = [Id, "kind", "input", "choices", "output"];

    private static readonly Dictionary<string, AnswerKind> Kinds = Enum.GetValues<AnswerKind>().ToDictionary(kind => kind.ToString().ToLowerInvariant());

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var pack = new Option<string>("--pack")
        {
            Description = "How answers are read: yisharp, or another harness's way to the letter, such as opencompass/first_option.", HelpName = "NAME", DefaultValueFactory = _ => ExtractionPack.DefaultName,
        };
        var jsonl = new Option<bool>("--jsonl") { Description = "One JSON object (kind, input, choices, output) a line on standard input, one (answer, rule, span) a line on standard output; an id goes along, other fields are passed over." };
        var verb = new Verb("extract", "Read the answers out of models' words: the answer, the rule that found it, and where it stands.",
            "echo '{\"kind\": \"number\", \"output\": \"9 * 2 = 18. The answer is $18.\"}' | yi eval extract --jsonl",
            "yi eval extract --jsonl --pack lm_eval/gsm8k_cot_zeroshot/flexible-extract < outputs.jsonl")
        {
            pack, jsonl,
        };
        verb.SetAction(parse =>
        {
            ExtractionPack chosen = Find(parse.GetRequiredValue(pack));
            if (!parse.GetValue(jsonl)) throw new UsageException("Answers are read line by line; give --jsonl and the outputs on standard input.");
            return new LineProtocol(terminal, known: null, interrupts.Token) { IdField = Id }.AnswerEach(fields => Answer(chosen, fields));
        });
        return verb;
    }

    private static ExtractionPack Find(string name)
    {
        if (ExtractionPack.TryNamed(name, out ExtractionPack? pack)) return pack;
        var nearest = new List<string>();
        while (nearest.Count < 3 && NearestName.Of(name, ExtractionPack.Names.Except(nearest)) is { } next) nearest.Add(next);
        string[] named = [.. nearest.Count > 0 ? nearest : ExtractionPack.Names.Where(known => known.Contains(name, StringComparison.OrdinalIgnoreCase)).Take(3)];
        string hint = named.Length > 0 ? $"the nearest are {string.Join(", ", named)}" : $"known are {ExtractionPack.DefaultName}, lm_eval/TASK/FILTER and opencompass/NAME";
        throw new UsageException($"--pack is '{name}', which is no extraction pack; {hint}. docs/extraction.md has them all.");
    }

    private static Action<Utf8JsonWriter> Answer(ExtractionPack pack, JsonFields fields)
    {
        fields.RequireNoMisspelt(Known);
        string kind = fields.String("kind") ?? throw new ArgumentException($"The line has no kind; one of {string.Join(", ", Kinds.Keys)} was expected.");
        if (!Kinds.TryGetValue(kind, out AnswerKind known))
        {
            throw new ArgumentException($"Field \"kind\" is {JsonOutputFields.Quote(kind)}; one of {string.Join(", ", Kinds.Keys)} was expected.");
        }
        string output = fields.String("output") ?? throw new ArgumentException("The line has no output; the model's words were expected.");
        Extraction found = pack.Extract(new ExtractionQuestion(known, fields.String("input"), fields.Strings("choices") ?? []), output);
        return writer =>
        {
            writer.WriteText("answer", found.Answer);
            writer.WriteText("rule", found.Rule);
            if (found.Span is not (int from, int to))
            {
                writer.WriteNull("span");
                return;
            }
            writer.WriteStartArray("span");
            writer.WriteNumberValue(from);
            writer.WriteNumberValue(to);
            writer.WriteEndArray();
        };
    }
}
