using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

public sealed class AnswerCheckTests
{
    private const string Facts = """{"name": "Rosa", "job": "tailor", "city": "Kyoto", "born": 1970}""";

    [Theory]
    [InlineData("exact", "[positive]", " [positive]\n", "[positive]", true)]
    [InlineData("exact", "[positive]", "[negative]", "[negative]", false)]
    [InlineData("exact", "[positive]", "positive", null, false)]
    [InlineData("exact", "[positive]", "The label is [positive].", null, false)]
    [InlineData("exact", "[positive]", "[positive]\nbecause it is lovely", null, false)]
    [InlineData("exact", "[positive]", "[]", null, false)]
    [InlineData("exact", "1908-03-24", "1908-03-24", "1908-03-24", true)]
    [InlineData("exact", "1908-03-24", "1908-04-23", "1908-04-23", false)]
    [InlineData("exact", "1908-03-24", "March 24, 1908", null, false)]
    [InlineData("exact", "I don't know.", "I don't know.", "I don't know.", true)]
    [InlineData("exact", "I don't know.", "Her shoe size is 38.", "Her shoe size is 38.", false)]
    [InlineData("exact", "I don't know.", "", null, false)]
    [InlineData("json", Facts, """{"born": 1970.0, "city": "Kyoto", "name": "Rosa", "job": "tailor"}""", """{"born": 1970.0, "city": "Kyoto", "name": "Rosa", "job": "tailor"}""", true)]
    [InlineData("json", Facts, """{"name": "Rosa"}""", """{"name": "Rosa"}""", false)]
    [InlineData("json", Facts, """{"name": "Rosa", "job": "tailor", "city": "Kyoto", "born": "1970"}""", """{"name": "Rosa", "job": "tailor", "city": "Kyoto", "born": "1970"}""", false)]
    [InlineData("json", Facts, "Name: Rosa", null, false)]
    [InlineData("json", Facts, """{"name": "Rosa",""", null, false)]
    [InlineData("json", Facts, "[1]", null, false)]
    [InlineData("json_fields", Facts, """Sure: {"name": "Rosa", "job": "tailor", "city": "Kyoto", "born": 1970.0, "hair": {}}.""", """{"name": "Rosa", "job": "tailor", "city": "Kyoto", "born": 1970.0, "hair": {}}""", true)]
    [InlineData("json_fields", """{"a": {"b": 1}, "c": [1, 2]}""", """{"a": {"b": 1, "x": 2}, "c": [1, 2]}""", """{"a": {"b": 1, "x": 2}, "c": [1, 2]}""", true)]
    [InlineData("json_fields", """{"a": {"b": 1}, "c": [1, 2]}""", """{"a": {"b": 1}, "c": [2, 1]}""", """{"a": {"b": 1}, "c": [2, 1]}""", false)]
    [InlineData("json_fields", """{"a": {"b": 1}}""", """{"a": 1}""", """{"a": 1}""", false)]
    [InlineData("json_fields", """{"a": 1}""", """Of {"a": 2} I make {"a": 1}""", """{"a": 1}""", true)]
    [InlineData("json_fields", """{"a": 1}""", """{"a": {"a": 1}}""", """{"a": {"a": 1}}""", false)]
    [InlineData("json_fields", """{"a": 1}""", """{"a": 1""", null, false)]
    [InlineData("json_fields", """{"a": 1}""", "[1]", null, false)]
    [InlineData("contains", "304-6129", "Mei's phone number is 304-6129.", "304-6129", true)]
    [InlineData("contains", "304-6129", "I don't know.", "I don't know.", false)]
    [InlineData("contains", "304-6129", " \n", null, false)]
    [InlineData("last_number", "43", "31 + 13 = 44. Take away 1: 43.\nAnswer: 43", "43", true)]
    [InlineData("last_number", "1043", "Answer: 1,043", "1043", true)]
    [InlineData("last_number", "43", "Answer: 44", "44", false)]
    [InlineData("last_number", "-7", "It was -7 degrees.", "-7", true)]
    [InlineData("last_number", "43", "forty-three", null, false)]
    [InlineData("bullets:2", "2", "\n- soil\n* a hedge\n", "2", true)]
    [InlineData("bullets:2", "2", "- soil\n- a hedge\n- worms", "3", false)]
    [InlineData("bullets:2", "2", "1. soil\n2. a hedge", null, false)]
    public void An_answer_is_read_by_its_form_and_judged_by_what_it_says(string name, string answer, string output, string? extracted, bool correct)
    {
        Assert.True(AnswerCheck.TryParse(name, answer, out AnswerCheck? check, out _));
        Prediction prediction = check.Judge(output);
        Assert.Equal(extracted, prediction.Extracted);
        Assert.Equal(correct, prediction.Correct);
        Assert.Equal(extracted is null, prediction.Rule is null);
    }

    [Theory]
    [InlineData("{\"a\": \"\\ud800\"}")]
    [InlineData("{\"\\udc00\": 1}")]
    [InlineData("\ud800{}")]
    public void Halves_of_characters_are_wrong_answers_and_no_crash(string output)
    {
        foreach (string answer in new[] { Facts, """{"a": "x"}""" })
        {
            foreach (string name in new[] { "json", "json_fields" })
            {
                Assert.True(AnswerCheck.TryParse(name, answer, out AnswerCheck? check, out _));
                Assert.False(check.Judge(output).Correct);
            }
        }
    }

    [Fact]
    public void Deep_nesting_is_no_answer()
    {
        Assert.True(AnswerCheck.TryParse("json", Facts, out AnswerCheck? check, out _));
        Assert.Null(check.Judge(string.Concat(Enumerable.Repeat("{\"a\":", 10_000))).Extracted);
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("{")]
    [InlineData("{\"")]
    [InlineData("{\"a\":[{},")]
    public void Objects_that_never_end_are_no_answer_however_many_begin(string beginning)
    {
        Assert.True(AnswerCheck.TryParse("json_fields", Facts, out AnswerCheck? check, out _));
        Assert.False(check.Judge(string.Concat(Enumerable.Repeat(beginning, 200_000))).Correct);
    }

    [Fact]
    public void A_guess_among_several_objects_is_said_to_be_one_and_its_place_is_told()
    {
        Assert.True(AnswerCheck.TryParse("json_fields", """{"a": "ü"}""", out AnswerCheck? check, out _));
        const string Output = """{"a": "öß"} 你好 {"a": "ü"} fine""";
        Prediction last = check.Judge(Output), twice = check.Judge("""{"a": "ü"} or {"a":"ü"}""");
        Assert.Equal(("""{"a": "ü"}""", true), (Output[last.Span!.Value.From..last.Span.Value.To], last.IsLowConfidence));
        Assert.False(twice.IsLowConfidence);
    }

    [Theory]
    [InlineData("exakt", "x", "has the check \"exakt\"; expected one of exact, json, json_fields, contains, last_number, bullets:N")]
    [InlineData("bullets:0", "0", "has the check \"bullets:0\"; expected one of exact, json, json_fields, contains, last_number, bullets:N")]
    [InlineData("json", "[1]", "has the answer \"[1]\", which the check json cannot look for; it looks for a JSON object, each name in it once")]
    [InlineData("json_fields", "{}", "has the answer \"{}\", which the check json_fields cannot look for; it looks for a JSON object with at least one field, each name in it once")]
    [InlineData("contains", "", "has the answer \"\", which the check contains cannot look for; it looks for a text that is not empty")]
    public void A_check_that_cannot_work_is_refused(string name, string answer, string expected)
    {
        Assert.False(AnswerCheck.TryParse(name, answer, out _, out string? reason));
        Assert.Equal(expected, reason);
    }
}
