using YiSharp.Tensors;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>What people are told when something fails.</summary>
internal static class Failure
{
    /// <summary>Exit code and sentence.</summary>
    public static (int Code, string Sentence) Describe(Exception e) => e switch
    {
        OperationCanceledException => (ExitCode.Interrupted, "interrupted."),
        UsageException or TemplateException or InvalidDataException or ArgumentException or TensorException or NotSupportedException
            or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => (ExitCode.RequestWrong, e.Sentence()),
        IOException => (ExitCode.WorkFailed, e.Sentence()),
        OutOfMemoryException => (ExitCode.WorkFailed, "The machine's memory does not suffice for this; take a smaller model or fewer tokens."),
        _ => (ExitCode.WorkFailed, $"An error in the program itself, {e.GetType().Name}: {e.Sentence()} Run it again with --verbose and report what it shows."),
    };
}
