namespace YiSharp.Cli;

/// <summary>What the program says to the shell at its end.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int WorkFailed = 1;
    public const int RequestWrong = 2;
    public const int Interrupted = 130;
}
