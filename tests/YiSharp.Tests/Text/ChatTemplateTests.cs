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
    [InlineData("{% set ns = namespace(a=[]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}", "steps")]
    [InlineData("{% set ns = namespace(a=[]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson }}", "steps")]
    [InlineData("{% set big = 'a' * 30000000 %}{% for i in range(100000) %}{% if 'b' in big %}{% endif %}{% endfor %}", "steps")]
    [InlineData("{% set big = range(100000) | list %}{% for i in range(100000) %}{% if 'b' in big %}{% endif %}{% endfor %}", "steps")]
    public void A_template_that_asks_too_much_is_stopped(string source, string part)
    {
        long start = Environment.TickCount64;
        TemplateException error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source).RenderVariables(NoVariables));
        Assert.Equal(TemplateErrorKind.Other, error.Kind);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.InRange(Environment.TickCount64 - start, 0, 20_000);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        foreach (string source in (string[])["{{ " + new string('(', 200_000) + "1" + new string(')', 200_000) + " }}", string.Concat(Enumerable.Repeat("{% if x %}", 100_000)), "{{ " + new string('-', 200_000) + "1 }}"])
            Assert.Contains("too deeply", Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source).RenderVariables(NoVariables)).Message, StringComparison.Ordinal);
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
    public void A_template_that_rewrites_earlier_turns_cannot_be_masked()
    {
        Tokenizer tokenizer = Tokenizer.FromFile(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi"));
        ChatTemplate template = ChatTemplate.Parse("{{ messages | length }} turns: {% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}");
        var encoder = new ConversationEncoder(tokenizer, template);
        Assert.Contains("rewrite", Assert.Throws<NotSupportedException>(() => encoder.Encode([new("user", "a"), new("assistant", "b"), new("user", "c"), new("assistant", "d")])).Message.Replace("otherwise", "rewrite", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
