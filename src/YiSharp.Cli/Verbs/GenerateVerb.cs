using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi generate</c>: goes on from a prompt, or answers one message; batched for scripts.</summary>
internal static class GenerateVerb
{
    /// <summary>Answers that may wait for one before them, lines.</summary>
    private const int MaxAhead = 256;

    private static readonly string[] Known =
    [
        "prompt", "messages", "tools", "ids", "max_new_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed", "ignore_eos",
    ];

    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var verb = new Verb("generate", "Goes on from a prompt, or with --chat answers a message.",
            "yi generate \"Once upon a time\" --max-new-tokens 60",
            "yi generate --chat \"Name three primary colours.\"",
            "yi generate --chat --temperature 0.8 --top-p 0.9 --seed 7 \"Write a haiku about the moon.\"",
            "cat letter.txt | yi generate --chat --system \"Summarize the letter.\"",
            "echo '{\"prompt\": \"1, 2, 3,\", \"max_new_tokens\": 8}' | yi generate --jsonl");
        var prompt = new TextInput("prompt", "What to go on from");
        var chat = new Option<bool>("--chat") { Description = "The prompt is a user's message; answer it through the model's chat template." };
        var system = new Option<string?>("--system") { Description = "A system message before the user's; with --chat.", HelpName = "TEXT" };
        var model = new ModelOptions();
        var sampling = new SamplingOptionSet();
        var speculation = new SpeculationOptionSet();
        var ignoreEos = new Option<bool>("--ignore-eos") { Description = "Go on after the model's end, up to --max-new-tokens." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var jsonl = new Option<bool>("--jsonl") { Description = "One JSON object a line on standard input, one a line on standard output; options are the defaults of lines." };
        prompt.AddTo(verb);
        verb.Add(chat);
        verb.Add(system);
        model.AddTo(verb);
        sampling.AddTo(verb);
        speculation.AddTo(verb);
        verb.Add(ignoreEos);
        verb.Add(json);
        verb.Add(jsonl);

        verb.SetAction(parse =>
        {
            bool isLines = parse.GetValue(jsonl);
            if (isLines && (prompt.IsGiven(parse) || parse.GetValue(chat))) throw new UsageException("With --jsonl, prompts come on standard input; leave out the prompt, --file and --chat.");
            if (parse.GetValue(system) is not null && !parse.GetValue(chat)) throw new UsageException("--system needs --chat: a raw prompt has no messages.");
            GenerationOptions options = sampling.Read(parse, new GenerationOptions { IgnoreEos = parse.GetValue(ignoreEos), Speculation = speculation.Read(parse) });

            using LanguageModel loaded = model.Load(parse, terminal, interrupts.Token);
            speculation.LoadDraft(parse, model, loaded);
            var generator = new Generator(loaded);
            if (isLines) return AnswerLines(new LineProtocol(terminal, Known, interrupts.Token), loaded, generator, options, interrupts.Token);

            string text = prompt.Read(parse, terminal, interrupts.Token);
            int[] ids = parse.GetValue(chat) ? generator.Encode(Messages(parse.GetValue(system), text)) : generator.Encode(text);
            if (parse.GetValue(json)) WriteOne(terminal, generator, ids, options, interrupts.Token);
            else
            {
                generator.Generate(ids, options, terminal.Out.Write, interrupts.Token);
                terminal.Out.WriteLine();
            }
            return ExitCode.Done;
        });
        return verb;
    }

    private static ChatMessage[] Messages(string? system, string text) =>
        system is null ? [new ChatMessage("user", text)] : [new ChatMessage("system", system), new ChatMessage("user", text)];

    /// <summary>Times are without what it took to load the model.</summary>
    private static void WriteOne(Terminal terminal, Generator generator, int[] ids, GenerationOptions options, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp(), first = 0;
        TextResult result = generator.Generate(ids, options, _ => first = first == 0 ? Stopwatch.GetTimestamp() : first, cancellation);
        long ended = Stopwatch.GetTimestamp();
        new JsonOutput(terminal.Output).Write(writer =>
        {
            Write(writer, result.Text, result.Ids, result.FinishReason);
            writer.WriteNumber("seed", result.Seed);
            writer.WriteNumber("prompt_token_count", ids.Length);
            writer.WriteNumber("pass_count", result.Speculation.PassCount);
            writer.WriteNumber("proposed_count", result.Speculation.ProposedCount);
            writer.WriteNumber("accepted_count", result.Speculation.AcceptedCount);
            writer.WriteNumber("first_text_seconds", Seconds(first == 0 ? ended : first));
            writer.WriteNumber("seconds", Seconds(ended));
        });

        double Seconds(long end) => Math.Round(Stopwatch.GetElapsedTime(started, end).TotalSeconds, 4);
    }

    /// <summary>Batches what is there already; answers a lone line at once.</summary>
    private static int AnswerLines(LineProtocol protocol, LanguageModel model, Generator generator, GenerationOptions defaults, CancellationToken cancellation)
    {
        var taken = new List<(int Number, GenerationOptions Options, bool HasText)>();
        model.Engine.Run(
            isIdle =>
            {
                if (!isIdle && protocol.AheadCount >= MaxAhead) return null;
                if (!protocol.TryNext(isIdle, fields => Read(fields, model, generator, defaults), out int number, out (GenerationRequest, GenerationOptions, bool) work)) return null;
                (GenerationRequest request, GenerationOptions options, bool hasText) = work;
                taken.Add((number, options, hasText));
                return request;
            },
            (index, result) =>
            {
                (int number, GenerationOptions options, bool hasText) = taken[index];
                protocol.Answer(number, writer => Write(writer, hasText ? generator.ToText(result, options).Text : null, result.Ids, result.FinishReason));
            },
            cancellation);
        return protocol.ExitCode;
    }

    private static (GenerationRequest Request, GenerationOptions Options, bool HasText) Read(JsonFields fields, LanguageModel model, Generator generator, GenerationOptions defaults)
    {
        string[] forms = [.. new[] { "prompt", "messages", "ids" }.Where(fields.Has)];
        if (forms.Length != 1) throw new ArgumentException($"The line has {(forms.Length == 0 ? "none" : string.Join(" and ", forms))}; exactly one of prompt, messages and ids was expected.");
        if (fields.Has("tools") && forms[0] != "messages") throw new ArgumentException($"The line has tools beside {forms[0]}; they go with messages only.");

        SamplingOptions sampling = defaults.Sampling;
        GenerationOptions options = defaults with
        {
            MaxNewTokens = fields.Integer("max_new_tokens", defaults.MaxNewTokens),
            IgnoreEos = fields.Boolean("ignore_eos", defaults.IgnoreEos),
            Sampling = sampling with
            {
                Temperature = fields.Number("temperature", sampling.Temperature),
                TopK = fields.Integer("top_k", sampling.TopK),
                TopP = fields.Number("top_p", sampling.TopP),
                MinP = fields.Number("min_p", sampling.MinP),
                RepetitionPenalty = fields.Number("repetition_penalty", sampling.RepetitionPenalty),
                Seed = fields.Seed("seed", sampling.Seed),
            },
        };
        int[] ids = forms[0] switch
        {
            "prompt" => generator.Encode(fields.String("prompt")!),
            "messages" => generator.Encode(ChatFields.Messages(fields), ChatFields.Tools(fields)),
            _ => generator.OrFirst(fields.Ids("ids")!),
        };
        GenerationRequest request = generator.Request(ids, options);
        model.Engine.RequireValid(request);
        return (request, options, forms[0] != "ids" || model.HasTokenizer);
    }

    /// <summary>Without a tokenizer there is no text.</summary>
    private static void Write(Utf8JsonWriter writer, string? text, int[] ids, FinishReason reason)
    {
        writer.WriteText("text", text);
        writer.WriteIds("ids", ids);
        writer.WriteString("finish_reason", reason == FinishReason.Stop ? "stop" : "length");
    }
}
