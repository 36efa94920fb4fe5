namespace YiSharp.Cli;

/// <summary>Which version this is.</summary>
internal static class ProductVersion
{
    /// <summary>Such as <c>0.1.0</c>.</summary>
    public static string Text => typeof(ProductVersion).Assembly.GetName().Version!.ToString(3);
}
