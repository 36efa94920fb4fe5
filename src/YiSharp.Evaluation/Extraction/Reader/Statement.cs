using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>What a yes-or-no question asks, to be found stated or denied in a sentence.</summary>
internal sealed class Statement
{
    private static readonly Regex Negation = Pattern.Of(@"\b(?:not|never|cannot|nobody|no longer|neither|hardly|scarcely|barely|fails? to|unable to|false that|without ever|nor|none|(?:has|have|had|but|with|there (?:is|are|was|were)) no|too [a-z]+ (?:to|for))\b|^\s*no [a-z]|n't\b|不|没|并非|无法|未");
    private static readonly Regex Implausible = Pattern.Of(@"implausible|lacks plausibility|nonsens|mak(?:es|ing) no sense|unlikely|improbable|absurd|unrealistic|impossible|incoherent|不合理|不合情理|说不通|讲不通|不通顺|没有意义|荒谬|不可信|不现实|不太可能");
    private static readonly Regex CannotBe = Pattern.Of(@"\b(?:could not|couldn't|cannot|can't|would not|wouldn't|would never|could never) (?:have|happen)\b");
    private static readonly Regex Plausible = Pattern.Of(@"plausible|make(?:s)? sense|reasonable|realistic|believable|possible\b|合理|合情理|说得通|讲得通|通顺|有意义|可信|现实");
    private static readonly Regex Away = Pattern.Of(
        @"\b(?:steps?|units?|feet|metres?|meters?) (?:away|ahead|behind|off|short|from|forward|to the|left of|right of|in front|further|backward|past)",
        "(?:away|far|different|displaced) from (?:the|your|where)",
        "different (?:place|point|position|spot|location)",
        "somewhere else|elsewhere|differs? from",
        @"\b(?:distance|displacement)\b[^.]{0,40}(?:is|of|=) [1-9]",
        @"≠\s*\(0, ?0\)",
        @"\b(?:final|end|ending|finish)[a-z]* (?:[a-z]+ ){0,3}\((?:-?[1-9][0-9]*, ?-?[0-9]+|0, ?-?[1-9][0-9]*)\)",
        "[左右前后东西南北](?:侧|边|方|面)",
        "[距离](?:起点|原点|原地|出发)|偏离|离开了");

    private static readonly Regex Back = Pattern.Of(
        "where (?:you|we|i|they) (?:started|began|start)",
        "(?:starting|initial|original|same) (?:point|position|place|spot|location)",
        @"\borigin\b|net displacement|cancel(?:s|led)? (?:each other )?out|point of departure|\b(?:at|to) the (?:start|beginning)\b",
        @"\b(?:final|end|ending|finish)[a-z]* (?:[a-z]+ ){0,3}\(0, ?0\)",
        "same as the (?:initial|starting|original)",
        @"\bback (?:at|to|where)|(?:return|come|go|get)s? back|\breturn(?:s|ed|ing)?\b",
        "起点|原点|原地|出发(?:点|地|的地方|的位置|时的)|回到");

    private static readonly Regex Returning = Pattern.Of(@"\b(?:brings?|takes?|leads?|puts?) (?:you|us|me|it) (?:right |exactly )?back|\breturns?\b|\bback (?:at|to|where)");
    private static readonly Regex RatherThan = Pattern.Of(@"\b(?:rather than|instead of)\b|而不是|而非");

    private const string Lies = "is lying|tells? (?:a lie|lies)|lies|lied|(?:must be |is )?(?:a )?liar|lie\\b|be lying"
        + "|(?:is not|isn't|not) (?:telling|truthful|being)|(?:does not|doesn't|did not|cannot|can't) (?:tell|be)|(?:does not|doesn't|is not|isn't)[.!]*$";
    private const string Truth = "tells? the truth|told the truth|(?:is|be) (?:telling the truth|truthful|honest|a truth-teller)|speaks? the truth|does(?: tell the truth)?\\b";

    private static readonly Regex OnlyOne = Pattern.Of($@"^(?:so |thus |hence |therefore,? )?only ([a-z]+) (?:({Lies})|({Truth}))");
    private static readonly Regex NameAsked = Pattern.Of(@"does ([a-z]+) tell the truth");
    private static readonly string[] Opposing = ["in", "un", "im", "ir", "il", "non", "dis"];
    /// <summary>Words of which one holds where the other does not.</summary>
    private static readonly (string One, string Other)[] Contraries =
    [
        ("prime", "composite"), ("even", "odd"), ("same", "different"), ("guilty", "innocent"), ("alive", "dead"), ("open", "closed"), ("real", "fictional"), ("intentionally", "accident"),
        ("intentionally", "accidentally"), ("intentionally", "unintentional"), ("increase", "decrease"), ("质数", "合数"), ("素数", "合数"), ("奇数", "偶数"), ("正数", "负数"), ("故意", "无意"), ("故意", "意外"), ("增加", "减少"), ("上升", "下降"), ("闰年", "平年"), ("安全", "危险"),
    ];

    private static readonly (string One, string Other)[] Synonyms = [("intentionally", "intentional"), ("intentionally", "deliberately"), ("intentionally", "purpose"), ("故意", "有意"), ("质数", "素数")];

    private static readonly ILookup<string, string> ContraryOf = Either(Contraries), SameAs = Either(Synonyms);

    private static readonly Regex Pronoun = Pattern.Of(@"^(?:so |thus |therefore |hence |then )?(?:it|they|he|she|this|that|you|we|one)\b");
    /// <summary>Words with a "no" that deny nothing.</summary>
    private static readonly string[] Certain = ["there is no doubt", "there is no question", "there is no reason"];

    private static readonly Regex All = Pattern.Of(@"\b(?:all|every|each|always)\b");
    private static readonly Regex PlausibleAsked = Pattern.Of("(?:这?句话|句子)[^。?]{0,6}(?:合理|说得通|讲得通|通顺|有意义|可信)");
    /// <summary>What is asked whether something is: "a bird", 鸟类.</summary>
    private static readonly Regex Predicate = Pattern.Of(@"^(?:is|are|was|were) (?:[a-z0-9]+ ){1,3}an? ([a-z]+)\?$", "(?:是|属于)([一-鿿]{1,4})吗");

    private readonly bool _plausible, _back;
    private readonly string? _predicate;
    private readonly Regex? _truth, _said;
    private readonly string? _name;

    /// <summary>Who lies, who does not, and "so does he", whom the question is about.</summary>
    private readonly Regex? _alike;
    private readonly HashSet<string> _words;
    private readonly bool _isDenied, _isChinese, _asksAll;

    public Statement(string input)
    {
        string lower = FoldedText.Of(input).Lower.Split("\noptions:")[0];
        _plausible = lower.Contains("plausible", StringComparison.Ordinal) || lower.Contains("make sense", StringComparison.Ordinal)
            || PlausibleAsked.IsMatch(lower);
        _back = lower.Contains("starting point", StringComparison.Ordinal) || lower.Contains("起点", StringComparison.Ordinal);
        if (NameAsked.Matches(lower).LastOrDefault() is { } name)
        {
            _alike = Pattern.Of($@"({Lies})|({Truth})", $@"\bso (?:is|does|must) {Regex.Escape(name.Groups[1].Value)}\b");
            _name = name.Groups[1].Value;
            _said = Pattern.Of($@"\b{Regex.Escape(_name)}(?:'s (?:statement|claim|assertion)| says)(?:[^.,;]{{0,60}},? which)? (?:is|must be) (?:(false|untrue|not true|a lie)|(true))\b");
            _truth = Pattern.Of($@"\b{Regex.Escape(name.Groups[1].Value)}(?:,[^,]*,)? (?:also |then |must |therefore |indeed |really |in fact )*(?:({Lies})|({Truth}))");
        }
        (int from, int to) = Sentences.AskingIn(lower);
        string question = lower[from..to];
        if (question.LastIndexOf(':') is > 0 and var colon && question.Length - colon > 8) question = question[colon..];
        _words = ContentWords.Of(question.Replace("吗", "", StringComparison.Ordinal).Replace("呢", "", StringComparison.Ordinal));
        _predicate = Predicate.Match(question) is { Success: true } predicate ? predicate.Groups.Values.Last(group => group.Success).Value : null;
        _asksAll = All.IsMatch(question);
        _isChinese = question.Any(c => c >= '\u3400');
        _isDenied = Negation.IsMatch(WithoutAlternatives(question));
    }

    /// <summary>"Max lies, and so does Eve": what was said before of another.</summary>
    private bool? AsOthers(string sentence) => _alike?.Matches(sentence) is [.., { } before, { } same] && !same.Groups[1].Success && !same.Groups[2].Success && (before.Groups[1].Success || before.Groups[2].Success) ? before.Groups[2].Success : null;

    /// <summary>Without the 不是 of 是不是, which only asks.</summary>
    private static string WithoutAlternatives(string question)
    {
        for (int at = question.IndexOf('不', StringComparison.Ordinal); at > 0 && at + 1 < question.Length; at = question.IndexOf('不', at + 1))
        {
            if (question[at - 1] == question[at + 1]) return question.Remove(at, 1);
        }
        return question;
    }

    /// <summary>The same of a sentence with all of its words, and its "all"; null where one is missing.</summary>
    public bool? HoldsWhole(string sentence) => _words.Count > 1 && (!_asksAll || All.IsMatch(sentence)) && _words.IsSubsetOf(ContentWords.Of(sentence)) ? Holds(sentence) : null;

    private static ILookup<string, string> Either((string One, string Other)[] pairs) =>
        pairs.SelectMany(pair => ((string, string)[])[(pair.One, pair.Other), (pair.Other, pair.One)]).ToLookup(pair => ContentWords.Stem(pair.Item1), pair => ContentWords.Stem(pair.Item2));

    /// <summary>Whether a sentence says of something that it is such a one, or not: has the word, though not at its beginning, where it tells what such a one is.</summary>
    private static bool IsSaidOf(string predicate, string sentence)
    {
        int at = sentence.AsSpan().TrimStart().IndexOf(predicate[0] < '\u3400' ? predicate : predicate[..1]);
        return at > 0 || (at == 0 && sentence.Length <= predicate.Length + 2);
    }

    /// <summary>Whether a sentence in lower case states it (true), denies it (false), or says something else (null).</summary>
    public bool? Holds(string sentence)
    {
        foreach (string idiom in Certain) sentence = sentence.Replace(idiom, "", StringComparison.Ordinal);
        bool negated = Negation.IsMatch(sentence);
        if (RatherThan.Match(sentence) is { Success: true } rather)
        {
            IEnumerable<string> unsaid = _words.Except(ContentWords.Of(sentence[..rather.Index]));
            negated |= ContentWords.Of(sentence[rather.Index..]).Overlaps(unsaid);
        }
        if (_plausible)
        {
            if (CannotBe.IsMatch(sentence)) return false;
            if (Implausible.Match(sentence) is { Success: true } implausible) return (negated || sentence.Contains("nothing", StringComparison.Ordinal)) && !sentence.Contains("no sense", StringComparison.Ordinal) && !char.IsBetween(sentence[implausible.Index], '一', '鿿');
            return Plausible.IsMatch(sentence) ? !negated : null;
        }
        if (_truth is not null && _said!.Matches(sentence).LastOrDefault() is { } judged) return judged.Groups[2].Success;
        if (_truth is not null && OnlyOne.Match(sentence) is { Success: true } only) return (only.Groups[1].Value == _name) == only.Groups[3].Success;
        if (_truth is not null) return _truth.Matches(sentence).LastOrDefault() is { } told ? told.Groups[2].Success : AsOthers(sentence);
        if (_back)
        {
            if (Away.Match(sentence) is { Success: true } away)
            {
                if (Returning.Match(sentence, away.Index) is { Success: true } returning) return !Negation.IsMatch(sentence[away.Index..returning.Index]);
                string before = sentence[..away.Index];
                return Negation.IsMatch(before) && !Back.IsMatch(before) ? null : false;
            }
            return Back.IsMatch(sentence) ? !negated || sentence.Contains("no net", StringComparison.Ordinal) : null;
        }
        if (_words.Count == 0) return null;
        HashSet<string> said = ContentWords.Of(sentence.Replace("不", "", StringComparison.Ordinal));
        int contraries = _words.Count(word => !said.Contains(word) && ContraryOf[word].Any(contrary => said.Contains(contrary) && !_words.Contains(contrary)));
        int opposites = contraries + _words.Count(word => Opposing.Any(prefix => said.Contains(prefix + word)));
        if (opposites > 0) negated = !negated;
        else if (_predicate is not null && !IsSaidOf(_predicate, sentence)) return null;
        int shared = _words.Count(word => said.Contains(word) || SameAs[word].Any(said.Contains)) + opposites;
        bool speaksOfIt = contraries > 0 || (shared * 2 >= _words.Count && (shared > 1 || _words.Count == 1 || !_isChinese)) || (shared > 1 && shared * 3 >= said.Count * 2) || (shared > 0 && shared * 2 >= said.Count && Pronoun.IsMatch(sentence));
        return speaksOfIt ? negated == _isDenied : null;
    }
}
