using System.Net;
using System.Net.Sockets;
using System.Text;

namespace YiSharp.Tests.Evaluation;

/// <summary>A request as <see cref="EndpointsFakeServer"/> saw it.</summary>
internal sealed record FakeRequest(int Number, string Path, string Head, string Body);

/// <summary>What <see cref="EndpointsFakeServer"/> answers: bytes, written as they are before the connection is closed.</summary>
internal sealed record FakeReply(byte[] Bytes)
{
    /// <summary>Ends the connection with a reset instead of a close.</summary>
    public bool Resets { get; init; }

    /// <summary>Answers nothing, and keeps the connection until the server ends.</summary>
    public static FakeReply Silence { get; } = new([]) { IsSilent = true };

    public bool IsSilent { get; private init; }

    public static FakeReply Ok(string body) => Of(200, body);

    public static FakeReply Of(int status, string body, string headers = "", string contentType = "application/json") => Of(status, Encoding.UTF8.GetBytes(body), headers, contentType);

    public static FakeReply Of(int status, byte[] body, string headers = "", string contentType = "application/json") =>
        new([.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{headers}\r\n"), .. body]);

    public FakeReply CutAt(int bytes) => this with { Bytes = Bytes[..bytes] };
}

/// <summary>An HTTP server on a free port of 127.0.0.1 that answers what a test wants, to the byte; a connection a request.</summary>
internal sealed class EndpointsFakeServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly Func<FakeRequest, Task<FakeReply>> _answer;
    private readonly Task _loop;
    private readonly List<FakeRequest> _requests = [];
    private int _underWay;

    public EndpointsFakeServer(Func<FakeRequest, FakeReply> answer) : this(request => Task.FromResult(answer(request)))
    {
    }

    public EndpointsFakeServer(Func<FakeRequest, Task<FakeReply>> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");

    public IReadOnlyList<FakeRequest> Requests
    {
        get { lock (_lock) return [.. _requests]; }
    }

    /// <summary>Most requests that were under way at a time.</summary>
    public int MostUnderWay { get; private set; }

    public void Dispose()
    {
        _end.Cancel();
        _loop.Wait();
        _listener.Stop();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_end.Token);
                connections.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                using var stream = new NetworkStream(socket);
                FakeRequest? request = await ReadAsync(stream);
                if (request is null) return;
                FakeReply reply = await _answer(request);
                lock (_lock) _underWay--;
                if (reply.IsSilent) await Task.Delay(Timeout.Infinite, _end.Token);
                await stream.WriteAsync(reply.Bytes, _end.Token);
                if (reply.Resets) socket.LingerState = new LingerOption(true, 0);
                else socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // the client went away, or the test ended
            }
        }
    }

    private async Task<FakeRequest?> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        byte[] buffer = new byte[4096];
        int headEnd = -1, length = 0;
        string head = "";
        while (headEnd < 0 || bytes.Count < headEnd + length)
        {
            int count = await stream.ReadAsync(buffer, _end.Token);
            if (count == 0) return null;
            bytes.AddRange(buffer[..count]);
            if (headEnd >= 0) continue;
            head = Encoding.ASCII.GetString([.. bytes]);
            headEnd = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (headEnd < 0) continue;
            head = head[..headEnd];
            headEnd += 4;
            length = int.Parse(head.Split('\n').First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1]);
        }
        lock (_lock)
        {
            MostUnderWay = Math.Max(MostUnderWay, ++_underWay);
            var request = new FakeRequest(_requests.Count, head.Split(' ')[1], head, Encoding.UTF8.GetString([.. bytes[headEnd..]]));
            _requests.Add(request);
            return request;
        }
    }
}
