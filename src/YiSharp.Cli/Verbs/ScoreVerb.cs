using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Reports;
using YiSharp.Text;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi score</c>: log-likelihood of a text token by token, or of a continuation.</summary>
internal static class ScoreVerb
{
    private static readonly string[] Known = ["text", "ids", "prompt", "continuation"];

    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var verb = new Verb("score", "How likely a model finds a text (token by token) or a continuation, in nats.",
            "yi score \"The capital of France is Paris.\"",
            "yi score --prompt \"The capital of France is\" --continuation \" Paris\"",
            "yi score --file essay.txt --json",
            "echo '{\"prompt\": \"1 + 1 =\", \"continuation\": \" 2\"}' | yi score --jsonl");
        var text = new TextInput("text", "Text to score");
        var prompt = new Option<string?>("--prompt") { Description = "What stands before the continuation.", HelpName = "TEXT" };
        var continuation = new Option<string?>("--continuation") { Description = "Score this after --prompt.", HelpName = "TEXT" };
        var model = new ModelOptions();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var jsonl = new Option<bool>("--jsonl") { Description = "One JSON object a line on standard input, one a line on standard output." };
        text.AddTo(verb);
        verb.Add(prompt);
        verb.Add(continuation);
        model.AddTo(verb);
        verb.Add(json);
        verb.Add(jsonl);

        verb.SetAction(parse =>
        {
            string? before = parse.GetValue(prompt);
            string? after = parse.GetValue(continuation);
            if (before is not null && after is null) throw new UsageException("--prompt needs --continuation: the text to score after it.");
            if (text.IsGiven(parse) && (after is not null || parse.GetValue(jsonl))) throw new UsageException("A text was given beside --continuation or --jsonl; give one of them.");

            using LanguageModel loaded = model.Load(parse, terminal, interrupts.Token);
            using var scorer = new TextScorer(loaded);
            if (parse.GetValue(jsonl)) return new LineProtocol(terminal, Known, interrupts.Token).AnswerEach(fields => Answer(scorer, fields));

            if (after is not null)
            {
                ContinuationScore score = scorer.Score(before ?? "", after);
                if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(writer => Write(writer, score));
                else terminal.Out.WriteLine($"{Format(score.LogProb)} nats, {Sizes.Of(score.TokenCount, "token", "tokens")}{(score.IsGreedy ? ", the likeliest" : "")}");
                return ExitCode.Done;
            }
            (int[] ids, double[] logProbs) = scorer.Score(text.Read(parse, terminal, interrupts.Token));
            if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(writer => Write(writer, ids, logProbs));
            else Print(terminal, loaded.Tokenizer, ids, logProbs);
            return ExitCode.Done;
        });
        return verb;
    }

    private static void Print(Terminal terminal, Tokenizer tokenizer, int[] ids, double[] logProbs)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            string logProb = i == 0 ? "" : Format(logProbs[i - 1]);
            terminal.Out.WriteLine($"{ids[i],7} {logProb,10}  {JsonOutputFields.Quote(tokenizer.Decode([ids[i]]))}");
        }
        double sum = logProbs.Sum();
        double perToken = logProbs.Length == 0 ? 0 : sum / logProbs.Length;
        terminal.Out.WriteLine($"total {Format(sum)} nats over {Sizes.Of(logProbs.Length, "token", "tokens")}, {Format(perToken)} a token, perplexity {Math.Exp(-perToken).ToString("G5", CultureInfo.InvariantCulture)}");
    }

    private static Action<Utf8JsonWriter> Answer(TextScorer scorer, JsonFields fields)
    {
        if (fields.Has("prompt") || fields.Has("continuation"))
        {
            fields.RequireOnly("prompt", "continuation");
            string continuation = fields.String("continuation") ?? throw new ArgumentException("The line has a prompt and no continuation; both were expected.");
            ContinuationScore score = scorer.Score(fields.String("prompt") ?? throw new ArgumentException("The line has a continuation and no prompt; both were expected (a prompt may be empty)."), continuation);
            return writer => Write(writer, score);
        }
        if (fields.Has("text") == fields.Has("ids")) throw new ArgumentException($"The line has {(fields.Has("text") ? "both" : "none")} of text and ids; one of them, or prompt with continuation, was expected.");
        int[]? given = fields.Ids("ids");
        (int[] ids, double[] logProbs) = given is null ? scorer.Score(fields.String("text")!) : (given, scorer.Score(given));
        return writer => Write(writer, ids, logProbs);
    }

    private static void Write(Utf8JsonWriter writer, int[] ids, double[] logProbs)
    {
        writer.WriteIds("ids", ids);
        writer.WriteStartArray("logprobs");
        foreach (double logProb in logProbs) writer.WriteNumberValue(logProb);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ContinuationScore score)
    {
        writer.WriteNumber("logprob", score.LogProb);
        writer.WriteNumber("token_count", score.TokenCount);
        writer.WriteBoolean("greedy", score.IsGreedy);
    }

    private static string Format(double nats) => nats.ToString("F4", CultureInfo.InvariantCulture);
}
