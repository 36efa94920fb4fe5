using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using YiSharp.Text;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi tokenize</c>: text to ids and back, and messages to text.</summary>
internal static class TokenizeVerb
{
    private static readonly string[] Known = ["text", "special", "ids", "stream", "messages", "tools", "add_generation_prompt"];

    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var verb = new Verb("tokenize", "Text to ids and back.",
            "yi tokenize \"Hello, world!\"",
            "yi tokenize --decode \"19556 28 905 17\"",
            "yi tokenize --file essay.txt --json",
            "echo '{\"text\": \"<|im_start|>\", \"special\": false}' | yi tokenize --jsonl",
            "echo '{\"messages\": [{\"role\": \"user\", \"content\": \"Hi!\"}]}' | yi tokenize --jsonl");
        var text = new TextInput("text", "Text to encode");
        var model = new Option<string>("--model", "-m") { Description = "A model folder, a .gguf or SentencePiece .model file, or the name of a model in models/.", HelpName = "PATH", DefaultValueFactory = _ => ModelLocator.Embedded };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "A tokenizer.json, a SentencePiece .model, a .gguf file or a model folder; instead of --model.", HelpName = "PATH" };
        var decode = new Option<bool>("--decode") { Description = "The text is a list of ids; print what they stand for." };
        var asText = new Option<bool>("--as-text") { Description = "Special tokens written in the text are text." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var jsonl = new Option<bool>("--jsonl") { Description = "One JSON object a line on standard input, one a line on standard output." };
        text.AddTo(verb);
        foreach (Option option in new Option[] { model, tokenizer, decode, asText, json, jsonl }) verb.Add(option);

        verb.SetAction(parse =>
        {
            var source = new TokenizerSource(parse.GetValue(tokenizer) ?? ModelLocator.Find(parse.GetRequiredValue(model)));
            if (parse.GetValue(jsonl))
            {
                if (text.IsGiven(parse)) throw new UsageException("With --jsonl, texts come on standard input; leave out the argument and --file.");
                return new LineProtocol(terminal, Known, interrupts.Token).AnswerEach(fields => Answer(source, fields));
            }
            string given = text.Read(parse, terminal, interrupts.Token);
            if (parse.GetValue(decode)) Decode(source.Tokenizer, given, parse.GetValue(json), terminal);
            else Encode(source.Tokenizer, given, parse.GetValue(asText) ? SpecialTokens.AsText : SpecialTokens.Split, parse.GetValue(json), terminal);
            return ExitCode.Done;
        });
        return verb;
    }

    private static void Encode(Tokenizer tokenizer, string text, SpecialTokens mode, bool json, Terminal terminal)
    {
        int[] ids = tokenizer.Encode(text, mode);
        if (json) new JsonOutput(terminal.Output).Write(writer =>
        {
            writer.WriteIds("ids", ids);
            writer.WriteStrings("tokens", ids.Select(id => tokenizer.Decode([id])));
        });
        else terminal.Out.WriteLine(string.Join(' ', ids));
    }

    private static void Decode(Tokenizer tokenizer, string text, bool json, Terminal terminal)
    {
        int[] ids = [.. text.Split([' ', ',', '[', ']', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(word =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                ? id
                : throw new UsageException($"'{word}' is no id; --decode takes whole numbers, separated by spaces or commas."))];
        RequireKnown(tokenizer, ids);
        string decoded = tokenizer.Decode(ids);
        if (json) new JsonOutput(terminal.Output).Write(writer => writer.WriteText("text", decoded));
        else terminal.Out.WriteLine(decoded);
    }

    private static Action<Utf8JsonWriter> Answer(TokenizerSource source, JsonFields fields)
    {
        string[] forms = [.. new[] { "text", "ids", "messages" }.Where(fields.Has)];
        if (forms.Length != 1) throw new ArgumentException($"The line has {(forms.Length == 0 ? "none" : string.Join(" and ", forms))}; exactly one of text, ids and messages was expected.");
        return forms[0] switch
        {
            "text" => AnswerText(source.Tokenizer, fields),
            "ids" => AnswerIds(source.Tokenizer, fields),
            _ => AnswerMessages(source, fields),
        };
    }

    private static Action<Utf8JsonWriter> AnswerText(Tokenizer tokenizer, JsonFields fields)
    {
        fields.RequireOnly("text", "special");
        int[] ids = tokenizer.Encode(fields.String("text")!, fields.Boolean("special", otherwise: true) ? SpecialTokens.Split : SpecialTokens.AsText);
        return writer => writer.WriteIds("ids", ids);
    }

    private static Action<Utf8JsonWriter> AnswerIds(Tokenizer tokenizer, JsonFields fields)
    {
        fields.RequireOnly("ids", "stream");
        int[] ids = fields.Ids("ids")!;
        RequireKnown(tokenizer, ids);
        List<string>? deltas = null;
        if (fields.Boolean("stream", otherwise: false))
        {
            IncrementalDecoder decoder = tokenizer.CreateDecoder();
            deltas = [.. ids.Select(decoder.Push)];
            string rest = decoder.Flush();
            if (rest.Length > 0) deltas.Add(rest);
        }
        return writer =>
        {
            writer.WriteText("text", tokenizer.Decode(ids));
            if (deltas is not null) writer.WriteStrings("deltas", deltas);
        };
    }

    private static Action<Utf8JsonWriter> AnswerMessages(TokenizerSource source, JsonFields fields)
    {
        fields.RequireOnly("messages", "tools", "add_generation_prompt");
        TemplatedText rendered = source.Template.Render(ChatFields.Messages(fields), ChatFields.Tools(fields), fields.Boolean("add_generation_prompt", otherwise: true));
        int[] ids = source.ChatTokenizer.Encode(rendered);
        return writer =>
        {
            writer.WriteText("text", rendered.Text);
            writer.WriteIds("ids", ids);
        };
    }

    private static void RequireKnown(Tokenizer tokenizer, int[] ids)
    {
        int index = Array.FindIndex(ids, id => (uint)id >= (uint)tokenizer.VocabSize);
        if (index >= 0) throw new ArgumentException($"Id {ids[index]} at index {index} is not in the vocabulary; it has 0 to {tokenizer.VocabSize - 1}.");
    }
}
