namespace YiSharp.Cli;

/// <summary>The program <c>yi</c>.</summary>
public static class Program
{
    /// <summary>Runs one verb; see <c>yi --help</c>.</summary>
    /// <returns>0 done, 1 the work failed, 2 the request was wrong, 130 interrupted.</returns>
    public static int Main(string[] args)
    {
        // Asked often by scripts: answered before anything else is loaded.
        if (args is ["--version"])
        {
            Console.WriteLine(ProductVersion.Text);
            return 0;
        }
        return Start(args);
    }

    private static int Start(string[] args)
    {
        using var interrupts = new Interrupts();
        return Application.Run(args, Terminal.OfProcess(), interrupts);
    }
}
