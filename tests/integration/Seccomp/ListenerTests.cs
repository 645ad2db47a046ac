using System.Runtime.InteropServices;
using System.Text.Json;
using DockerPS.Integration.Bundles;
using DockerPS.Oci.RuntimeSpec;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace DockerPS.Integration.Seccomp;

/// <summary>SCMP_ACT_NOTIFY: an agent outside answers for a container's system calls (seccomp_unotify(2)).</summary>
public sealed partial class ListenerTests
{
    private const int EDQUOT = 122;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_agent_gets_the_listener_with_the_containers_state_and_answers_for_the_call(bool noNewPrivileges)
    {
        using var bundle = new OciBundle();
        bundle.Config.Process!.Args = ["mkdir", "/tmp/a"];
        bundle.Config.Process.NoNewPrivileges = noNewPrivileges;
        using DescriptorReceiver agent = Listen(bundle);
        Task<OciBundle.Output> run = Task.Run(() => bundle.Run());
        using SafeFileHandle listener = agent.Receive(out string message);
        JsonElement state = JsonDocument.Parse(message).RootElement;
        Assert.Equal("seccompFd", state.GetProperty("fds")[0].GetString());
        Assert.Equal("what the agent needs", state.GetProperty("metadata").GetString());
        Assert.Equal(bundle.Id, state.GetProperty("state").GetProperty("id").GetString());
        Assert.Equal(state.GetProperty("pid").GetInt32(), state.GetProperty("state").GetProperty("pid").GetInt32());
        Assert.Equal(state.GetProperty("pid").GetUInt32(), Refuse(listener));
        OciBundle.Output output = await run;
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("quota", output.Error);
    }

    [Fact]
    public async Task A_created_container_gets_its_listener_at_its_start_and_an_exec_one_of_its_own()
    {
        using var bundle = new OciBundle("mkdir /tmp/a 2>/tmp/answer; sleep 1000");
        using (DescriptorReceiver agent = Listen(bundle))
        {
            bundle.StartDetached();
            using SafeFileHandle listener = agent.Receive(out string message);
            Assert.Contains("\"what the agent needs\"", message);
            Refuse(listener);
            // One listener serves this process alone; the next has to ask for another.
            Task<OciBundle.Output> exec = Task.Run(() => bundle.Exec("mkdir /tmp/b; cat /tmp/answer"));
            using SafeFileHandle further = agent.Receive(out message);
            Assert.Equal("running", JsonDocument.Parse(message).RootElement.GetProperty("state").GetProperty("status").GetString());
            Refuse(further);
            OciBundle.Output output = await exec;
            Assert.Contains("quota", output.Error);
            Assert.Contains("quota", output.Out);
        }
    }

    [Fact]
    public void Without_an_agent_the_container_is_refused_and_nothing_is_left()
    {
        using var bundle = new OciBundle();
        Listen(bundle).Dispose();
        OciBundle.Output output = bundle.Run();
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("$.linux.seccomp.listenerPath", output.Error);
        Assert.Equal("", bundle.Verb(["list", "--quiet"], write: false).Out);
    }

    private static DescriptorReceiver Listen(OciBundle bundle)
    {
        var agent = new DescriptorReceiver(bundle.Root + "/agent.sock");
        RuntimeSeccomp filter = FilterTests.Allowing(FilterTests.Rule("SCMP_ACT_NOTIFY", null, "mkdir", "mkdirat"));
        filter.ListenerPath = agent.Path;
        filter.ListenerMetadata = "what the agent needs";
        bundle.Linux.Seccomp = FilterTests.Element(filter);
        return agent;
    }

    /// <summary>Takes one call and answers EDQUOT; returns whose call it was.</summary>
    private static unsafe uint Refuse(SafeFileHandle listener)
    {
        const nuint Receive = 0xC0502100, Send = 0xC0182101;
        byte* notification = stackalloc byte[80];
        new Span<byte>(notification, 80).Clear();
        nint descriptor = listener.DangerousGetHandle();
        Pollfd polled = new() { Descriptor = (int)descriptor, Events = 1 /* POLLIN */ };
        Assert.True(poll(&polled, 1, 20_000) == 1, "No system call came.");
        Assert.Equal(0, ioctl(descriptor, Receive, notification));
        // struct seccomp_notif: id, pid, flags, data; struct seccomp_notif_resp: id, val, error, flags.
        byte* response = stackalloc byte[24];
        new Span<byte>(response, 24).Clear();
        *(ulong*)response = *(ulong*)notification;
        *(int*)(response + 16) = -EDQUOT;
        Assert.Equal(0, ioctl(descriptor, Send, response));
        return *(uint*)(notification + 8);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int ioctl(nint descriptor, nuint request, byte* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(Pollfd* descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Pollfd
    {
        public int Descriptor;
        public short Events;
        public short Answer;
    }
}
