using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace YiSharp.Endpoints;

/// <summary>Numbered pieces of work, several under way at a time.</summary>
internal static class ConcurrentWork
{
    /// <summary>Does pieces 0 to <paramref name="count"/> − 1, begun in that order, and returns when all are handed over.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="concurrency">How many are under way at most.</param>
    /// <param name="work">Does one.</param>
    /// <param name="onDone">Called with a piece's number and result as each is done, in any order, one call at a time.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    /// <exception cref="Exception">A piece failed: what was done before was handed over, the rest was given up.</exception>
    public static void Run<T>(int count, int concurrency, Func<int, CancellationToken, Task<T>> work, Action<int, T> onDone, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var done = new BlockingCollection<(int Index, T Result)>();
        int next = -1;
        Exception? failure = null;

        async Task WorkAsync()
        {
            try
            {
                while (!stop.IsCancellationRequested && Interlocked.Increment(ref next) is int index && index < count) done.Add((index, await work(index, stop.Token)), CancellationToken.None);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                await stop.CancelAsync();
            }
        }

        async Task WorkAllAsync()
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, count)).Select(_ => Task.Run(WorkAsync, CancellationToken.None)));
            done.CompleteAdding();
        }

        Task all = Task.Run(WorkAllAsync, CancellationToken.None);
        int handedOver = 0;
        try
        {
            foreach ((int index, T result) in done.GetConsumingEnumerable(CancellationToken.None))
            {
                onDone(index, result);
                handedOver++;
            }
        }
        finally
        {
            stop.Cancel();
            all.Wait(CancellationToken.None);
        }
        if (handedOver == count) return;
        cancellation.ThrowIfCancellationRequested();
        ExceptionDispatchInfo.Throw(failure!);
    }
}
