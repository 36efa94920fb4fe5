using System.Globalization;
using YiSharp.Text.Unicode;

namespace YiSharp.Text.Regex;

/// <summary>
/// The names that <c>\p{…}</c> knows: general categories, scripts, and what Oniguruma derives from them (its <c>doc/UNICODE_PROPERTIES</c>).
/// Case, spaces, hyphens and underscores of a name do not matter.
/// </summary>
internal static class UnicodeProperties
{
    private static readonly (string Names, UnicodeCategory Category)[] Categories =
    [
        ("Lu,Uppercase_Letter", UnicodeCategory.UppercaseLetter), ("Ll,Lowercase_Letter", UnicodeCategory.LowercaseLetter),
        ("Lt,Titlecase_Letter", UnicodeCategory.TitlecaseLetter), ("Lm,Modifier_Letter", UnicodeCategory.ModifierLetter),
        ("Lo,Other_Letter", UnicodeCategory.OtherLetter), ("Mn,Nonspacing_Mark", UnicodeCategory.NonSpacingMark),
        ("Mc,Spacing_Mark", UnicodeCategory.SpacingCombiningMark), ("Me,Enclosing_Mark", UnicodeCategory.EnclosingMark),
        ("Nd,Decimal_Number,Digit", UnicodeCategory.DecimalDigitNumber), ("Nl,Letter_Number", UnicodeCategory.LetterNumber),
        ("No,Other_Number", UnicodeCategory.OtherNumber), ("Zs,Space_Separator", UnicodeCategory.SpaceSeparator),
        ("Zl,Line_Separator", UnicodeCategory.LineSeparator), ("Zp,Paragraph_Separator", UnicodeCategory.ParagraphSeparator),
        ("Cc,Control,Cntrl", UnicodeCategory.Control), ("Cf,Format", UnicodeCategory.Format), ("Cs,Surrogate", UnicodeCategory.Surrogate),
        ("Co,Private_Use", UnicodeCategory.PrivateUse), ("Pc,Connector_Punctuation", UnicodeCategory.ConnectorPunctuation),
        ("Pd,Dash_Punctuation", UnicodeCategory.DashPunctuation), ("Ps,Open_Punctuation", UnicodeCategory.OpenPunctuation),
        ("Pe,Close_Punctuation", UnicodeCategory.ClosePunctuation), ("Pi,Initial_Punctuation", UnicodeCategory.InitialQuotePunctuation),
        ("Pf,Final_Punctuation", UnicodeCategory.FinalQuotePunctuation), ("Po,Other_Punctuation", UnicodeCategory.OtherPunctuation),
        ("Sm,Math_Symbol", UnicodeCategory.MathSymbol), ("Sc,Currency_Symbol", UnicodeCategory.CurrencySymbol),
        ("Sk,Modifier_Symbol", UnicodeCategory.ModifierSymbol), ("So,Other_Symbol", UnicodeCategory.OtherSymbol),
        ("Cn,Unassigned", UnicodeCategory.OtherNotAssigned),
    ];

    private static readonly (string Names, string Parts)[] Groups =
    [
        ("L,Letter", "Lu Ll Lt Lm Lo"), ("LC,Cased_Letter", "Lu Ll Lt"), ("M,Mark,Combining_Mark", "Mn Mc Me"), ("N,Number", "Nd Nl No"),
        ("P,Punctuation", "Pc Pd Ps Pe Pi Pf Po"), ("S,Symbol", "Sm Sc Sk So"), ("Z,Separator", "Zs Zl Zp"), ("C,Other", "Cc Cf Cs Co Cn"),
        ("Punct,PosixPunct", "P S"), ("Alphabetic,Alpha", "L Nl Other_Alphabetic"), ("Lowercase,Lower", "Ll Other_Lowercase"),
        ("Uppercase,Upper", "Lu Other_Uppercase"), ("Alnum", "Alphabetic Nd"), ("Word", "Alphabetic M Nd Pc"),
    ];

    private static readonly Lazy<Dictionary<string, CodePointSet>> Sets = new(Build);

    /// <summary>The set of a name, or null where there is none.</summary>
    public static CodePointSet? Find(string name) => Sets.Value.GetValueOrDefault(Key(name));

    /// <summary>The set of a name that this assembly writes.</summary>
    public static CodePointSet Known(string name) => Sets.Value[Key(name)];

    private static Dictionary<string, CodePointSet> Build()
    {
        var sets = new Dictionary<string, CodePointSet>(StringComparer.Ordinal);
        void Add(string names, CodePointSet set)
        {
            foreach (string name in names.Split(',')) sets.TryAdd(Key(name), set);
        }

        CodePointSet[] categories = ByCategory();
        foreach ((string names, UnicodeCategory category) in Categories) Add(names, categories[(int)category]);
        foreach (string[] line in UnicodeTable.Lines("properties.txt")) Add(line[0], CodePointSet.Of(UnicodeTable.Ranges(line.Skip(1))));
        foreach ((string names, string parts) in Groups) Add(names, parts.Split(' ').Select(part => sets[Key(part)]).Aggregate((a, b) => a.Union(b)));

        Add("Any", CodePointSet.All);
        Add("Assigned", sets["cn"].Complement());
        Add("ASCII", CodePointSet.Of((0, 0x7F)));
        Add("Blank", sets["zs"].Union(CodePointSet.Of('\t')));
        Add("White_Space,Space", sets["z"].Union(CodePointSet.Of((9, 13), (0x85, 0x85))));
        Add("XDigit,ASCII_Hex_Digit,AHex", CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')));
        CodePointSet graph = sets["whitespace"].Union(sets["cc"]).Union(sets["cn"]).Union(sets["cs"]).Complement();
        Add("Graph", graph);
        Add("Print", graph.Union(sets["zs"]));
        return sets;
    }

    private static CodePointSet[] ByCategory()
    {
        var ranges = new List<(int, int)>[30];
        for (int i = 0; i < ranges.Length; i++) ranges[i] = [];
        int first = 0;
        for (int codePoint = 1; codePoint <= CodePointSet.Largest + 1; codePoint++)
        {
            if (codePoint <= CodePointSet.Largest && CharUnicodeInfo.GetUnicodeCategory(codePoint) == CharUnicodeInfo.GetUnicodeCategory(first)) continue;
            ranges[(int)CharUnicodeInfo.GetUnicodeCategory(first)].Add((first, codePoint - 1));
            first = codePoint;
        }
        return [.. ranges.Select(list => CodePointSet.Of(list))];
    }

    private static string Key(string name) => string.Concat(name.Where(c => c is not (' ' or '-' or '_'))).ToLowerInvariant();
}
