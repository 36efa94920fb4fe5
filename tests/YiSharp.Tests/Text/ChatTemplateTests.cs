using System.Text.Json;
using CsCheck;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class ChatTemplateTests
{
    private const string Marker = "MINE";
    private static readonly JsonElement NoVariables = JsonDocument.Parse("{}").RootElement;

    /// <summary>Pieces of templates, right and wrong ones: any row of them must render or be refused.</summary>
    private static readonly string[] Pieces =
    [
        "{{ ", " }}", "{% ", " %}", "{%- ", " -%}", "{# ", " #}", "if x", "else", "elif y", "endif", "for m in messages", "for a, b in d.items()", "endfor", "set x = ", "set ns.x = ", "endset", "macro f(a, b=1)", "endmacro",
        "call f(1)", "endcall", "filter upper", "endfilter", "with z = 1", "endwith", "generation", "endgeneration", "raw", "endraw", "break", "continue", "messages", "x", "ns", "loop.index", "m['content']", "m.role", "namespace(x=1)",
        "range(5)", " | ", "upper", "trim", "join(', ')", "tojson(indent=2)", "default('d')", "map(attribute='role')", "selectattr('role', 'equalto', 'user')", "list", "length", "replace('a', 'b')", "format(1)", "round(2)", "int", "sort",
        " is ", "defined", "string", "not ", " and ", " or ", " in ", " ~ ", " + ", " * ", " ** ", " % ", " // ", " / ", " == ", " < ", "[", "]", "(", ")", "{", "}", "[1:]", "[::-1]", ".split()", ".strip()", ".items()", ".format(1)",
        "'text'", "\"%s\"", "1", "-2", "2.5", "1e300", "none", "true", "f(2)", "caller()", "raise_exception('no')", "strftime_now('%Y')", "dict(a=1)", ",", ":", "=", ".", "\n", "  ", "\\", "'", "é😀",
    ];

    [Fact]
    public void No_row_of_pieces_crashes_the_engine()
    {
        JsonElement variables = JsonDocument.Parse("{\"messages\": [{\"role\": \"user\", \"content\": \"a b\"}, {\"role\": \"tool\", \"content\": null}], \"x\": [1, \"b\", 2.5], \"d\": {\"k\": {\"l\": []}}}").RootElement;
        Pick.From(Pieces).Array[1, 30].Sample(pieces =>
        {
            try
            {
                ChatTemplate.Parse(string.Concat(pieces)).RenderVariables(variables);
            }
            catch (TemplateException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "deep")]
    [InlineData("{{ 'a' * 1000000000 }}", "text of 1000000000 characters")]
    [InlineData("{{ [0] * 1000000000 }}", "list of 1000000000 items")]
    [InlineData("{{ 10 ** (10 ** 10) }}", "integer")]
    [InlineData("{{ range(1000000) }}", "Range too big")]
    [InlineData("{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "characters")]
    [InlineData("{{ '%1000000000d' % 1 }}", "width too big")]
    [InlineData("{% set ns = namespace(g=[1]) %}{% for i in range(100000) %}{% set ns.g = ns.g | map('string') %}{% endfor %}{{ ns.g | list }}", "deep")]
    [InlineData("{% set ns = namespace(t=1) %}{% for i in range(100000) %}{% set ns.t = (ns.t,) %}{% endfor %}{{ {ns.t: 1} }}", "deep")]
    [InlineData("{% set ns = namespace(a=[], b=[]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}{{ ns.a == ns.b }}", "steps")]
    [InlineData("{% set ns = namespace(a=[]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}", "characters")]
    [InlineData("{% set ns = namespace(a=[]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson }}", "characters")]
    [InlineData("{% set big = 'a' * 16000000 %}{% for i in range(100000) %}{% if 'b' in big %}{% endif %}{% endfor %}", "steps")]
    [InlineData("{% set big = range(100000) | list %}{% for i in range(100000) %}{% if 'b' in big %}{% endif %}{% endfor %}", "steps")]
    [InlineData("{% set b = 2 ** 65000 - 1 %}{% for i in range(100000) %}{% set x = b * b %}{% endfor %}", "steps")]
    [InlineData("{% set b = 2 ** 65000 - 1 %}{% for i in range(100000) %}{% set x = b ~ '' %}{% endfor %}", "steps")]
    [InlineData("{% set s = '9' * 4900 %}{% for i in range(100000) %}{% set x = s | int %}{% endfor %}", "steps")]
    [InlineData("{{ '%.1000000000f' % 1 }}", "width too big")]
    [InlineData("{{ '{:1000000000}'.format(1) }}", "Too many decimal digits")]
    [InlineData("{{ ('\\n' * 1000000) | wordwrap(10, true, 'a' * 1000000) }}", "characters")]
    [InlineData("{{ (',' * 16000000).split(',') | length }}", "list")]
    [InlineData("{{ ('\\n' * 16000000).splitlines() | length }}", "list")]
    [InlineData("{% set s = 'a' * 16000000 %}{% for i in range(100000) %}{% set x = s[::-1] %}{% endfor %}", "steps")]
    [InlineData("{{ strftime_now('%c' * 8000000) }}", "characters")]
    [InlineData("{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}", "deep")]
    [InlineData("{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{{ f() }}", "deep")]
    [InlineData("{% set ns = namespace(t=1) %}{% for i in range(100000) %}{% set ns.t = {1: ns.t} %}{% endfor %}{{ ns.t }}", "deep")]
    [InlineData("{% set ns = namespace(t=1) %}{% for i in range(100000) %}{% set ns.t = [ns.t] %}{% endfor %}{{ ns.t | tojson }}", "deep")]
    public void A_template_that_asks_too_much_is_stopped(string source, string part)
    {
        TemplateException error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source).RenderVariables(NoVariables));
        Assert.Equal(TemplateErrorKind.Other, error.Kind);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        foreach (string source in (string[])["{{ " + new string('(', 200_000) + "1" + new string(')', 200_000) + " }}", string.Concat(Enumerable.Repeat("{% if x %}", 100_000)), "{{ " + new string('-', 200_000) + "1 }}"])
            Assert.Contains("too deeply", Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source).RenderVariables(NoVariables)).Message, StringComparison.Ordinal);
    }

    /// <summary>Repetition by the hundred thousand, in every place where the grammar allows it: refused or rendered, never a crash or a wait.</summary>
    [Theory]
    [InlineData("{{ ", "(", "1", ")", " }}")]
    [InlineData("{{ ", "[", "", "]", " }}")]
    [InlineData("{{ ", "{1:", "1", "}", " }}")]
    [InlineData("{{ ", "not ", "1", "", " }}")]
    [InlineData("{{ 1", "+1", "", "", " }}")]
    [InlineData("{{ 1", "|abs", "", "", " }}")]
    [InlineData("{{ x", ".a", "", "", " }}")]
    [InlineData("{{ x", "[0]", "", "", " }}")]
    [InlineData("{{ ", "'a' ", "", "", " }}")]
    [InlineData("{{ 1 | ", "a.", "a", "", " }}")]
    [InlineData("{{ ", "1 if 0 else ", "1", "", " }}")]
    [InlineData("{{ 1", " if 1", "", "", " }}")]
    [InlineData("", "{% if 1 %}", "", "{% endif %}", "")]
    [InlineData("{% if 0 %}", "{% elif 0 %}", "", "", "{% endif %}")]
    [InlineData("", "{% for i in [1] %}", "", "{% endfor %}", "")]
    [InlineData("", "{% macro m() %}", "", "{% endmacro %}", "")]
    [InlineData("", "{% set x %}", "", "{% endset %}", "")]
    [InlineData("", "{% with %}", "{{ y }}", "{% endwith %}", "")]
    [InlineData("{% set ", "(", "a", ")", " = 1 %}")]
    [InlineData("", "{% raw %}", "", "{% endraw %}", "")]
    [InlineData("", "{#", "", "#}", "")]
    [InlineData("", "{", "", "}", "")]
    [InlineData("{{ ", "f(", "1", ")", " }}")]
    [InlineData("{{ '", "{", "", "}", "'.format(1) }}")]
    [InlineData("{{ '", "{0[", "", "]}", "'.format([1]) }}")]
    public void Long_repetition_is_rendered_or_refused(string start, string open, string middle, string close, string end)
    {
        string source = start + string.Concat(Enumerable.Repeat(open, 100_000)) + middle + string.Concat(Enumerable.Repeat(close, 100_000)) + end;
        try
        {
            ChatTemplate.Parse(source).RenderVariables(NoVariables);
        }
        catch (TemplateException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    [Theory]
    [InlineData("{{ '一二三'.isnumeric() }} {{ '½'.isnumeric() }} {{ '½'.isdigit() }} {{ '²'.isdigit() }} {{ '三'.isdigit() }}", "True True False True False")]
    [InlineData("{{ 'Hello World'.istitle() }} {{ 'ǅa'.istitle() }} {{ 'ª'.istitle() }} {{ 'HeLlo'.istitle() }} {{ ''.istitle() }}", "True True False False False")]
    [InlineData("{{ 'a١'.isidentifier() }} {{ '١a'.isidentifier() }} {{ '变量_1'.isidentifier() }} {{ ''.isidentifier() }} {{ 'a b'.isidentifier() }}", "True False True False False")]
    [InlineData("{{ 'Straße ΣΑΣ ẞ'.casefold() }} {{ 'ꭰᎠ'.casefold() }}", "strasse σασ ss ᎠᎠ")]
    [InlineData("{{ 'a\\\\b'.isprintable() }} {{ 'a\\nb'.isprintable() }} {{ ''.isprintable() }}", "True False True")]
    [InlineData("{{ 'banana'.translate({97: 'o', 110: none, 98: 66}) }} {{ 'abc'.translate(''.maketrans('ab', 'xy', 'c')) }}", "Booo xy")]
    [InlineData("{{ '%.1105f' % 0.5 == '0.5' ~ '0' * 1104 }} {{ '{:o}'.format(511) }} {{ '{:,}'.format(1234567) }} {{ '{:_}'.format(-12) }} {{ '{:,.2f}'.format(1234.5) }}", "True 777 1,234,567 -12 1,234.50")]
    [InlineData("{% if false %}{% include 'a' %}{% import 'b' as c %}{% from 'd' import e with context %}{% endif %}ok", "ok")]
    [InlineData("{% autoescape false %}{{ '<' }}{% endautoescape %}", "<")]
    [InlineData("{{ [3, 1, 2] | sort | join }} {{ [('a', 2), ('b', 1)] | sort(attribute=1) | map('first') | join }} {{ ['b', 'A', 'a'] | sort | join }}", "123 ba Aab")]
    public void What_Python_says(string source, string text) => Assert.Equal(text, ChatTemplate.Parse(source).RenderVariables(NoVariables).Text);

    [Theory]
    [InlineData("a\n{% include 'b' %}", "{% include %} needs another template; a chat template stands alone (line 2 of the template)")]
    [InlineData("{% extends 'b' %}", "{% extends %} needs another template")]
    [InlineData("{% autoescape true %}{% endautoescape %}", "{% autoescape %} is known with false only")]
    [InlineData("{{ 'a.com' | urlize }}", "urlize makes HTML links, which this engine does not (line 1 of the template)")]
    [InlineData("{{ lipsum() }}", "lipsum() makes random text")]
    [InlineData("{{ 'a'.encode() }}", "str.encode() makes bytes")]
    [InlineData("\n\n{{ '\\N{SNOWMAN}' }}", "\\N{SNOWMAN}, a character name that is not known here; write it as \\u… (line 3 of the template)")]
    [InlineData("{% do x %}", "unknown tag 'do'")]
    [InlineData("{{ x is nothing }}", "No test named 'nothing'")]
    public void What_is_lacking_is_named_with_its_line(string source, string said) =>
        Assert.Contains(said, Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source).RenderVariables(NoVariables)).Message, StringComparison.Ordinal);

    /// <summary>Damaged templates of real models on a real conversation: text or an error, never anything else.</summary>
    [Fact]
    public void Damaged_templates_render_or_are_refused()
    {
        string folder = Path.Combine(Repository.Root, "..", "shared", "goldens", "templates");
        string[] sources = Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, "*.jinja", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText)]
            : ["{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] | trim + '<|im_end|>' }}{% if not loop.last %}{{ '\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"];
        ChatMessage[] messages = [new("system", "Be brief."), new("user", "Hi {{ x }} <|im_end|>"), new("assistant", "Hello!"), new("user", "你好")];
        Gen.Select(Gen.Int[0, sources.Length - 1], Gen.Select(Gen.Int[0, 4], Gen.Double[0, 1], Gen.Double[0, 1], Pick.From(Pieces)).Array[1, 4]).Sample((index, changes) =>
        {
            string source = changes.Aggregate(sources[index], (text, change) => Changed(text, change.Item1, change.Item2, change.Item3, change.Item4));
            try
            {
                ChatTemplate.Parse(source, new ChatTokens { BosToken = "<s>", EosToken = "</s>" }).Render(messages, addGenerationPrompt: true);
            }
            catch (TemplateException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 500);
    }

    private static string Changed(string text, int kind, double where, double where2, string piece)
    {
        int a = (int)(where * text.Length), b = Math.Min(text.Length, a + 1 + (int)(where2 * where2 * where2 * 200));
        return kind switch
        {
            0 => text[..a] + text[b..],
            1 => text[..a] + piece + text[a..],
            2 => text[..a] + piece + text[b..],
            3 => text[..b] + text[a..b] + text[b..],
            _ => text[..a] + (char)(where2 * 128) + text[Math.Min(a + 1, text.Length)..],
        };
    }

    [Fact]
    public void An_error_names_its_line()
    {
        TemplateException error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse("a\nb\n{{ 1 + }}"));
        Assert.Equal((TemplateErrorKind.Syntax, 3), (error.Kind, error.Line));
        error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse("a\n\n\n{{ x.y }}").RenderVariables(NoVariables));
        Assert.Equal("'x' is undefined (line 4 of the template)", error.Message);
        error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse("{{ raise_exception('no ' ~ 1) }}").RenderVariables(NoVariables));
        Assert.Equal((TemplateErrorKind.Raised, "no 1"), (error.Kind, error.Message));
    }

    /// <summary>The caller's text goes through every way a template has to carry it; wherever it comes out it is still the caller's.</summary>
    [Theory]
    [InlineData("{{ c }}")]
    [InlineData("{{ 'x' + c + 'y' }}")]
    [InlineData("{{ 'x' ~ c ~ 1 }}")]
    [InlineData("{{ c | trim | upper | replace('x', 'y') }}")]
    [InlineData("{{ '[%s]' | format(c) }}{{ '[%s]' % c }}{{ '[{}]'.format(c) }}")]
    [InlineData("{{ [c, c] | join(', ') }}{{ ', '.join([c]) }}")]
    [InlineData("{{ ('a ' ~ c ~ ' b').split()[1] }}{{ (c ~ '|x').split('|')[0] }}{{ (c ~ ' x').partition(' ') | first }}")]
    [InlineData("{{ 'aXb'.replace('X', c) }}{{ 'aXb' | replace('X', c) }}")]
    [InlineData("{% set y %}<{{ c }}>{% endset %}{{ y }}{% filter upper %}{{ c }}{% endfilter %}")]
    [InlineData("{% macro f(a) %}({{ a }}){{ caller() }}{% endmacro %}{% call f(c) %}{{ c }}{% endcall %}")]
    [InlineData("{% for w in c.split() %}{{ w }}{% endfor %}{% for ch in c %}{{ ch }}{% endfor %}")]
    [InlineData("{{ c[1:] }}{{ c[0] }}{{ ('x' ~ c ~ 'y')[1:-1] }}{{ (c | reverse) | reverse }}{{ c[::-1][::-1] }}")]
    [InlineData("{{ c | indent }}{{ c | center(20) }}{{ c.ljust(12, '.') }}{{ c * 2 }}{{ c | truncate(3, true, '') }}")]
    [InlineData("{{ c | tojson }}{{ [c] }}{{ {'k': c} }}{{ c | e }}{{ c | wordwrap(3) }}{{ c | string | default('x') }}{{ c | list | join }}")]
    [InlineData("{{ c.title() }}{{ c | title }}{{ c | capitalize }}{{ ('a' ~ c) | lower }}{{ c.strip('M') }}{{ c.swapcase() }}{{ c.zfill(9) }}")]
    [InlineData("{% set ns = namespace(t='') %}{% for i in range(3) %}{% set ns.t = ns.t ~ c %}{% endfor %}{{ ns.t }}{{ d.values() | first }}{{ d | items | first | last }}")]
    public void The_callers_characters_stay_the_callers(string source)
    {
        JsonElement variables = JsonDocument.Parse($"{{\"c\": \"{Marker}\", \"d\": {{\"k\": \"{Marker}\"}}}}").RootElement;
        TemplatedText text = ChatTemplate.Parse(source).RenderVariables(variables);
        Assert.NotEqual("", text.Text);
        foreach (TextSpan span in text.TemplateSpans)
            Assert.Equal(-1, text.Text.AsSpan(span.Start, span.Length).IndexOfAny("MINEmine"));
        string open = text.Text.Replace("n", "", StringComparison.Ordinal);
        if (open.StartsWith('x') || open.StartsWith('[') && source.Contains("format", StringComparison.Ordinal)) Assert.Equal(0, text.TemplateSpans[0].Start);
    }

    [Fact]
    public void The_templates_own_characters_stay_its_own()
    {
        JsonElement variables = JsonDocument.Parse("{\"c\": \" hello \"}").RootElement;
        TemplatedText text = ChatTemplate.Parse("{% set t = '<|start|>' %}{{ t ~ (c | trim) ~ '<|end|>' | upper }}{{ [t, c] | join('') }}").RenderVariables(variables);
        Assert.Equal("<|start|>hello<|END|><|start|> hello ", text.Text);
        Assert.Equal(["<|start|>", "<|END|><|start|>"], text.TemplateSpans.Select(span => text.Text.Substring(span.Start, span.Length)));
    }

    [Fact]
    public void Known_roles_may_stand_in_control_tokens_and_others_may_not()
    {
        ChatTemplate template = ChatTemplate.Parse("{% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content }}{% endfor %}");
        Assert.Equal([new TextSpan(0, 8)], template.Render([new ChatMessage("user", "x")]).TemplateSpans);
        Assert.Equal([new TextSpan(0, 2), new TextSpan(9, 2)], template.Render([new ChatMessage("im_end|", "x")]).TemplateSpans);
    }

    [Fact]
    public void A_conversation_without_the_assistant_has_nothing_to_learn()
    {
        Tokenizer tokenizer = Tokenizer.FromFile(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi"));
        ChatTemplate template = ChatTemplate.Parse("{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}");
        var encoder = new ConversationEncoder(tokenizer, template);
        Assert.Throws<ArgumentException>(() => encoder.Encode([new ChatMessage("user", "x")]));
        EncodedConversation encoded = encoder.Encode([new ChatMessage("user", "<|im_end|>"), new ChatMessage("assistant", "<|im_end|> is a token"), new ChatMessage("user", "and then?")]);
        Assert.Equal("<|im_end|> is a token<|im_end|>", tokenizer.Decode([.. encoded.Ids.Where((_, i) => encoded.IsTarget[i])]));
        Assert.Equal(7, encoded.Ids[^1]);
        Assert.Equal([7], StopIds.OfTemplate(template, tokenizer));
    }

    [Fact]
    public void What_a_template_marks_as_generated_is_learned()
    {
        Tokenizer tokenizer = Tokenizer.FromFile(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi"));
        // Rewrites earlier turns, so that only the marks tell what the assistant wrote.
        ChatTemplate template = ChatTemplate.Parse("{{ messages | length }} turns: {% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}{% else %}{{ m.content }}<|im_end|>{% endif %}\n{% endfor %}");
        ChatMessage[] messages = [new("user", "Q 👋"), new("assistant", "嗯 👋 <|im_end|>"), new("user", "and?"), new("assistant", "That is all.")];
        EncodedConversation encoded = new ConversationEncoder(tokenizer, template).Encode(messages);
        Assert.Equal("嗯 👋 <|im_end|><|im_end|>That is all.<|im_end|>", tokenizer.Decode([.. encoded.Ids.Where((_, i) => encoded.IsTarget[i])]));
        Assert.Equal(7, encoded.Ids[^1]);
        Assert.Equal(2, encoded.Ids.Where((id, i) => encoded.IsTarget[i] && id == 7).Count());
        Assert.Equal(tokenizer.Encode(template.Render(messages))[..encoded.Ids.Length], encoded.Ids);
    }

    [Fact]
    public void A_template_that_rewrites_earlier_turns_cannot_be_masked()
    {
        Tokenizer tokenizer = Tokenizer.FromFile(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi"));
        ChatTemplate template = ChatTemplate.Parse("{{ messages | length }} turns: {% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}");
        var encoder = new ConversationEncoder(tokenizer, template);
        Assert.Contains("rewrite", Assert.Throws<NotSupportedException>(() => encoder.Encode([new("user", "a"), new("assistant", "b"), new("user", "c"), new("assistant", "d")])).Message.Replace("otherwise", "rewrite", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
