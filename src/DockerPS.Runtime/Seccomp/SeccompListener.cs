using System.Buffers;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Seccomp;

/// <summary>
/// Hands the descriptor of SCMP_ACT_NOTIFY to the listener (config-linux.md, "The Container Process State"). Once the child's filter is
/// on, each system call of the child may be one that waits for the listener. So the two speak through a page of memory: the child
/// writes the descriptor's number there and waits, without a system call, for the answer that the listener has it.
/// </summary>
internal static unsafe class SeccompListener
{
    private const int Milliseconds = 10_000;

    /// <summary>Serves one <see cref="ChildPacket.Listener"/>.</summary>
    /// <param name="channel">To the child, which waits for a byte before it loads the filter.</param>
    /// <param name="memory">The page's file, as it came with the packet. Closed here.</param>
    /// <param name="pid">The child's, as the host sees it.</param>
    /// <param name="pidfd">The child's.</param>
    /// <param name="seccomp">linux.seccomp.</param>
    /// <param name="state">The container's state as JSON.</param>
    /// <exception cref="RuntimeFailureException">The listener cannot be reached; the child ends.</exception>
    public static void Serve(int channel, int memory, int pid, int pidfd, JsonElement seccomp, ReadOnlyMemory<byte> state)
    {
        int* page = LibC.MapShared(memory);
        LibC.Close(ref memory);
        int socket = -1, notify = -1;
        try
        {
            SeccompSettings settings = SeccompSettings.Read(seccomp);
            string path = settings.ListenerPath!;
            socket = Connect(path);
            byte[] message = ProcessState(pid, settings.ListenerMetadata, state);
            LibC.TryWrite(channel, [1]);
            if (AwaitNumber(channel, page) is not { } number) return;
            notify = (int)Syscall.Invoke(Syscall.PidfdGetfd, pidfd, number);
            if (notify < 0) throw new LinuxException("pidfd_getfd(seccomp)", -notify);
            LibC.SendDescriptor(socket, message, notify);
            Volatile.Write(ref page[1], 1);
        }
        catch (LinuxException e)
        {
            Volatile.Write(ref page[1], -1);
            throw RuntimeFailureException.From(RuntimeStages.Seccomp, e);
        }
        finally
        {
            LibC.Close(ref notify);
            LibC.Close(ref socket);
            LibC.Unmap(page);
        }
    }

    private static int Connect(string path)
    {
        try
        {
            return LibC.ConnectUnix(path, Milliseconds);
        }
        catch (LinuxException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Seccomp, $"config.json: $.linux.seccomp.listenerPath: no agent answers there: {e.Message}");
        }
    }

    /// <summary>The container's state (runtime.md, "State") from what a birth knows of it.</summary>
    public static ReadOnlyMemory<byte> State(Setting setting, int pid)
    {
        if (setting.ListenerState is { } state) return state(pid);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("ociVersion", setting.Config.OciVersion);
            writer.WriteString("id", setting.Surroundings?.Id ?? "");
            writer.WriteString("status", ReferenceEquals(setting.Process, setting.Config.Process) ? "creating" : "running");
            writer.WriteNumber("pid", pid);
            writer.WriteString("bundle", setting.Bundle);
            if (setting.Config.Annotations is { Count: > 0 } annotations)
            {
                writer.WriteStartObject("annotations");
                foreach ((string name, string value) in annotations) writer.WriteString(name, value);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Null when the channel has something else to say: the filter was not loaded.</summary>
    private static int? AwaitNumber(int channel, int* page)
    {
        while (true)
        {
            if (Volatile.Read(ref page[0]) is > 0 and { } number) return number - 1;
            LibC.pollfd polled = new() { Descriptor = channel, Events = LibC.POLLIN };
            // A millisecond: the child cannot say by a system call that the number stands there.
            if (LibC.poll(&polled, 1, 1) > 0) return Volatile.Read(ref page[0]) is > 0 and { } late ? late - 1 : null;
        }
    }

    private static byte[] ProcessState(int pid, string? metadata, ReadOnlyMemory<byte> state)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("ociVersion", "1.2.0");
            writer.WriteStartArray("fds");
            writer.WriteStringValue("seccompFd");
            writer.WriteEndArray();
            writer.WriteNumber("pid", pid);
            if (metadata is not null) writer.WriteString("metadata", metadata);
            writer.WritePropertyName("state");
            writer.WriteRawValue(state.Span);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
