using CsCheck;

namespace YiSharp.Tests.Text;

internal static class Pick
{
    /// <summary>One of some strings.</summary>
    public static Gen<string> From(params string[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);
}
