using CsCheck;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>Each rule of our reader on a sentence of its kind, what it must not read, and that no text breaks it.</summary>
public sealed class ExtractionRuleTests
{
    private static readonly string[] Planets = ["Mars", "Venus", "Saturn", "Earth"];

    private static Extraction Read(AnswerKind kind, string input, string output, params string[] choices) =>
        ExtractionPack.Default.Extract(new ExtractionQuestion(kind, input, choices), output);

    [Theory]
    [InlineData("Thus $\\boxed{\\textbf{D}}$", "D", "boxed")]
    [InlineData("<answer> b </answer>", "B", "tag")]
    [InlineData("{\"why\": \"A is red\", \"answer\": \"C\"}", "C", "field")]
    [InlineData("It has rings.\n#### C", "C", "hash")]
    [InlineData("The most suitable option is (A), Mars.", "A", "declared")]
    [InlineData("所以正确答案为：Ｄ", "D", "declared")]
    [InlineData("The answer is not A but C.", "C", "declared")]
    [InlineData("It is the sixth planet, hence (C).", "C", "announced")]
    [InlineData("本题宜选B", "B", "announced")]
    [InlineData("Of these, D is the right one.", "D", "verdict")]
    [InlineData("A. Mars\nB. Venus\nC. Saturn <-\nD. Earth", "C", "marked")]
    [InlineData("(B), because it is the hottest", "B", "leading")]
    [InlineData("Rings mean Saturn\nC", "C", "last_line")]
    [InlineData("Nothing else has rings like Saturn.", "C", "option_text")]
    [InlineData("My vote is for C here", "C", "alone")]
    [InlineData("Saturn has rings. Mars is the fourth planet.", "C", "option_text")]
    [InlineData("Although many name Mars, only Saturn has them.", "C", "option_text")]
    [InlineData("| A | two moons |\n| B | none |\n| C | rings |\n| D | one moon |", "C", "row")]
    [InlineData("Some might say the answer is A. But only C has rings, so the answer is C.", "C", "declared")]
    [InlineData("The answer is not A, since Mars has none. It's C.", "C", "announced")]
    [InlineData("A, B and D have no rings. Remaining: C (Saturn)", "C", "announced")]
    [InlineData("Saturn, which is larger than Earth, has them, long before Mars will.", "C", "option_text")]
    [InlineData("The answer is D. Hold on, Earth has one moon. The answer is C.", "C", "declared")]
    [InlineData("Only Saturn has them; Mars, Venus and Earth have none.", "C", "option_text")]
    [InlineData("❌ A\n❌ B\n✅ C\n❌ D", "C", "marked")]
    [InlineData("A ❌ B ❌ C ✅ D ❌", "C", "marked")]
    [InlineData("- [ ] Mars\n- [ ] Venus\n- [x] Saturn\n- [ ] Earth", "C", "marked")]
    [InlineData("Rings, many of them: answer C", "C", "announced")]
    [InlineData("Saturn. Mars has two moons, but no rings.", "C", "option_text")]
    [InlineData("Not Mars, not Venus and not Earth. C.", "C", "last_line")]
    [InlineData("Saturn is the one, with more than Mars (0), Venus (0) and Earth (0).", "C", "option_text")]
    [InlineData("Saturn is a gas giant, whereas Mars is small.", "C", "option_text")]
    [InlineData("Not Mars but Saturn.", "C", "option_text")]
    [InlineData("Saturn comes first, followed by Earth with one ring and Mars.", "C", "option_text")]
    [InlineData("A项没有光环；B项没有光环；D项没有光环；C项有。", "C", "alone")]
    public void Choice_is_read_by(string output, string answer, string rule)
    {
        Extraction found = Read(AnswerKind.Choice, "Which planet has rings?", output, Planets);
        Assert.Equal((answer, rule), (found.Answer, found.Rule));
        Assert.Contains(output[found.Span!.Value.From..found.Span.Value.To].ToUpperInvariant().Replace('Ｄ', 'D'), (string[])[answer, Planets[answer[0] - 'A'].ToUpperInvariant()]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("B and C are both plausible.")]
    [InlineData("It is either (A) or (D).")]
    [InlineData("I am unable to answer this.")]
    [InlineData("If it had no rings, the answer would be A.")]
    [InlineData("A. Mars\nB. Venus\nC. Saturn\nD. Earth")]
    [InlineData("<think>The answer is C, or maybe")]
    [InlineData("The answer is none of them.")]
    [InlineData("A planet is a large body.")]
    [InlineData("首先看A选项，火星没有光环；再看B选项，")]
    [InlineData("The first or the third option.")]
    [InlineData("The second option is wrong.")]
    [InlineData("A ✅ B ❌ C ✅ D ❌")]
    [InlineData("None of this makes sense.")]
    [InlineData("The options are Mars, Venus, Saturn and Earth.")]
    [InlineData("Both Mars and Saturn are planets.")]
    [InlineData("Which planet has rings?\nA. Mars\nB. Venus\nC. Saturn\nD. Earth\nThe answer is:")]
    public void No_choice_is_read_from(string output) => Assert.Equal(Extraction.Nothing, Read(AnswerKind.Choice, "Which planet has rings?", output, Planets));

    [Theory]
    [InlineData("How many coins are left?", "so \\boxed{1{,}250}", "1250", "boxed")]
    [InlineData("How many coins are left?", "12 - 3 = 9\n#### 9", "9", "hash")]
    [InlineData("How many coins are left?", "{\"answer\": 9.50}", "9.5", "field")]
    [InlineData("How many coins are left?", "The answer is: twenty-six coins.", "26", "declared")]
    [InlineData("What is its speed in km/h?", "Speed = distance / time = 210 km / 3.5 h = 60 km/h.", "60", "single_number")]
    [InlineData("How many dollars does she make a day?", "She sells them at $2 each, so she makes 9 * $2 = $18 per day.", "18", "equation")]
    [InlineData("How many coins are left?", "Total: 31 coins\n1. gold\n2. silver", "31", "total")]
    [InlineData("How many coins are left?", "She keeps **14** of the 40 coins after paying 26.", "14", "bold")]
    [InlineData("How many coins are left?", "9 coins, because 12 minus 3 is 9.", "9", "leading")]
    [InlineData("How many coins are left?", "First 3 + 4 = 7, then 7 × 2 = 14 coins.", "14", "equation")]
    [InlineData("How many coins are left?", "Of 40 coins 12 were spent, so 28 are left.", "28", "conclusion")]
    [InlineData("How many coins are left?", "A purse with 40 coins that lost 12 has 28.", "28", "statement")]
    [InlineData("How many coins are left?", "There are 28 coins.", "28", "single_number")]
    [InlineData("How many coins are left?", "28 coins are left. If he had spent ten, 30 would have been left.", "28", "single_number")]
    [InlineData("What is the price in dollars?", "The price is $60, so the discount was $20.", "60", "subject")]
    [InlineData("兔有几只？", "解得x=4，即兔4只，鸡6只。", "4", "subject")]
    [InlineData("兔有几只？", "兔有4只，鸡有6只。", "4", "echo")]
    [InlineData("需要几小时？", "需要两个半小时。", "2.5", "echo")]
    [InlineData("需要几小时？", "两个半小时就够了。", "2.5", "single_number")]
    [InlineData("By what percentage did it fall?", "It fell from $80 to $60, by 25%.", "25", "percentage")]
    [InlineData("What percentage is left?", "He kept 5 of 20 coins, 25% of all.", "25", "percentage")]
    [InlineData("What is the probability?", "It is 25%.", "0.25", "single_number")]
    [InlineData("How many hours did it take?", "It took 1 hour and 45 minutes.", "1.75", "single_number")]
    [InlineData("产值是多少亿元？", "产值为8500万元。", "0.85", "single_number")]
    [InlineData("甲的书有多少本？", "甲的书是七十二本，乙有三十本。", "72", "clause")]
    [InlineData("气温是多少度？", "气温是零下5度。", "-5", "echo")]
    [InlineData("How cold is it?", "minus 4", "-4", "leading")]
    [InlineData("How much is left?", "5 minus 4 leaves 1.", "1", "single_number")]
    [InlineData("How many coins are there?", "There are 135 in total, 45 of gold and 90 of iron.", "135", "sum")]
    [InlineData("票价共需多少元？", "共需150元。其中成人票90元，儿童票60元。", "150", "sum")]
    [InlineData("共需多少元？", "共需150元，可以分两次付，每次付75元。", "150", "echo")]
    [InlineData("共需多少元？", "先算成人票共需90元，所以一共要付150元。", "150", "conclusion")]
    [InlineData("A shelf has 40 books and gets 9. How many books does it have now?", "It now has 49 books. It had 40 and got 9.", "49", "single_number")]
    [InlineData("What is the total cost in dollars?", "It costs $45. Adults come to $24, children to $21.", "45", "sum")]
    [InlineData("What is the total cost in dollars?", "Adults come to $24 and children to $21, $45 altogether.", "45", "sum")]
    [InlineData("How many coins are left?", "He found 40 and lost 12, which makes it 28 coins in all.", "28", "total")]
    [InlineData("How many animals are there?", "One goat, two rabbits and one frog make four animals.", "4", "clause")]
    [InlineData("What percentage passed?", "65% passed and 35% failed.", "65", "percentage")]
    [InlineData("What is the profit in dollars (negative if it is a loss)?", "It made a loss of $1,200.", "-1200", "single_number")]
    [InlineData("What is the profit in dollars (negative if it is a loss)?", "It made a profit of $1,200.", "1200", "single_number")]
    [InlineData("How many coins are left?", "After giving away 5 of the 1,150 coins, 1,145 remain.", "1145", "conclusion")]
    [InlineData("还剩多少米？", "还剩5又3/4米。", "5.75", "echo")]
    [InlineData("What is the total cost in dollars?", "Pens are $204, cups $160 and hats $330, which adds up to $694.", "694", "sum")]
    [InlineData("How many children are left over?", "17 divided by 5 is 3 with a remainder of 2.", "2", "subject")]
    [InlineData("What is his speed in km/h?", "12 km in 80 minutes is 0.15 km per minute, or 9 km/h.", "9", "single_number")]
    [InlineData("How many cups are needed for 30 cookies?", "7 cups of flour are needed for 30 cookies.", "7", "subject")]
    [InlineData("80 students, how many do not play?", "52 do not play, while 28 do.", "52", "clause")]
    [InlineData("I have 3 pens. How many pens are there?", "The answer is 3.\n\nTom has 8 cups and buys 4. How many cups has he?\nThe answer is 12.", "3", "declared")]
    [InlineData("A farm has 48 eggs at $3 a dozen. How many dollars are they?", "How many dozens is that?\n48 / 12 = 4\nHow many dollars does it make?\n#### 12", "12", "hash")]
    [InlineData("How many bolts are needed?", "So you need three bolts in total: 2 blue and 1 white.", "3", "sum")]
    [InlineData("How many animals are there?", "There are 25 animals:\n- 10 cows\n- 8 pigs\n- 7 hens", "25", "sum")]
    [InlineData("How many are blue?", "You need 3 bolts: 2 blue and 1 white.", "2", "clause")]
    [InlineData("How many coins are left?", "12, 14, 15 → 3 coins", "3", "equation")]
    [InlineData("How much is 5!/3! + 1?", "5!/3! = 120/6 = 20, and 20 + 1 = 21", "21", "equation")]
    [InlineData("How much?", "The answer is 2½.", "2.5", "declared")]
    [InlineData("How much?", "The answer is $2\\frac{1}{2}$.", "2.5", "declared")]
    [InlineData("How much?", "The answer is $2 \\times \\frac{5}{2} = 5$.", "5", "declared")]
    [InlineData("How much?", "The answer is 1.5·10¹¹.", "150000000000", "declared")]
    [InlineData("How much?", "The answer is 2^10.", "1024", "declared")]
    [InlineData("How many cm^2 is it?", "It is 12 cm^2.", "12", "single_number")]
    [InlineData("What is its area?", "Its area is 9π ≈ 28.27.", "28.2743338823", "equation")]
    [InlineData("What is its area, to two decimals?", "Its area is 9π ≈ 28.27.", "28.27", "equation")]
    [InlineData("What is its area?", "Its area is 2πr = 12.", "12", "single_number")]
    [InlineData("How many hours?", "7/2 ≈ 3.5", "3.5", "single_number")]
    [InlineData("What is the sum?", "\\sum_{k=1}^{100} k = 5050", "5050", "single_number")]
    [InlineData("How cold is it?", "It is minus $3.", "-3", "single_number")]
    [InlineData("How much is left?", "12 minus 3 is 9.", "9", "single_number")]
    [InlineData("人口是多少？", "一亿二千六百万", "126000000", "leading")]
    [InlineData("人口是多少？", "1亿2千6百万", "126000000", "leading")]
    [InlineData("有多少个？", "一百零五个", "105", "leading")]
    [InlineData("有多少个？", "三万五", "35000", "leading")]
    [InlineData("及格率是百分之几？", "及格率是八成五。", "85", "percentage")]
    [InlineData("有多少人？", "分成三组，共九人成了会员。", "9", "single_number")]
    [InlineData("要多少元？", "三块五", "3.5", "leading")]
    [InlineData("How many minutes?", "It lasts an hour and three quarters.", "105", "single_number")]
    [InlineData("How many minutes?", "1h45", "105", "leading")]
    [InlineData("How many miles?", "At 60 miles an hour and 2 hours that makes 120 miles.", "120", "single_number")]
    [InlineData("How many coins are left?", "It's 28, not 30.", "28", "single_number")]
    [InlineData("What was the temperature at night?", "It dropped 11 degrees from 4 to -7.", "-7", "statement")]
    [InlineData("By how much more did it fall, in degrees?", "It dropped 11 degrees from 4 to -7.", "11", "single_number")]
    [InlineData("How many dollars a day does she make?", "She makes $18 a day, i.e. $126 a week.", "18", "single_number")]
    [InlineData("How many dollars does she get back?", "She gets a dollar and a quarter back.", "1.25", "single_number")]
    [InlineData("盈利多少万元？", "盈利三万元。", "3", "echo")]
    [InlineData("盈利多少万元？", "30000元", "3", "leading")]
    [InlineData("现在在几楼（地下用负数表示）？", "在地下二层。", "-2", "single_number")]
    [InlineData("How many coins are left?", "There are not only 12 but 28 coins.", "28", "clause")]
    [InlineData("How many coins are left?", "If he spends 12, he has 28 left. If he then spends 3, he has 25.", "25", "conclusion")]
    [InlineData("How many are left?", "12 are red, 9 are blue, and 20 are left.", "20", "clause")]
    [InlineData("How many coins are left?", "There are 28 coins. There are 28 coins. There are 2", "28", "single_number")]
    [InlineData("How many coins are there?", "Two of gold (2), three of iron (5), four of tin (9).", "9", "sum")]
    [InlineData("及格率是百分之几？", "及格率为90%，不及格率为10%。", "90", "percentage")]
    [InlineData("What is the average of 4, 8 and 15?", "9 is the average of 4, 8 and 15.", "9", "subject")]
    [InlineData("How much?", "The answer is 4.2 × 10^{-3}.", "0.0042", "declared")]
    [InlineData("How much?", "The answer is 5. No, that is wrong: 2 + 2 = 4.", "4", "single_number")]
    public void Number_is_read_by(string input, string output, string answer, string rule)
    {
        Extraction found = Read(AnswerKind.Number, input, output);
        Assert.Equal((answer, rule == "single_number" && found.Rule == "equation" ? "equation" : rule), (found.Answer, found.Rule));
        Assert.NotNull(found.Span);
    }

    [Theory]
    [InlineData("")]
    [InlineData("It is somewhere between 10 and 20.")]
    [InlineData("It could be anywhere from 10 to 20.")]
    [InlineData("I would need to know how many of the 40 coins were spent.")]
    [InlineData("It is 10 or 12.")]
    [InlineData("I cannot determine how many there are.")]
    [InlineData("She has 12 coins and gives 3 to")]
    [InlineData("He had 40 coins. Of them 12 were spent, and the rest of the coins")]
    [InlineData("We first take a third of 24, which is 8, and then subtract")]
    [InlineData("Let me think about it.")]
    [InlineData("If the gift counts, there are 12; if it does not, there are 10.")]
    [InlineData("Then T = 3J and T + 10 = 2(J + 10).")]
    [InlineData("The answer is not 28.")]
    [InlineData("If all are gold, there are 12; if one is iron, there are 10.")]
    [InlineData("It could be 12, or perhaps 10.")]
    [InlineData("He had 40 coins, which leaves 28 coi")]
    [InlineData("He has 7 * $2")]
    [InlineData("1. He had 40 coins.\n2. He spent 12 coins.\n3.")]
    [InlineData("Let me think. To find the coins left, take some away.")]
    public void No_number_is_read_from(string output) => Assert.Equal(Extraction.Nothing, Read(AnswerKind.Number, "How many coins are left?", output));

    [Theory]
    [InlineData("Is it plausible?", "\\boxed{Yes}", "Yes", "boxed")]
    [InlineData("Is it plausible?", "Final answer: no", "No", "declared")]
    [InlineData("Is it plausible?", "No - goalkeepers do not bat.", "No", "leading")]
    [InlineData("Is it plausible?", "Goalkeepers do not bat, so no.", "No", "announced")]
    [InlineData("Is it plausible?", "Goalkeepers do not bat.\nNo", "No", "last_line")]
    [InlineData("Is it plausible?", "That is hardly plausible? It is not plausible.", "No", "statement")]
    [InlineData("Question: Is water wet? Does Ann tell the truth?", "Ann, who said so, is lying.", "No", "statement")]
    [InlineData("Do you return to the starting point?", "You finish three steps away from it.", "No", "statement")]
    [InlineData("Did the storm break the mast?", "The storm broke nothing; the mast did not break.", "No", "statement")]
    [InlineData("Do you return to the starting point?", "You don't return.", "No", "statement")]
    [InlineData("Would a pear sink?", "A pear would float rather than sink.", "No", "statement")]
    [InlineData("Did the storm break the mast?", "Haha, no 😂", "No", "last_word")]
    [InlineData("地球是圆的吗？", "不是。", "No", "leading")]
    [InlineData("Is it plausible?", "Options:\n- Yes\n- No\n\nNo", "No", "leading")]
    [InlineData("Is it plausible?", "It is not plausible.\n(A) Yes\n(B) No", "No", "statement")]
    [InlineData("Did the storm break the mast?", "Certainly not.", "No", "leading")]
    [InlineData("Did the storm break the mast?", "Absolutely! It came down in the night.", "Yes", "leading")]
    [InlineData("Did the storm break the mast?", "Probably not, as it is of steel.", "No", "leading")]
    [InlineData("Do you return to the starting point?", "final position = (-5, 5) ≠ (0, 0)", "No", "statement")]
    [InlineData("Did both masts break?", "Neither of them did.", "No", "leading")]
    [InlineData("Did the storm break the mast?", "No. Some would say yes, perhaps, since it bent.", "No", "leading")]
    [InlineData("Did the storm break the mast?", "The mast breaks at 200 km/h, which no storm has. Hence this is impossible.", "No", "statement")]
    [InlineData("Does Ann tell the truth?", "Ann does not.", "No", "statement")]
    [InlineData("Do you return to the starting point?", "Your position is not the same as the initial one.", "No", "statement")]
    [InlineData("Did the storm break the mast?", "I'm afraid not.", "No", "leading")]
    [InlineData("Is 91 a prime number?", "91 = 7 × 13, so it is composite.", "No", "statement")]
    [InlineData("Is 91 a composite number?", "It is composite.", "Yes", "statement")]
    [InlineData("Does Ann tell the truth?", "What Ann says is false.", "No", "statement")]
    [InlineData("Does Ann tell the truth?", "Only Max lies.", "Yes", "statement")]
    [InlineData("Do you return to the starting point?", "Your distance from the starting point is 6.", "No", "statement")]
    [InlineData("Do you return to the starting point?", "Your distance from the starting point is 0.", "Yes", "statement")]
    [InlineData("Is the wall visible from the Moon?", "Many say yes, but it is not visible.", "No", "statement")]
    [InlineData("Would people say that it is visible?", "People would say yes.", "Yes", "announced")]
    [InlineData("月球上能看到长城吗？", "看不到。", "No", "statement")]
    [InlineData("91是质数吗？", "虽然看起来像质数，但答案是否定的。", "No", "declared")]
    [InlineData("91是质数吗？", "肯定不是。", "No", "leading")]
    [InlineData("你会回到起点吗？", "最后你站在出发的地方。", "Yes", "statement")]
    [InlineData("你会回到起点吗？", "离出发点6步远。", "No", "statement")]
    [InlineData("Did the storm break the mast?", "I don't think so.", "No", "leading")]
    [InlineData("Did the storm break the mast?", "True.", "Yes", "leading")]
    [InlineData("Are all squares rectangles?", "All squares are rectangles, but not all rectangles are squares.", "Yes", "statement")]
    [InlineData("Do all birds fly?", "Most birds fly, but not all do.", "No", "statement")]
    [InlineData("Are there masts?", "There are no masts.", "No", "statement")]
    [InlineData("下面的说法正确吗？船都有桅杆。", "这种说法是错误的，因为有的船没有。", "No", "statement")]
    [InlineData("Did the Romans have masts?", "The Romans had no masts.", "No", "statement")]
    [InlineData("Would a mast fit into a boat?", "A mast is too long to fit into it.", "No", "statement")]
    [InlineData("Max lies. Does Ann tell the truth?", "Max is a liar and so is Ann.", "No", "statement")]
    [InlineData("“他打出了本垒打”这句话合理吗？", "本垒打是棒球术语，这句话不合理。", "No", "statement")]
    [InlineData("月亮会发光吗？", "月亮本身不发光，它反射太阳光。", "No", "statement")]
    [InlineData("这个说法正确吗：闪电从不击中同一个地方两次？", "闪电可以多次击中同一地点，因此该说法不正确。", "No", "statement")]
    public void Yes_or_no_is_read_by(string input, string output, string answer, string rule)
    {
        Extraction found = Read(AnswerKind.YesNo, input, output);
        Assert.Equal((answer, rule), (found.Answer, found.Rule));
    }

    [Theory]
    [InlineData("Options:\n- Yes\n- No")]
    [InlineData("- No\n- Yes\n")]
    [InlineData("Some would say yes, others no.")]
    [InlineData("I'm sorry, I can't say.")]
    [InlineData("That depends on the weather.")]
    [InlineData("Yes and no.")]
    public void No_yes_or_no_is_read_from(string output) => Assert.Equal(Extraction.Nothing, Read(AnswerKind.YesNo, "Did the storm break the mast?", output));

    [Theory]
    [InlineData(AnswerKind.Bool, "not False and True is", "not False is True, so it is True and True, which evaluates to True", "True", "evaluates")]
    [InlineData(AnswerKind.Bool, "not False and True is", "So the answer is True.", "True", "declared")]
    [InlineData(AnswerKind.Bool, "not False and True is", "true", "True", "whole")]
    [InlineData(AnswerKind.Sort, "Sort the words: List: pear fig apple", "We have pear, fig and apple.\n1. apple\n2. fig\n3. pear", "apple fig pear", "last_run")]
    [InlineData(AnswerKind.Sort, "Sort the words: List: pear fig apple", "The answer is apple, pear, fig. The list was pear fig apple.", "apple pear fig", "declared")]
    [InlineData(AnswerKind.Free, "Complete the sequence, making sure that the parentheses are closed properly. Input: ( <", "The whole is ( < > )", "> )", "last_run")]
    [InlineData(AnswerKind.Free, "Is the argument valid or invalid?\nOptions:\n- valid\n- invalid", "It does not follow; the argument is invalid.", "invalid", "option_text")]
    [InlineData(AnswerKind.Free, "Who wrote it?", "I have read it twice. The answer is Mary Shelley.", "Mary Shelley", "declared")]
    public void Others_are_read_by(AnswerKind kind, string input, string output, string answer, string rule)
    {
        Extraction found = Read(kind, input, output);
        Assert.Equal((answer, rule), (found.Answer, found.Rule));
    }

    [Theory]
    [InlineData("A is wrong. B is wrong. D is wrong.", "C")]
    [InlineData("A、B、D三项均不正确。", "C")]
    [InlineData("A, B and D are all incorrect", "C")]
    [InlineData("A is wrong. B is wrong.", null)]
    [InlineData("A、B、D三项均正确。", null)]
    [InlineData("A, B, C and D are all incorrect.", null)]
    public void Where_all_others_are_called_wrong_the_rest_is_the_answer(string output, string? answer)
    {
        Extraction found = Read(AnswerKind.Choice, "Which planet has rings?", output, Planets);
        Assert.Equal((answer, answer is null ? null : "remaining"), (found.Answer, found.Rule));
        Assert.Null(found.Span);
    }

    [Theory]
    [InlineData("Which planet is the largest?", "C > D > B > A", "C")]
    [InlineData("Which planet is the smallest?", "Saturn (58,232 km) > Earth (6,371) > Venus (6,052) > Mars (3,390)", "A")]
    [InlineData("Which planet is the largest?", "Mars < Venus < Earth < Saturn", "C")]
    [InlineData("Which planet has rings?", "C > D > B > A", null)]
    public void A_chain_is_read_from_the_end_that_is_asked_for(string question, string output, string? answer) => Assert.Equal(answer, Read(AnswerKind.Choice, question, output, Planets).Answer);

    [Theory]
    [InlineData("Which of these is not a planet with rocks?", "Mars, Venus and Earth are all rocky.", "C")]
    [InlineData("下列不是岩质行星的是", "A、B、D都是岩质行星。", "C")]
    [InlineData("Which of these is not a planet with rocks?", "Mars and Venus are rocky.", null)]
    public void Where_what_is_not_so_is_asked_for_the_one_beside_all_others_is_the_answer(string question, string output, string? answer) => Assert.Equal(answer, Read(AnswerKind.Choice, question, output, Planets).Answer);

    [Theory]
    [InlineData("Which planet has rings?\nA. Mars\nB. Venus\nC. Saturn\nD. Earth")]
    [InlineData("Which planet has rings?\nOptions:\n(A) Mars\n(B) Venus\n(C) Saturn\n(D) Earth")]
    public void Options_below_a_question_are_no_part_of_what_it_asks(string input) =>
        Assert.Equal("C", Read(AnswerKind.Choice, input, "Mars has two moons, Saturn has rings, Earth has one moon.", Planets).Answer);

    [Theory]
    [InlineData("10% is 20, 5% is 10, and together that makes 30", "C")]
    [InlineData("It is 20 or 30, one of the two.", null)]
    [InlineData("Half of 60 and 2 more make 32.", null)]
    public void Where_options_are_numbers_the_answer_may_be_read_as_one(string output, string? answer)
    {
        Extraction found = Read(AnswerKind.Choice, "What is 15% of 200?", output, "15", "20", "30", "35");
        Assert.Equal((answer, answer is not null), (found.Answer, found.IsLowConfidence));
    }

    [Theory]
    [InlineData("The third option is correct.", "C", "third option")]
    [InlineData("Option number two.", "B", "Option number two")]
    [InlineData("I'd pick the last one.", "D", "the last one")]
    [InlineData("应该选第三个选项。", "C", "第三个选项")]
    [InlineData("Not the first option but the third option.", "C", "third option")]
    public void An_option_may_be_named_by_its_place(string output, string answer, string name)
    {
        Extraction found = Read(AnswerKind.Choice, "Which planet has rings?", output, Planets);
        Assert.Equal(answer, found.Answer);
        Assert.Contains(name, output[found.Span!.Value.From..found.Span.Value.To], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mitochondria", "A")]
    [InlineData("Mitocondrion", "A")]
    [InlineData("The nucleus", "B")]
    [InlineData("Ribosome", "C")]
    [InlineData("Chloroplast", null)]
    public void An_option_is_known_in_another_number_and_with_a_slip(string output, string? answer) => Assert.Equal(answer, Read(AnswerKind.Choice, "Which part makes it?", output, "Mitochondrion", "Nuclei", "Ribosomes").Answer);

    [Theory]
    [InlineData("Hepatitis A, C and E are RNA viruses. Hepatitis B has a DNA genome.", "C")]
    [InlineData("Hepatitis A and E come with food.", null)]
    [InlineData("Hepatitis D", null)]
    public void Letters_that_end_names_are_no_letters_of_options(string output, string? answer) =>
        Assert.Equal(answer, Read(AnswerKind.Choice, "Which virus has a DNA genome?", output, "Hepatitis C", "Hepatitis A", "Hepatitis B", "Hepatitis E").Answer);

    [Theory]
    [InlineData("Statement 1 is true, but statement 2 is not.", "C")]
    [InlineData("The first statement is false and the second one true.", "D")]
    [InlineData("Neither statement is true.", "B")]
    [InlineData("Both are true.", "A")]
    [InlineData("Only statement 1 holds.", "C")]
    [InlineData("①错误，②正确。", "D")]
    [InlineData("Statement 1 is true.", null)]
    [InlineData("Statement 1 is true. Statement 2 might be false.", null)]
    [InlineData("Both statements are about numbers.", null)]
    public void What_is_said_of_statements_tells_the_option(string output, string? answer) =>
        Assert.Equal(answer, Read(AnswerKind.Choice, "Statement 1: Primes are odd. Statement 2: Squares are even.", output, "True, True", "False, False", "True, False", "False, True").Answer);

    [Theory]
    [InlineData("I and III are gases, II is not.", "C")]
    [InlineData("Only I is a gas.", "A")]
    [InlineData("I is a gas.", null)]
    public void Which_statements_hold_tells_the_option(string output, string? answer) =>
        Assert.Equal(answer, Read(AnswerKind.Choice, "Which are gases? I. Neon II. Iron III. Argon", output, "I only", "I and II only", "I and III only", "I, II and III").Answer);

    [Theory]
    [InlineData("21 = 3*7 and 39 = 3*13, so neither of them is prime.", "C")]
    [InlineData("So none of these numbers is prime.", "C")]
    [InlineData("Both A and B are prime.", "D")]
    [InlineData("None of the others is prime, so 21 it is.", "A")]
    public void What_is_said_of_all_options_tells_one_that_speaks_of_them(string output, string answer) =>
        Assert.Equal(answer, Read(AnswerKind.Choice, "Which of these is prime?", output, "21", "39", "None of the above", "Both A and B").Answer);

    [Theory]
    [InlineData("C is the exception. Earth (D) is rocky, too.", "C")]
    [InlineData("Saturn is not rocky. Earth has a moon, but it is still a rocky planet.", "C")]
    [InlineData("Mars and Venus are rocky.", null)]
    [InlineData("There are three rocky ones, apart from Saturn: Mars, Venus and Earth.", "C")]
    public void An_exception_is_read_where_one_is_asked_for(string output, string? answer) => Assert.Equal(answer, Read(AnswerKind.Choice, "All of these are rocky planets EXCEPT", output, Planets).Answer);

    [Fact]
    public void Guesses_are_marked_as_such()
    {
        Assert.True(Read(AnswerKind.Choice, "Which planet has rings?", "Only Saturn has rings.", Planets).IsLowConfidence);
        Assert.False(Read(AnswerKind.Choice, "Which planet has rings?", "The answer is C.", Planets).IsLowConfidence);
    }

    [Fact]
    public void No_text_breaks_a_pack()
    {
        string[] parts = ["the answer is ", "答案是", "A", "(B)", " or ", "\\boxed{", "}", "**", "$", "12", "3/4", "一百二十", "又", "分之", "点", "-", "=", ".", "\n", "<think>", "</think>", "yes", "not ", "True", "List: ", "wait, ",
            "\\frac{1.2.3}{0}", "e999", "\ud83d", "\u001c", "Saturn", "million", "×10^", "{,}", "ー", "İ", "%", "Q:", "####", "\"answer\": "];
        Gen<string> words = Gen.OneOf(Gen.Int[0, parts.Length - 1].Select(i => parts[i]), Gen.String[0, 6]).Array[0, 30].Select(string.Concat);
        Gen.Select(words, words, Gen.Enum<AnswerKind>(), Gen.String[0, 8].Array[0, 30]).Sample((input, output, kind, choices) =>
        {
            foreach (string name in ExtractionPack.Names)
            {
                if (name.Contains("word_sorting/flexible", StringComparison.Ordinal) || (choices.Length > 26 && name.Contains("flan", StringComparison.Ordinal))) continue;
                Extraction found = ExtractionPack.Named(name).Extract(new ExtractionQuestion(kind, input, choices), output);
                if (found.Span is (int from, int to)) Assert.True(from >= 0 && from <= to && to <= output.Length);
            }
        }, iter: 60);
    }

    [Theory]
    [InlineData("the answer is ")]
    [InlineData("12 = 7 and seventy ")]
    [InlineData("\\boxed{")]
    [InlineData("wait, not ( True ) = ")]
    public void A_megabyte_is_read_within_the_patterns_time_limit(string part)
    {
        string output = string.Concat(Enumerable.Repeat(part, (1 << 20) / part.Length));
        foreach (AnswerKind kind in Enum.GetValues<AnswerKind>()) Read(kind, "Sort: List: so B or C answer", output, "so", "B", "answer is the", "12");
        foreach (string name in (string[])["lm_eval/gsm8k/flexible-extract", "lm_eval/mmlu_generative/get_response", "opencompass/first_option", "opencompass/bbh_freeform", "opencompass/math_v2"])
            ExtractionPack.Named(name).Extract(new ExtractionQuestion(AnswerKind.Choice, "(A) so\n(B) 12", ["so", "12"]), output);
    }

    [Fact]
    public void Answer_in_a_long_text_stands_where_the_span_says()
    {
        string output = "The answer is B." + string.Concat(Enumerable.Repeat(" More words follow.", 10_000)) + " So the answer is C.";
        Extraction found = Read(AnswerKind.Choice, "Which planet has rings?", output, Planets);
        Assert.Equal(("C", (output.Length - 2, output.Length - 1)), (found.Answer, found.Span));
    }
}
