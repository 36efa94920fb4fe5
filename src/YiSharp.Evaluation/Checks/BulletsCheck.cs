using System.Globalization;

namespace YiSharp.Evaluation;

/// <summary>The answer has as many bullet points as asked for: lines that start with "- " or "* ". An answer without any has not the form asked for.</summary>
internal sealed class BulletsCheck(int count) : AnswerCheck
{
    public override Prediction Judge(string output)
    {
        int found = 0;
        foreach (ReadOnlySpan<char> line in output.AsSpan().Trim().EnumerateLines())
        {
            if (line.StartsWith("- ", StringComparison.Ordinal) || line.StartsWith("* ", StringComparison.Ordinal)) found++;
        }
        return found == 0 ? Prediction.NothingFound : new Prediction(found.ToString(CultureInfo.InvariantCulture), "bullets", found == count);
    }
}
