using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>What a yes-or-no question asks, to be found stated or denied in a sentence.</summary>
internal sealed class Statement
{
    private static readonly Regex Negation = Pattern.Of(@"\b(?:not|never|cannot|nobody|no longer|neither|fails? to|unable to|false that|without ever|nor|none|(?:has|have|had|but|with|there (?:is|are|was|were)) no|too [a-z]+ (?:to|for))\b|^\s*no [a-z]|n't\b|不|没|并非|无法|未");
    private static readonly Regex Implausible = Pattern.Of(@"implausible|nonsens|mak(?:es|ing) no sense|unlikely|improbable|absurd|unrealistic|impossible|incoherent|不合理|不合情理|说不通|讲不通|不通顺|没有意义|荒谬|不可信|不现实|不太可能");
    private static readonly Regex Plausible = Pattern.Of(@"plausible|make(?:s)? sense|reasonable|realistic|believable|possible\b|合理|合情理|说得通|讲得通|通顺|有意义|可信|现实");
    private static readonly Regex Away = Pattern.Of(
        @"\b(?:steps?|units?|feet|metres?|meters?) (?:away|ahead|behind|off|short|from|forward|to the|left of|right of|in front|further|backward|past)",
        "(?:away|far|different|displaced) from (?:the|your|where)",
        "different (?:place|point|position|spot|location)",
        "somewhere else|elsewhere",
        @"≠\s*\(0, ?0\)",
        "[左右前后东西南北](?:侧|边|方|面)",
        "距离?(?:起点|原点)|偏离");

    private static readonly Regex Back = Pattern.Of(
        "where (?:you|we|i|they) (?:started|began|start)",
        "(?:starting|initial|original|same) (?:point|position|place|spot|location)",
        @"\borigin\b|net displacement",
        "same as the (?:initial|starting|original)",
        @"\bback (?:at|to|where)|(?:return|come|go)s? back|\breturn(?:s|ed|ing)?\b",
        "起点|原点|回到");

    private static readonly Regex Returning = Pattern.Of(@"\b(?:brings?|takes?|leads?|puts?) (?:you|us|me|it) (?:right |exactly )?back|\breturns?\b|\bback (?:at|to|where)");
    private static readonly Regex RatherThan = Pattern.Of(@"\b(?:rather than|instead of)\b|而不是|而非");

    private const string Lies = "is lying|lies|lied|(?:must be |is )?(?:a )?liar|lie\\b|be lying"
        + "|(?:is not|isn't|not) (?:telling|truthful|being)|(?:does not|doesn't|did not|cannot|can't) (?:tell|be)|(?:does not|doesn't|is not|isn't)[.!]*$";
    private const string Truth = "tells? the truth|told the truth|(?:is|be) (?:telling the truth|truthful|honest|a truth-teller)|speaks? the truth|does(?: tell the truth)?\\b";

    private static readonly Regex NameAsked = Pattern.Of(@"does ([a-z]+) tell the truth");
    private static readonly string[] Opposing = ["in", "un", "im", "ir", "il", "non", "dis"];
    private static readonly Regex Pronoun = Pattern.Of(@"^(?:so |thus |therefore |hence |then )?(?:it|they|he|she|this|that|you|we|one)\b");
    /// <summary>Words with a "no" that deny nothing.</summary>
    private static readonly string[] Certain = ["there is no doubt", "there is no question", "there is no reason"];

    private static readonly Regex All = Pattern.Of(@"\b(?:all|every|each|always)\b");
    private static readonly Regex PlausibleAsked = Pattern.Of("(?:这?句话|句子)[^。?]{0,6}(?:合理|说得通|讲得通|通顺|有意义|可信)");
    private readonly bool _plausible, _back;
    private readonly Regex? _truth;

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
            _truth = Pattern.Of($@"\b{Regex.Escape(name.Groups[1].Value)}(?:,[^,]*,)? (?:also |then |must |therefore |indeed |really |in fact )*(?:({Lies})|({Truth}))");
        }
        (int from, int to) = Sentences.AskingIn(lower);
        string question = lower[from..to];
        if (question.LastIndexOf(':') is > 0 and var colon && question.Length - colon > 8) question = question[colon..];
        _words = ContentWords.Of(question.Replace("吗", "", StringComparison.Ordinal).Replace("呢", "", StringComparison.Ordinal));
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
            if (Implausible.Match(sentence) is { Success: true } implausible) return (negated || sentence.Contains("nothing", StringComparison.Ordinal)) && !sentence.Contains("no sense", StringComparison.Ordinal) && !char.IsBetween(sentence[implausible.Index], '一', '鿿');
            return Plausible.IsMatch(sentence) ? !negated : null;
        }
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
        int opposites = _words.Count(word => Opposing.Any(prefix => said.Contains(prefix + word)));
        if (opposites > 0) negated = !negated;
        int shared = _words.Count(said.Contains) + opposites;
        bool speaksOfIt = (shared * 2 >= _words.Count && (shared > 1 || _words.Count == 1 || !_isChinese)) || (shared > 1 && shared * 3 >= said.Count * 2) || (shared > 0 && shared * 2 >= said.Count && Pronoun.IsMatch(sentence));
        return speaksOfIt ? negated == _isDenied : null;
    }
}
