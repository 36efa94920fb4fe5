using System.Globalization;
using YiSharp.Tensors;

namespace YiSharp.Evaluation;

/// <summary>Questions of a task that a model got wrong: where options were compared, those by the largest margin; where it wrote an answer, some by chance.</summary>
/// <param name="Task">The task.</param>
/// <param name="IsByMargin">Whether options were compared.</param>
/// <param name="Count">Wrong answers. Those without any are none: they are counted as failures.</param>
/// <param name="Samples">Some of them; by margin, the largest first.</param>
public sealed record HardestItems(string Task, bool IsByMargin, int Count, IReadOnlyList<Sample> Samples)
{
    /// <summary>Looks through a run once.</summary>
    /// <param name="samples">Its answers.</param>
    /// <param name="count">Most questions of a task, 1 or more.</param>
    public static IReadOnlyList<HardestItems> Of(IEnumerable<Sample> samples, int count)
    {
        var tasks = new List<(string Task, bool IsByMargin, Shortlist List, RandomStream Chance)>();
        foreach (Sample sample in samples)
        {
            if (sample.Prediction.Correct || sample.Prediction.Extracted is null) continue;
            bool isByMargin = sample.LogLikelihoods is not null;
            int at = tasks.FindIndex(t => t.Task == sample.Task && t.IsByMargin == isByMargin);
            if (at < 0)
            {
                at = tasks.Count;
                tasks.Add((sample.Task, isByMargin, new Shortlist(count), RandomStream.For(0, $"hardest {sample.Task}")));
            }
            tasks[at].List.Add(sample, isByMargin ? -(Margin(sample) ?? 0) : tasks[at].Chance.NextDouble());
        }
        return [.. tasks.Select(t => new HardestItems(t.Task, t.IsByMargin, t.List.Count, t.IsByMargin ? t.List.ByRank() : t.List.InOrder()))];
    }

    /// <summary>By how much the likeliest option is likelier than the likeliest right one, nats; null where it is not known which are right.</summary>
    public static double? Margin(Sample sample)
    {
        if (sample.LogLikelihoods is not { } options) return null;
        int[] right = [.. RightOptions(sample)];
        return right.Length == 0 ? null : options.Max() - right.Max(i => options[i]);
    }

    /// <summary>Places of the right options, 0-based: an answer is a letter, or such places with commas between them.</summary>
    internal static IEnumerable<int> RightOptions(Sample sample)
    {
        int count = sample.LogLikelihoods?.Count ?? 0;
        if (sample.Answer is [>= 'A' and <= 'Z' and var letter]) return letter - 'A' < count ? [letter - 'A'] : [];
        return sample.Answer.Split(',').Select(place => int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : count).Where(index => index < count);
    }
}
