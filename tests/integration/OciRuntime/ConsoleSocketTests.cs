using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>The terminal of a container reaches who called over <c>--console-socket</c> (runc's docs/terminals.md, "Detached new terminal").</summary>
public sealed class ConsoleSocketTests
{
    [Fact]
    public void A_created_container_sends_its_terminal_with_the_size_asked_for()
    {
        using var bundle = new OciBundle("sh", "-c", "tty; stty size; read line; echo got $line; exec sleep 1000");
        bundle.Process["terminal"] = true;
        bundle.Process["consoleSize"] = new JsonObject { ["height"] = 33, ["width"] = 77 };
        bundle.Write();
        using var receiver = new DescriptorReceiver(bundle.In("console.sock"));
        string id = bundle.NewId();
        bundle.Do("create", "--bundle", bundle.Path, "--console-socket", receiver.Path, id);
        using FileStream terminal = receiver.ReceiveTerminal();
        bundle.Do("start", id);
        terminal.Write("word\n"u8);
        string text = ReadUntil(terminal, "got word");
        Assert.Contains("/dev/pts/0", text);
        Assert.Contains("33 77", text);
        Assert.Equal("running", bundle.Status(id));
    }

    [Fact]
    public void A_detached_exec_sends_its_terminal()
    {
        using var bundle = new OciBundle();
        string id = bundle.Create();
        File.WriteAllText(bundle.In("process.json"), """
            { "terminal": true, "args": [ "sh", "-c", "test -t 0 && echo is a terminal; read x" ], "cwd": "/", "env": [ "PATH=/bin" ], "user": { "uid": 0, "gid": 0 } }
            """);
        using var receiver = new DescriptorReceiver(bundle.In("console.sock"));
        bundle.Do(
            "exec", "--process", bundle.In("process.json"), "--console-socket", receiver.Path, "--detach", "--pid-file", bundle.In("exec-pid"), id);
        using FileStream terminal = receiver.ReceiveTerminal();
        Assert.Contains("is a terminal", ReadUntil(terminal, "is a terminal"));
        Assert.True(int.Parse(File.ReadAllText(bundle.In("exec-pid"))) > 0);
        terminal.Write("\n"u8);
    }

    [Fact]
    public void A_socket_beyond_the_length_of_a_socket_address_is_reached_all_the_same()
    {
        using var bundle = new OciBundle();
        bundle.Process["terminal"] = true;
        bundle.Write();
        string deep = Directory.CreateDirectory(bundle.In(new string('d', 120))).FullName;
        using var receiver = new DescriptorReceiver(deep + "/console.sock");
        bundle.Do("create", "--bundle", bundle.Path, "--console-socket", receiver.Path, bundle.NewId());
        using FileStream terminal = receiver.ReceiveTerminal();
        Assert.False(terminal.SafeFileHandle.IsInvalid);
    }

    [Fact]
    public void A_terminal_without_a_socket_is_refused_before_anything_is_made()
    {
        using var bundle = new OciBundle();
        bundle.Process["terminal"] = true;
        bundle.Write();
        OciResult result = bundle.Run("create", "--bundle", bundle.Path, bundle.NewId());
        Assert.Equal(1, result.Code);
        Assert.Contains("--console-socket", result.Error);
        Assert.Equal("", bundle.Do("list", "-q"));
    }

    [Fact]
    public void A_socket_without_a_terminal_is_refused()
    {
        using var bundle = new OciBundle();
        using var receiver = new DescriptorReceiver(bundle.In("console.sock"));
        OciResult result = bundle.Run("create", "--bundle", bundle.Path, "--console-socket", receiver.Path, bundle.NewId());
        Assert.Equal(1, result.Code);
        Assert.Contains("terminal", result.Error);
    }

    [Fact]
    public void A_socket_that_nobody_listens_on_is_named()
    {
        using var bundle = new OciBundle();
        bundle.Process["terminal"] = true;
        bundle.Write();
        OciResult result = bundle.Run("create", "--bundle", bundle.Path, "--console-socket", bundle.In("nobody.sock"), bundle.NewId());
        Assert.Equal(1, result.Code);
        Assert.Contains("nobody.sock", result.Error);
    }

    private static string ReadUntil(FileStream terminal, string words)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!text.ToString().Contains(words, StringComparison.Ordinal))
        {
            int length = terminal.ReadAsync(buffer, limit.Token).AsTask().WaitAsync(limit.Token).GetAwaiter().GetResult();
            Assert.True(length > 0, $"The terminal ended after: {text}");
            text.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return text.ToString();
    }
}
