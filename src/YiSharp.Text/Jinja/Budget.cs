using System.Runtime.CompilerServices;

namespace YiSharp.Text.Jinja;

/// <summary>What one rendering may spend. Python's Jinja has no bounds; a template from a download must have some.</summary>
internal sealed class Budget
{
    /// <summary>Evaluations, plus one for every 16 characters or 4 items made.</summary>
    public const long MaxSteps = 10_000_000;

    /// <summary>Longest string, UTF-16 units.</summary>
    public const int MaxTextLength = 1 << 24;

    /// <summary>Longest list.</summary>
    public const int MaxItems = 1 << 21;

    /// <summary>Longest range, as in Jinja's sandbox.</summary>
    public const int MaxRange = 100_000;

    /// <summary>Largest integer, bits.</summary>
    public const int MaxIntegerBits = 1 << 17;

    [ThreadStatic]
    private static Budget? _current;

    private long _steps;

    /// <summary>Makes this the budget of comparisons on this thread, which reach deep into values and know no interpreter; returns the one before.</summary>
    public Budget? Enter()
    {
        Budget? before = _current;
        _current = this;
        return before;
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    public static void Leave(Budget? before) => _current = before;

    /// <summary>Spends for a comparison on the rendering of this thread, and refuses to go deeper when the stack runs out.</summary>
    public static void SpendComparison(int length)
    {
        Descend();
        _current?.Spend(1 + length / 16);
    }

    /// <summary>Spends steps.</summary>
    public void Spend(long steps = 1)
    {
        _steps += steps;
        if (_steps > MaxSteps) throw Fail.Limit($"takes more than {MaxSteps} steps");
    }

    /// <summary>Spends for a string of a length before it is made.</summary>
    public void SpendText(long length)
    {
        if (length > MaxTextLength) throw Fail.Limit($"makes a text of {length} characters, more than {MaxTextLength}");
        Spend(length / 16);
    }

    /// <summary>Spends for a list of a length before it is made.</summary>
    public void SpendItems(long count)
    {
        if (count > MaxItems) throw Fail.Limit($"makes a list of {count} items, more than {MaxItems}");
        Spend(count / 4);
    }

    /// <summary>Spends for the product or the quotient of integers.</summary>
    public void SpendProduct(long bits, long otherBits) => Spend(bits / 64 * (otherBits / 64) / 256);

    /// <summary>Spends for an integer's way to digits or back.</summary>
    public void SpendDigits(long bits) => Spend(bits / 64 * (bits / 64) / 16);

    /// <summary>Spends for a string that is walked character by character.</summary>
    public void SpendCharacters(long count) => Spend(count / 4);

    /// <summary>Refuses to go deeper when the stack runs out.</summary>
    public static void Descend()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw Fail.Limit("nests or recurses too deeply");
    }
}
