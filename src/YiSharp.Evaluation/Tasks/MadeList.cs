using System.Collections;

namespace YiSharp.Evaluation;

/// <summary>A list whose elements are made whenever they are asked for, and not kept: prompts with exemplars are many times as long as the questions they are made of.</summary>
/// <param name="count">How many there are.</param>
/// <param name="make">Makes the element of a place, the same each time.</param>
internal sealed class MadeList<T>(int count, Func<int, T> make) : IReadOnlyList<T>
{
    public int Count => count;

    public T this[int index] => (uint)index < (uint)count ? make(index) : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<T> GetEnumerator()
    {
        for (int i = 0; i < count; i++) yield return make(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
