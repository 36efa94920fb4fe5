using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Which option a text without a claim speaks for, by the options' texts and letters in it.</summary>
internal sealed class ChoiceMentions
{
    /// <summary>What stands for the thing that was asked for.</summary>
    private static readonly Regex Pronoun = Pattern.Of(@"\b(?:it|this|that)(?:'s| is| was)\b", "[它这]是");

    /// <summary>What all options are, such as a planet.</summary>
    private static readonly Regex Class = Pattern.Of(@"\b(?:which|what) ([a-z]{3,})\b");
    private static readonly Regex Most = Pattern.Of("最", @"\bmost\b", @"\b[a-z]{3,}est\b");
    private static readonly Regex Foremost = Pattern.Of("最|第一|居首|首位", @"\b(?:most|first|top|leads|wins|winner)\b", @"\b[a-z]{3,}est\b");
    private static readonly Regex Least = Pattern.Of("最[小少短低轻早近慢差弱]", @"\b(?:least|smallest|lowest|fewest|shortest|lightest|earliest|slowest|youngest|cheapest|nearest|closest|weakest|worst)\b");
    private static readonly Regex Joint = Pattern.Of(@"^[\s()]*(?:(?:,|、|\bor\b|\bnor\b|或者?|和|与)[\s()]*){0,2}(?:the |an? )?$");
    private static readonly Regex Against = Pattern.Of(
        @"\b(?<than>before|after|than|until|from|followed by|ahead of|beats|exceeds|surpasses|outperforms|compared (?:to|with))\b[^,;:.]{0,60}$", "(?<than>比)(?:[^,;:。较例如率赛重][^,;:。]*)?$");
    private static readonly Regex Belongs = Pattern.Of(@"^[\s"")\]]*(?:are|were|(?:do|all|both|have|belong)\b)", @"^[""\s项者]*[两三四五]?[项者种个]?(?:均|都|全部?|皆)(?:是|属|正确|为|有|能|符合)");
    private static readonly Regex Comprising = Pattern.Of(@"\b(?:include|are|comprise|namely)s?(?: the)?:? $", "(?:有|包括|包含|分为|即|[两三四]种)(?:以下)?[:\"]?$");
    private static readonly Regex Label = Pattern.Of(@"^[\s().:、-]*$");
    private static readonly Regex Sole = Pattern.Of(@"(?:^|[^t] |[.;,:\n] ?)only (?:the |an? )?$", "(?:只有|仅有|唯有)$");
    private static readonly Regex Joined = Pattern.Of(@"^[\s""')]*(?:,|and|or|&|、|和|与|或)");
    private static readonly Regex Ground = Pattern.Of(@", (?:because|since|let alone|as opposed to)\b", ",(?:因为|由于|更不用说)");
    private static readonly Regex Alike = Pattern.Of(@"\b(?:all|are|were)\b", "(?:均|都|全|皆)");
    private static readonly Regex Judging = Pattern.Of(@"\b(?:true|correct|right)\b", "正确|说法对|都对");
    private static readonly Regex Unlike = Pattern.Of(@"\b(?:not|n't|never|none|no|wrong|false|incorrect|only|but|except)\b", "不|没|非|错|除");
    private static readonly Regex BothBefore = Pattern.Of(@"\bboth (?:the |an? )?$");
    private static readonly Regex Listed = Pattern.Of(@"^(?: \([^()]{0,30}\))?(?:, (?:and |or )?| and | or |、|和)(?:the )?$");
    private static readonly Regex Supposed = Pattern.Of(@"\b(?:might|may|could)\b");
    private static readonly Regex Contrast = Pattern.Of(@",? (?:whereas|while)\b", ",而");
    private static readonly Regex Excepted = Pattern.Of(@"\b(?:excluding|not including|except|except for|other than|apart from|all but) (?:the |an? )?$", "(?:不包括|不含|除了?)$");
    private static readonly Regex Enumeration = Pattern.Of("^(?:[ ,、和与及]|and)*$");

    private readonly FoldedText _text;
    private readonly OptionLetters _letters;
    private readonly bool _wrongIsAsked;
    private readonly string _question;
    private readonly HashSet<string> _asked;
    private readonly bool _mostIsAsked, _leastIsAsked;
    private readonly int _options;
    private readonly List<Mention> _kept;

    /// <param name="text">The text.</param>
    /// <param name="stem">The question without its options, in lower case.</param>
    /// <param name="options">The options' texts.</param>
    /// <param name="letters">Their letters in the text.</param>
    /// <param name="lists">Lines that only list the options again.</param>
    /// <param name="wrongIsAsked">Whether the question wants what is not so.</param>
    public ChoiceMentions(FoldedText text, string stem, OptionTexts options, OptionLetters letters, List<(int From, int To)> lists, bool wrongIsAsked)
    {
        (_text, _letters, _wrongIsAsked, _options, _question) = (text, letters, wrongIsAsked, options.Count, stem);
        (int askedFrom, int askedTo) = Sentences.AskingIn(stem);
        _asked = ContentWords.Of(stem[askedFrom..askedTo]);
        if (Class.Match(stem[askedFrom..askedTo]) is { Success: true } kind) _asked.Remove(ContentWords.Stem(kind.Groups[1].Value));
        (_mostIsAsked, _leastIsAsked) = (Most.IsMatch(stem[askedFrom..askedTo]), Least.IsMatch(stem[askedFrom..askedTo]));
        List<(int Option, int From, int To)> named = options.Mentions(text.Lower, shorter: false);
        if (named.Count == 0 || options.HaveOwnWords) named = Merged(named, options.Mentions(text.Lower, shorter: true));
        if (named.Count == 0 && !letters.Meant().Any()) named = options.InOtherWords(text.Lower);
        IEnumerable<Mention> spelled = named.Select(found => new Mention(found.Option, found.From, found.To, "option_text"));
        IEnumerable<Mention> lettered = letters.Meant().Select(found => new Mention(found.Option, found.At, found.At + 1, "alone"));
        if (options.AreNamedByLetters) lettered = lettered.Where(mention => mention.From > 0 && text.Text[mention.From - 1] is '(' or '[');
        lettered = Outside(lettered, [.. named.Select(found => (found.From, found.To))]);
        List<Mention> ordered = [.. Outside(spelled.Concat(lettered).OrderBy(mention => mention.From), lists)];
        var denied = new bool[ordered.Count];
        for (int i = 0; i < denied.Length; i++) denied[i] = IsDenied(ordered[i]) || (i > 0 && denied[i - 1] && Continues(ordered[i - 1], ordered[i]));
        for (int i = denied.Length - 2; i >= 0; i--) denied[i] |= denied[i + 1] && ordered[i].Option == ordered[i + 1].Option && Label.IsMatch(_text.Lower[ordered[i].To..Math.Max(ordered[i].To, ordered[i + 1].From)]);
        for (int i = 0; i + 1 < denied.Length && !wrongIsAsked; i++)
        {
            if (ordered[i].Option != ordered[i + 1].Option && BothBefore.IsMatch(_text.Lower[Math.Max(0, ordered[i].From - 12)..ordered[i].From]) && Joined.IsMatch(_text.Lower[ordered[i].To..Math.Max(ordered[i].To, ordered[i + 1].From)])) denied[i] = denied[i + 1] = true;
        }
        bool together = false;
        for (int i = denied.Length - 2; i >= 0; i--)
        {
            together = AreJoined(ordered[i], ordered[i + 1])
                && (together || OptionLetters.AllWrong.IsMatch(_text.Lower[ordered[i + 1].To..Math.Min(_text.Lower.Length, ordered[i + 1].To + 40)]));
            if (together) denied[i] = denied[i + 1] = true;
        }
        HashSet<int> spoken = [.. ordered.Select(mention => mention.Option)];
        if ((options.Count == 2 || !wrongIsAsked) && spoken.Count > 0 && spoken.Count == options.Count - 1 && Array.TrueForAll(denied, isDenied => isDenied)) Opposite = Enumerable.Range(0, options.Count).First(option => !spoken.Contains(option));
        _kept = [.. ordered.Where((mention, i) => (wrongIsAsked || !denied[i]) && !Wording.IsNotOwn(text.Lower, mention.From))];
    }

    /// <summary>An option that is spoken of.</summary>
    /// <param name="Option">Which.</param>
    /// <param name="From">Where its name begins.</param>
    /// <param name="To">Where it ends.</param>
    /// <param name="Rule">What names it: its text or its letter.</param>
    public sealed record Mention(int Option, int From, int To, string Rule);

    /// <summary>The one option beside those which the text names only to deny them; null without one.</summary>
    public int? Opposite { get; }

    /// <summary>The words of the question that may tell: those of its asking sentence, without the noun that all options are.</summary>
    public HashSet<string> Asked => _asked;

    /// <summary>Whether [from, to) speaks of an option.</summary>
    public bool IsIn(int from, int to) => _kept.Exists(mention => mention.From >= from && mention.From < to);

    /// <summary>
    /// The option that one sentence names: behind its last "so", else in the clause with most of the question's words, else behind its last "but". Where the
    /// sentence does not tell, the only one that the text names.
    /// </summary>
    public Mention? Told()
    {
        (int from, int to) = Telling();
        if (to == 0) return null;
        List<Mention> said = Within(_kept, from, to);
        if (_wrongIsAsked)
        {
            if (Only(_kept.FindAll(mention => (_letters.IsDismissed(mention.To) || Excepted.IsMatch(_text.Lower[Math.Max(0, mention.From - 20)..mention.From])) && IsAsked(mention))) is { } exception) return exception;
            if (said.FindAll(mention => _letters.IsDismissed(mention.To)) is { Count: > 0 } dismissed) return Only(dismissed);
            if (Rest(said) is { } rest) return rest;
            if (AreAlike(said)) return null;
        }
        else if (Only(_kept.FindAll(IsSole)) is { } sole) return sole;
        said = Narrowed(said, Clauses.PastOpening(_text.Lower, from, to), to);
        said = Narrowed(said, Clauses.LastConclusion(_text.Lower, from, to, said[^1].From), to);
        if (Ground.Matches(_text.Lower[from..to]).FirstOrDefault(match => from + match.Index >= said[0].To) is { } ground) said = said.FindAll(mention => mention.From < from + ground.Index);
        (int From, int To)[] asides = [.. Clauses.Asides(_text.Lower, from, to)];
        List<Mention> main = said.FindAll(mention => mention.Rule == "alone" || !Array.Exists(asides, aside => mention.From >= aside.From && mention.To <= aside.To && !IsAllOf(mention, aside)));
        if (main.Count > 0) said = main;
        if (Direct(said, from) is { Count: > 0 } direct) said = direct;
        if (said.FindLast(mention => _text.Text.AsSpan(0, mention.From).TrimEnd().EndsWith('=')) is { } result) return result;
        return Only(said) ?? Only(OfClause(said, from, to)) ?? Only(BeforeContrast(said, from, to)) ?? Only(Narrowed(said, Clauses.LastTurn(_text.Lower, from, to, said[^1].From), to)) ?? Only(_kept) ?? OfOtherSentence(from);
    }

    /// <summary>The one option of the only sentence that names no other, where the telling one names several and does not tell.</summary>
    private Mention? OfOtherSentence(int telling)
    {
        List<Mention> single = [];
        foreach ((int from, int to) in Sentences.Of(_text.Text))
        {
            if (from != telling && Only(Within(_kept, from, to)) is { } only && !Supposed.IsMatch(_text.Lower[from..to])) single.Add(only);
        }
        return Only(single);
    }

    /// <summary>Whether brackets hold nothing else: they name what stands before them.</summary>
    private static bool IsAllOf(Mention mention, (int From, int To) aside) => mention.From == aside.From + 1 && mention.To == aside.To - 1;

    /// <summary>The end of an order of options that is asked for; null without one.</summary>
    public Mention? Ranked() => _mostIsAsked && OptionOrder.Of(_text, _kept, _options) is (Mention least, Mention most) ? _leastIsAsked ? least : most : null;

    /// <summary>The one option beside an enumeration of all others, where what is not so is asked for and the text names no more; null without one.</summary>
    public int? NotEnumerated()
    {
        if (!_wrongIsAsked || _options < 3) return null;
        if (_kept.Count > 0 && NotAmongAll() is int other) return other;
        if (_kept.Count != _options - 1) return null;
        if (!IsEnumeration(_kept)) return null;
        HashSet<int> named = [.. _kept.Select(mention => mention.Option)];
        bool areAll = Belongs.IsMatch(_text.Lower[_kept[^1].To..]) || Comprising.IsMatch(_text.Lower[Sentences.StartOf(_text.Text, _kept[0].From).._kept[0].From]);
        bool areDenied = _kept.Exists(IsDenied) || Clauses.IsDenied(_text.Lower, Math.Min(_text.Lower.Length, _kept[^1].To + 8));
        return named.Count == _options - 1 && !areDenied && areAll ? Enumerable.Range(0, _options).First(option => !named.Contains(option)) : null;
    }

    /// <summary>The one option beside all others of which one sentence says that they are all what was asked: "A、B是…，D是…，均属于…"; null without one.</summary>
    private int? NotAmongAll()
    {
        foreach ((int from, int to) in Sentences.Of(_text.Text))
        {
            HashSet<int> named = [.. Within(_kept, from, to).Select(mention => mention.Option)];
            if (named.Count != _options - 1 || Unlike.IsMatch(_text.Lower[from..to]) || !Alike.IsMatch(_text.Lower[from..to]) || (SharedWords(from, to) == 0 && !Judging.IsMatch(_text.Lower[from..to]))) continue;
            return Enumerable.Range(0, _options).First(option => !named.Contains(option));
        }
        return null;
    }

    /// <summary>Whether what stands at a place is only what something else is earlier, later or more than, in words that the question does not have.</summary>
    private bool IsHeldAgainst(int from, int at) => Against.Match(_text.Lower[from..at]) is { Success: true } against && !(against.Groups["than"].Value == "from" && against.Value.Contains(" to ", StringComparison.Ordinal)) && !_question.Contains(against.Groups["than"].Value, StringComparison.Ordinal);

    /// <summary>Those that are not only what something else is compared with, alone or in an enumeration.</summary>
    private List<Mention> Direct(List<Mention> said, int from)
    {
        var direct = new List<Mention>();
        bool isHeld = false;
        for (int i = 0; i < said.Count; i++)
        {
            bool goesOn = isHeld && said[i].From >= said[i - 1].To && Listed.IsMatch(_text.Lower[said[i - 1].To..said[i].From]);
            isHeld = goesOn || IsHeldAgainst(from, said[i].From);
            if (!isHeld) direct.Add(said[i]);
        }
        return direct;
    }

    /// <summary>The mentions of both lists, in order; where two overlap, that of the first.</summary>
    private static List<(int Option, int From, int To)> Merged(List<(int Option, int From, int To)> whole, List<(int Option, int From, int To)> shorter) =>
        whole.Count == 0 ? shorter : [.. whole.Concat(shorter.Where(part => !whole.Exists(other => part.From < other.To && other.From < part.To))).OrderBy(mention => mention.From)];

    /// <summary>Those, in order, that begin in none of the parts, which are in order too.</summary>
    private static IEnumerable<Mention> Outside(IEnumerable<Mention> mentions, List<(int From, int To)> parts)
    {
        int part = 0;
        foreach (Mention mention in mentions)
        {
            while (part < parts.Count && parts[part].To <= mention.From) part++;
            if (part == parts.Count || mention.From < parts[part].From) yield return mention;
        }
    }

    /// <summary>The last sentence that names an option; where it draws no conclusion, the one before it with more of the question's words, and at least two of them.</summary>
    private (int From, int To) Telling()
    {
        if (OfEach() is { } each) return each;
        (int From, int To) telling = default;
        int most = -1;
        foreach ((int from, int to) in Enumerable.Reverse(Sentences.Of(_text.Text)))
        {
            if (!IsIn(from, to)) continue;
            bool isNote = Wording.Note.IsMatch(_text.Lower[from..to]) || Supposed.IsMatch(_text.Lower[from..to]);
            int words = isNote ? -1 : SharedWords(from, to);
            if (telling.To > 0 && (words <= most || words < Math.Min(2, _asked.Count)) && most >= 0) continue;
            (telling, most) = ((from, to), words);
            if (!isNote && Clauses.LastConclusion(_text.Lower, from, to) > from) break;
        }
        return telling;
    }

    /// <summary>Where the text has a sentence for each option and no more, the one with most of the question's words; null without one.</summary>
    private (int From, int To)? OfEach()
    {
        List<(int From, int To)> sentences = Sentences.Of(_text.Text);
        if (_wrongIsAsked || _options < 3 || sentences.Count != _options || _kept.Count != _options || _kept.DistinctBy(mention => mention.Option).Count() != _options) return null;
        if (sentences.Exists(sentence => !IsIn(sentence.From, sentence.To) || Clauses.LastConclusion(_text.Lower, sentence.From, sentence.To) > sentence.From)) return null;
        List<(int From, int To)> best = [.. sentences.GroupBy(sentence => SharedWords(sentence.From, sentence.To)).MaxBy(group => group.Key)!];
        return best is [var only] && SharedWords(only.From, only.To) > 0 ? only : null;
    }

    /// <summary>Those in the one clause that holds more of the question's words than every other with an option; what follows without an option goes on with the last.</summary>
    private List<Mention> OfClause(List<Mention> said, int from, int to)
    {
        var clauses = new List<(int Words, List<Mention> Said)>();
        foreach ((int start, int end) in Clauses.Of(_text.Lower, from, to))
        {
            List<Mention> inside = Within(said, start, end);
            int words = SharedWords(start, end);
            if (clauses.Count > 0 && Pronoun.IsMatch(_text.Lower[start..end])) words = Math.Max(words, clauses.Max(clause => clause.Words));
            if (inside.Count > 0) clauses.Add((words, inside));
            else if (clauses.Count > 0) clauses[^1] = (clauses[^1].Words + words, clauses[^1].Said);
        }
        if (clauses.Count == 0) return [];
        (int most, List<Mention> best) = clauses.MaxBy(clause => clause.Words);
        return most > 0 && clauses.Count(clause => clause.Words == most) == 1 ? best : [];
    }

    /// <summary>Those before a "whereas": what is asked for comes first where the question's words do not tell.</summary>
    private List<Mention> BeforeContrast(List<Mention> said, int from, int to) =>
        Contrast.Match(_text.Lower[from..to]) is { Success: true } contrast ? said.FindAll(mention => mention.To <= from + contrast.Index) : [];

    /// <summary>"A, B and C are …, D is …": the one beside an enumeration of all others.</summary>
    private Mention? Rest(List<Mention> said)
    {
        for (int start = 0; start < said.Count; start++)
        {
            var run = new HashSet<int> { said[start].Option };
            for (int i = start + 1; i < said.Count && AreJoined(said[i - 1], said[i]); i++) run.Add(said[i].Option);
            if (_options > 2 && run.Count == _options - 1 && said.Find(mention => !run.Contains(mention.Option)) is { } rest) return rest;
        }
        return null;
    }

    /// <summary>Whether a mention's sentence has words of the question.</summary>
    private bool IsAsked(Mention mention) => _asked.Count == 0 || SharedWords(Sentences.StartOf(_text.Text, mention.From), Sentences.EndOf(_text.Text, mention.To)) > 0;

    /// <summary>"Only A has …", alone and in a sentence with words of the question.</summary>
    private bool IsSole(Mention mention) =>
        Sole.IsMatch(_text.Lower[Math.Max(0, mention.From - 16)..mention.From]) && !Joined.IsMatch(_text.Lower[mention.To..Math.Min(_text.Lower.Length, mention.To + 12)]) && (IsAsked(mention) || _kept.DistinctBy(other => other.Option).Count() == _options);

    private bool AreJoined(Mention before, Mention mention) => before.To <= mention.From && Enumeration.IsMatch(_text.Lower[before.To..mention.From]);

    private bool IsEnumeration(List<Mention> said) => said.Zip(said.Skip(1)).All(pair => AreJoined(pair.First, pair.Second));

    /// <summary>Whether they are one enumeration of which something is said: "apple and pear are fruits".</summary>
    private bool AreAlike(List<Mention> said) =>
        IsEnumeration(said) && said.DistinctBy(mention => mention.Option).Count() > 1 && !said.Exists(IsDenied) && Belongs.IsMatch(_text.Lower[said[^1].To..]) && !Clauses.IsDenied(_text.Lower, Math.Min(_text.Lower.Length, said[^1].To + 8));

    /// <summary>How many of the question's words [from, to) has; being first answers a question for the most of something.</summary>
    private int SharedWords(int from, int to)
    {
        string part = _text.Lower[from..to];
        return ContentWords.Of(part).Count(_asked.Contains) + (_mostIsAsked && Foremost.IsMatch(part) ? 1 : 0);
    }

    /// <summary>Whether a mention only goes on with the one before it: the letter behind its text, "or" another one.</summary>
    private bool Continues(Mention before, Mention mention)
    {
        if (before.To > mention.From) return false;
        string gap = _text.Lower[before.To..mention.From];
        return Joint.IsMatch(gap) && (before.Option == mention.Option || gap.AsSpan().ContainsAny("or,、或和与"));
    }

    private bool IsDenied(Mention mention) => _letters.IsDenied(mention.From, mention.To) || Clauses.IsDenied(_text.Lower, mention.From);

    private static List<Mention> Within(List<Mention> mentions, int from, int to) => mentions.FindAll(mention => mention.From >= from && mention.From < to);

    private static List<Mention> Narrowed(List<Mention> mentions, int from, int to) => Within(mentions, from, to) is { Count: > 0 } rest ? rest : mentions;

    private static Mention? Only(List<Mention> mentions) => mentions.Count > 0 && mentions.TrueForAll(mention => mention.Option == mentions[0].Option) ? mentions[^1] : null;
}
