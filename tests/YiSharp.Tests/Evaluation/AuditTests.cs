using System.Text;
using YiSharp.Cli;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class AuditTests : IDisposable
{
    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private string Run() => _runs.Write("m", CompareRuns.Samples("t", "110").Concat(
    [
        CompareRuns.Sample("t", null, 3, false) with { Response = new Response("I cannot say.\u001b[31m", FinishReason.Stop), Prediction = Prediction.NothingFound },
        CompareRuns.Sample("t", null, 4, false) with { Response = new Response("", FinishReason.Stop) { Failure = "The endpoint answered 500." }, Prediction = Prediction.NothingFound },
        CompareRuns.Sample("t", null, 5, false) with { Response = new Response("First, let us", FinishReason.Length), Prediction = Prediction.NothingFound },
        CompareRuns.Sample("t", null, 6, true) with { Response = new Response("Maybe\nB, who knows", FinishReason.Stop), Prediction = new Prediction("B", "any capital", true) { Span = (6, 7), IsLowConfidence = true } },
    ]));

    [Fact]
    public void An_audit_counts_rules_and_shows_every_kind_of_doubtful_answer()
    {
        YiResult result = Yi.Run("eval", "audit", Run());
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"(?m)^t +letter +3 +2 +0$", result.Output);
        Assert.Matches(@"(?m)^t +\(none\) +3 +0 +0$", result.Output);
        Assert.Matches(@"(?m)^t +any capital +1 +1 +1$", result.Output);
        Assert.Contains("No answer came: 1\n\n  t, item 4: wrong, expected B\n  > question 4 of t\n  | The endpoint answered 500.", result.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing found in a whole answer: 1\n\n  t, item 3: wrong, expected B\n  > question 3 of t\n  | I cannot say.\uFFFD[31m", result.Output, StringComparison.Ordinal);
        Assert.Contains("Cut off by the limit of tokens, whether something was found or not: 1\n\n  t, item 5", result.Output, StringComparison.Ordinal);
        Assert.Contains("Found by a rule that guesses: 1\n\n  t, item 6: right, expected B; read B by any capital\n  > question 6 of t\n  | Maybe\n  | »B«, who knows", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_long_question_the_end_is_shown_and_of_a_character_that_the_limit_cut_nothing()
    {
        string exemplars = string.Concat(Enumerable.Range(0, 40).Select(i => $"Question: exemplar {i}\n\nAnswer: {i}\n\n"));
        string run = _runs.Write("long",
        [
            CompareRuns.Sample("t", null, 0, false) with { Prompt = exemplars + "What\u001b is it?\r\nA. a bird\nB. a plane", Response = new Response("它是一只\uFFFD\uFFFD", FinishReason.Length), Prediction = Prediction.NothingFound },
            CompareRuns.Sample("t", null, 1, false) with { Prompt = "" + new string('x', 2000), Response = new Response("a \uFFFD", FinishReason.Stop), Prediction = Prediction.NothingFound },
        ]);
        string output = Yi.Run("eval", "audit", run, "--html", _runs["long.html"]).Output, page = File.ReadAllText(_runs["long.html"]);
        Assert.Contains("\n  > … Answer: 37\n  > Question: exemplar 38\n  > Answer: 38\n  > Question: exemplar 39\n  > Answer: 39\n  > What\uFFFD is it?\n  > A. a bird\n  > B. a plane\n  | 它是一只\n", output, StringComparison.Ordinal);
        Assert.Contains($"\n  > … {new string('x', 600)}\n  | a \uFFFD\n", output, StringComparison.Ordinal);
        Assert.Contains("它是一只</pre>", page, StringComparison.Ordinal);
        Assert.Contains("它是一只\uFFFD\uFFFD", File.ReadAllText(Path.Combine(run, "samples.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_is_coloured_at_a_terminal()
    {
        using var output = new MemoryStream();
        using var interrupts = new Interrupts();
        Application.Run(["eval", "audit", Run()], new Terminal(new MemoryStream(), output, new StringWriter()) { HasColours = true }, interrupts);
        Assert.Contains("\u001b[7mB\u001b[0m, who knows", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_seed_chooses_which_of_many_are_shown()
    {
        string run = _runs.Write("many", Enumerable.Range(0, 100).Select(i => CompareRuns.Sample("t", null, i, false) with { Prediction = Prediction.NothingFound }));
        string Shown(string seed) => Yi.Run("eval", "audit", run, "--count", "3", "--seed", seed).Output;
        Assert.Equal(Shown("1"), Shown("1"));
        Assert.NotEqual(Shown("1"), Shown("2"));
        Assert.Equal(3, Shown("1").Split(", item ").Length - 1);
        Assert.Contains("Nothing found in a whole answer: 100, 3 of them", Shown("1"), StringComparison.Ordinal);
        Assert.Contains("--count", Yi.Run("eval", "audit", run, "--count", "0").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_judge_said_is_shown_with_its_verdict_marked_and_line_ends_are_line_ends()
    {
        Judgement Said(string words, (int, int)? span) => new("Grade it.", new Response(words, FinishReason.Stop)) { Span = span };
        Sample Judged(int item, Judgement judgement, Prediction verdict) => CompareRuns.Sample("t", null, item, false) with { Answer = "Because:\n- it is far\n- it is cold", Judgement = judgement, Prediction = verdict };
        string run = _runs.Write("judged",
        [
            Judged(0, Said("It misses\nthe second one: 2, I think", (26, 27)), new Prediction("2", "number", false) { Span = (26, 27), IsLowConfidence = true }),
            Judged(1, Said("Well done!", null), Prediction.NothingFound),
            Judged(2, new Judgement("Grade it.", new Response("", FinishReason.Stop) { Failure = "too busy" }), Prediction.NothingFound),
        ]);
        string output = Yi.Run("eval", "audit", run).Output;
        Assert.Contains("t, item 0: wrong, expected Because: - it is far - it is cold; the judge's verdict is 2 by number\n  > question 0 of t\n  | It is A.\n  judge:\n  | It misses\n  | the second one: »2«, I think\n", output, StringComparison.Ordinal);
        Assert.Contains("t, item 1: wrong, expected Because: - it is far - it is cold\n  > question 1 of t\n  | It is A.\n  judge:\n  | Well done!\n", output, StringComparison.Ordinal);
        Assert.Contains("  | It is A.\n  judge:\n  | too busy\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\uFFFD", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_solution_the_final_answer_is_what_was_expected()
    {
        string run = _runs.Write("solved", [CompareRuns.Sample("t", null, 0, false) with { Answer = "9 * 2 = 18\n#### 18", Prediction = Prediction.NothingFound }]);
        Assert.Contains("t, item 0: wrong, expected 18\n", Yi.Run("eval", "audit", run).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_shows_the_same()
    {
        Assert.Equal(0, Yi.Run("eval", "audit", Run(), "--html", _runs["audit.html"]).ExitCode);
        string page = File.ReadAllText(_runs["audit.html"]);
        Assert.Contains("Maybe\n»B«, who knows", page, StringComparison.Ordinal);
        Assert.Contains("The endpoint answered 500.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_cannot_be_written_is_said_instead_of_the_audit()
    {
        YiResult result = Yi.Run("eval", "audit", Run(), "--html", Run());
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("is a folder; a file was expected", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_span_beyond_the_output_marks_nothing()
    {
        Sample sample = CompareRuns.Sample("t", null, 0, true);
        Assert.Equal("It is »B«.", MarkedOutput.Of(sample).With("»", "«"));
        Assert.Equal("It is B.", MarkedOutput.Of(sample with { Prediction = sample.Prediction with { Span = (6, 700) } }).With("»", "«"));
        Assert.Equal("It is B.", MarkedOutput.Of(sample with { Prediction = sample.Prediction with { Span = (7, 6) } }).With("»", "«"));
    }
}
