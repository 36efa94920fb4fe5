namespace YiSharp.Evaluation;

/// <summary>Ways to say what happens to an amount, for options such as "rise, fall, stay the same".</summary>
internal static class Likeness
{
    /// <summary>A row per meaning.</summary>
    private static readonly string[][] Rows =
    [
        ["rise", "increase", "go up", "goes up", "climb", "rising", "increasing", "↑"],
        ["fall", "decrease", "decline", "drop", "go down", "goes down", "falling", "decreasing", "↓"],
        ["stay the same", "stays the same", "remain the same", "remains the same", "remain unchanged", "remains unchanged", "stay unchanged", "not change", "no change", "unchanged"],
        ["上升", "升高", "上涨", "增加", "提高", "增大", "变大", "↑"],
        ["下降", "降低", "下跌", "减少", "减小", "变小", "↓"],
        ["不变", "保持不变", "没有变化"],
    ];

    /// <summary>Other ways to say a whole option in lower case; none where it says something else.</summary>
    public static IEnumerable<string> Of(string form) => Rows.Where(row => row.Contains(form)).SelectMany(row => row).Where(other => other != form);
}
