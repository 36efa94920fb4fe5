using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using YiSharp.Reports;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>
/// A benchmark under a protocol. A question of MMLU, <c>astronomy</c>, under <c>lm-eval-0.4</c>:
/// <code>
/// The following are multiple choice questions (with answers) about astronomy.
///
/// What is true for a type-Ia ("type one-a") supernova?
/// A. This type occurs in binary systems.
/// B. This type occurs in young galaxies.
/// C. This type produces gamma-ray bursts.
/// D. This type produces high amounts of X-rays.
/// Answer:
/// </code>
/// The likeliest of " A" to " D" is the answer; "A" is right. Where a protocol has the model write, a <see cref="BenchmarkReader"/> reads the answer out of its words.
/// </summary>
public sealed class BenchmarkTask : IEvaluationTask
{
    private readonly Dictionary<(string? Subject, int Item), BenchmarkItem> _items = [];
    private readonly Dictionary<string, BenchmarkReader> _readers = new(StringComparer.Ordinal);
    private readonly SuiteProtocol _protocol;
    private readonly string _onlySubject;

    /// <summary>The questions of a suite under a protocol.</summary>
    /// <param name="suite">The suite's name.</param>
    /// <param name="protocol">How questions are put and answers read.</param>
    /// <param name="subjects">The questions.</param>
    /// <param name="taskText">What the source says about a subject as a whole; called where a template wants it.</param>
    /// <param name="limit">Questions to ask at most; null for all.</param>
    /// <param name="seed">Chooses them.</param>
    /// <param name="rubric">How another model judges the answers; null where the protocol's rules read them.</param>
    /// <exception cref="InvalidDataException">A subject has fewer exemplars than the protocol shows, or there are no such rules of extraction.</exception>
    public BenchmarkTask(string suite, SuiteProtocol protocol, IReadOnlyList<BenchmarkSubject> subjects, Func<string, string> taskText, int? limit = null, int seed = 0, Rubric? rubric = null)
    {
        (Name, _protocol, Rubric, _onlySubject) = (suite, protocol, rubric, subjects.Count == 1 ? subjects[0].Name : "");
        HashSet<(string, int)>? chosen = limit is { } count ? Choose(suite, subjects, count, seed) : null;
        var asked = new List<(QuestionText Text, string? Subject, BenchmarkItem Item)>();
        bool wantsTask = (protocol.Question + protocol.Description).Contains("{task}", StringComparison.Ordinal);
        foreach (BenchmarkSubject subject in subjects)
        {
            if (subject.Exemplars.Count < protocol.Shots)
                throw new InvalidDataException($"{Sizes.Of(protocol.Shots, "exemplar is", "exemplars are")} asked for, and {suite}, {subject.Name} has {subject.Exemplars.Count}; ask for fewer, or leave the suite out.");
            var text = new QuestionText(protocol, subject, wantsTask ? taskText(subject.Name) : "");
            if (!protocol.IsLogLikelihood && rubric is null) _readers.Add(subject.Name, BenchmarkReader.Of(protocol.Extraction, subject));
            foreach (BenchmarkItem item in subject.Items)
            {
                if (chosen is not null && !chosen.Contains((subject.Name, item.Item))) continue;
                string? name = subject.Name == suite ? null : subject.Name;
                _items.Add((name, item.Item), item);
                asked.Add((text, name, item));
            }
        }
        Examples = new MadeList<TaskExample>(asked.Count, i => ExampleOf(asked[i].Text, asked[i].Subject, asked[i].Item));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string? DataSha256 { get; init; }

    /// <inheritdoc/>
    public Rubric? Rubric { get; }

    /// <inheritdoc/>
    public bool IsReadByOurRules => !_protocol.IsLogLikelihood && (Rubric is not null || BenchmarkReader.IsOwn(_protocol.Extraction));

    /// <inheritdoc/>
    public IReadOnlyList<TaskExample> Examples { get; }

    /// <inheritdoc/>
    public Prediction Predict(TaskExample example, string output) => _readers[example.Subject ?? _onlySubject].Read(_items[(example.Subject, example.Item)], output);

    /// <summary>
    /// The likeliest option. Worth 1 where it is right, or, as TruthfulQA's mc2 has it, the share of the right ones in the probability of all.
    /// </summary>
    public (Prediction Prediction, double Score) Choose(TaskExample example, IReadOnlyList<double> logLikelihoods)
    {
        BenchmarkItem item = _items[(example.Subject, example.Item)];
        int best = 0;
        for (int i = 1; i < logLikelihoods.Count; i++)
        {
            if (logLikelihoods[i] > logLikelihoods[best]) best = i;
        }
        bool isRight = item.Right.Contains(best);
        var prediction = new Prediction(_protocol.AnswersAreChoices ? best.ToString(CultureInfo.InvariantCulture) : QuestionText.Letter(best), "likeliest", isRight);
        return (prediction, _protocol.ScoresMass ? Mass(item, logLikelihoods, logLikelihoods[best]) : isRight ? 1 : 0);
    }

    /// <summary>Length-normalized choices, where options are texts and one of them is right.</summary>
    public IReadOnlyDictionary<string, double>? FurtherMetrics(TaskExample example, IReadOnlyList<double> logLikelihoods)
    {
        if (!_protocol.AnswersAreChoices || _protocol.ScoresMass) return null;
        BenchmarkItem item = _items[(example.Subject, example.Item)];
        return LengthNormalized.Of(item.Choices, item.Right, logLikelihoods);
    }

    private static double Mass(BenchmarkItem item, IReadOnlyList<double> logLikelihoods, double greatest)
    {
        double right = 0, all = 0;
        for (int i = 0; i < logLikelihoods.Count; i++)
        {
            double probability = Math.Exp(logLikelihoods[i] - greatest);
            all += probability;
            if (item.Right.Contains(i)) right += probability;
        }
        return right / all;
    }

    private TaskExample ExampleOf(QuestionText text, string? subject, BenchmarkItem item)
    {
        string prompt = text.Prompt(item);
        string answer = item.Right.Count == 0 ? item.Answer : _protocol.AnswersAreChoices ? string.Join(',', item.Right) : QuestionText.Letter(item.Right[0]);
        return new TaskExample(item.Item, [new ChatMessage("user", prompt)], answer, _protocol.IsLogLikelihood ? "likeliest" : _protocol.Extraction)
        {
            Subject = subject,
            Text = _protocol.IsChat ? null : prompt,
            Options = _protocol.IsLogLikelihood ? text.Options(item) : [],
            Stops = _protocol.Stops,
            MaxNewTokens = _protocol.IsLogLikelihood ? null : _protocol.MaxNewTokens,
        };
    }

    /// <summary>A sample without replacement: the questions whose hashes with the seed are the least. A larger one holds every smaller one.</summary>
    private static HashSet<(string Subject, int Item)> Choose(string suite, IReadOnlyList<BenchmarkSubject> subjects, int count, int seed) =>
        [.. subjects.SelectMany(subject => subject.Items.Select(item => (Subject: subject.Name, item.Item)))
            .OrderBy(key => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{suite}/{key.Subject}/{key.Item}")))), StringComparer.Ordinal)
            .Take(count)];
}
