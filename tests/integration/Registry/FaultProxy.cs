using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DockerPS.Integration.Registry;

/// <summary>What is done to an answer instead of passing it on.</summary>
internal sealed record Fault
{
    /// <summary>Cuts the connection after so many bytes of the body.</summary>
    public static Fault Cut(long after) => new() { CutAfter = after };

    /// <summary>Sends no more after so many bytes of the body, and keeps the connection open.</summary>
    public static Fault Stall(long after) => new() { StallAfter = after };

    /// <summary>Says and sends only so many bytes of the body, as a registry with a damaged file.</summary>
    public static Fault Truncate(long length) => new() { TruncateTo = length };

    /// <summary>Changes the byte at that place of the body.</summary>
    public static Fault Corrupt(long at) => new() { CorruptAt = at };

    /// <summary>Cuts both connections after so many bytes of what is sent to the registry.</summary>
    public static Fault CutUpload(long after) => new() { CutUploadAfter = after };

    /// <summary>Answers itself; headers are whole lines.</summary>
    public static Fault Status(int status, string body = "", params string[] headers) => new() { Answer = (status, body, headers) };

    public long? CutAfter { get; private init; }
    public long? CutUploadAfter { get; private init; }
    public long? StallAfter { get; private init; }
    public long? TruncateTo { get; private init; }
    public long? CorruptAt { get; private init; }
    public (int Status, string Body, string[] Headers)? Answer { get; private init; }
}

/// <summary>A request that came to the proxy.</summary>
internal sealed record FaultRequest(string Method, string Target, string Head)
{
    /// <summary>Its content, when the proxy answers all itself and not a registry.</summary>
    public string Body { get; init; } = "";

    /// <summary>The value of a header, or null.</summary>
    public string? Header(string name) => Head.Split("\r\n").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)) is { } line
        ? line[(name.Length + 1)..].Trim()
        : null;
}

/// <summary>
/// Stands before a registry without TLS on a port of its own and breaks what it is told to. One request a connection; what comes is remembered.
/// </summary>
internal sealed class FaultProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly Func<FaultRequest, Fault?> _judge;

    /// <param name="target">The registry's port; 0 when all answers are the judge's own.</param>
    /// <param name="judge">What to do with a request; null passes it on. Called by many threads.</param>
    public FaultProxy(int target, Func<FaultRequest, Fault?> judge)
    {
        _target = target;
        _judge = judge;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>As in image names.</summary>
    public string Host => $"localhost:{Port}";

    /// <summary>Changes the head of a request on its way to the registry.</summary>
    public Func<string, string> Rewrite { get; init; } = head => head;

    public ConcurrentQueue<FaultRequest> Requests { get; } = new();

    /// <summary>Bytes of bodies that went to clients.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    private long _sent;

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream down = client.GetStream();
                if (await ReadHeadAsync(down) is not { } head) return;
                string[] words = head[..head.IndexOf("\r\n", StringComparison.Ordinal)].Split(' ');
                if (words.Length < 3) return;
                var request = new FaultRequest(words[0], words[1], head);
                if (_target == 0) request = request with { Body = await ReadBodyAsync(down, request) };
                Requests.Enqueue(request);
                Fault? fault = _judge(request);
                if (fault?.Answer is { } answer) await AnswerAsync(down, request, answer);
                else await PassAsync(down, request, fault);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client or the registry went away.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream down, FaultRequest request, (int Status, string Body, string[] Headers) answer)
    {
        if (_target != 0) await ReadBodyAsync(down, request);
        byte[] body = Encoding.UTF8.GetBytes(answer.Body);
        string head = $"HTTP/1.1 {answer.Status} X\r\n{string.Concat(answer.Headers.Select(h => h + "\r\n"))}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        await down.WriteAsync(Encoding.ASCII.GetBytes(head), _end.Token);
        if (request.Method != "HEAD") await down.WriteAsync(body, _end.Token);
    }

    private async Task PassAsync(NetworkStream down, FaultRequest request, Fault? fault)
    {
        using var registry = new TcpClient();
        await registry.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
        NetworkStream up = registry.GetStream();
        await up.WriteAsync(Encoding.ASCII.GetBytes(Rewrite(Closing(request.Head))), _end.Token);
        if (fault?.CutUploadAfter is { } after)
        {
            await SendUpAsync(down, up, request, after, _end.Token);
            down.Socket.Close(0);
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        Task sending = SendUpAsync(down, up, request, long.MaxValue, over.Token);
        if (await ReadHeadAsync(up) is { } head) await PassBodyAsync(up, down, head, fault);
        await over.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PassBodyAsync(NetworkStream up, NetworkStream down, string head, Fault? fault)
    {
        if (fault?.TruncateTo is { } length)
        {
            head = string.Join("\r\n", head.Split("\r\n").Select(
                line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? $"Content-Length: {length}" : line));
        }

        await down.WriteAsync(Encoding.ASCII.GetBytes(head), _end.Token);
        long limit = fault?.CutAfter ?? fault?.StallAfter ?? fault?.TruncateTo ?? long.MaxValue;
        var buffer = new byte[64 << 10];
        long done = 0;
        for (int read; done < limit && (read = await up.ReadAsync(buffer, _end.Token)) > 0; done += read)
        {
            read = (int)Math.Min(read, limit - done);
            if (fault?.CorruptAt is { } at && at >= done && at < done + read) buffer[at - done] ^= 0x55;
            await down.WriteAsync(buffer.AsMemory(0, read), _end.Token);
            Interlocked.Add(ref _sent, read);
        }

        if (fault?.StallAfter is not null) await Task.Delay(Timeout.Infinite, _end.Token);
        // A reset, as when a machine or a connection dies; else closing is an orderly end.
        if (fault?.CutAfter is not null) down.Socket.Close(0);
    }

    private static async Task SendUpAsync(NetworkStream down, NetworkStream up, FaultRequest request, long limit, CancellationToken token)
    {
        var buffer = new byte[64 << 10];
        long left = Math.Min(limit, request.Header("Transfer-Encoding") is not null ? long.MaxValue : BodyLength(request));
        for (int read; left > 0 && (read = await down.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), token)) > 0; left -= read)
            await up.WriteAsync(buffer.AsMemory(0, read), token);
    }

    private async Task<string> ReadBodyAsync(NetworkStream down, FaultRequest request)
    {
        var buffer = new byte[64 << 10];
        var body = new StringBuilder();
        long left = BodyLength(request);
        for (int read; left > 0 && (read = await down.ReadAsync(buffer, _end.Token)) > 0; left -= read) body.Append(Encoding.UTF8.GetString(buffer, 0, read));
        return body.ToString();
    }

    private static long BodyLength(FaultRequest request) => long.TryParse(request.Header("Content-Length"), out long length) ? length : 0;

    private static string Closing(string head) =>
        string.Join("\r\n", head.Split("\r\n").Where(line => !line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase)))
            .TrimEnd('\r', '\n') + "\r\nConnection: close\r\n\r\n";

    private async Task<string?> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _end.Token) == 1)
        {
            head.Append((char)one[0]);
            if (one[0] == '\n' && head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n") return head.ToString();
        }

        return null;
    }
}
