using System.Runtime.InteropServices;

namespace YiSharp.Cli;

/// <summary>
/// Ctrl-C and the system's request to end. The first cancels <see cref="Token"/>, so that a verb ends in order; the second ends the
/// program at once. A verb that means something else by Ctrl-C sets <see cref="Handler"/>.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupts()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Receive(context, mayBeHandled: true)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Receive(context, mayBeHandled: false)),
        ];
    }

    /// <summary>Cancelled by the first interrupt.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What Ctrl-C does instead; null for nothing else. It says whether it took the interrupt.</summary>
    public Func<bool>? Handler { get; set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Receive(PosixSignalContext context, bool mayBeHandled)
    {
        context.Cancel = true;
        if (mayBeHandled && Handler?.Invoke() == true) return;
        if (_source.IsCancellationRequested) Environment.Exit(ExitCode.Interrupted);
        _source.Cancel();
    }
}
