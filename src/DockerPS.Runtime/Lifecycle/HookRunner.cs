using System.Diagnostics;
using System.Globalization;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Steps;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>Runs hooks (config.md, "POSIX-platform Hooks"): each with the container's state on standard input, one after another.</summary>
/// <param name="config">Whose hooks.</param>
/// <param name="bundle">Absolute directory.</param>
internal sealed class HookRunner(RuntimeConfig config, string bundle)
{
    private const int OutputLimit = 8192;

    /// <summary>Runs all of a kind in order.</summary>
    /// <param name="kind">As it stands in config.json.</param>
    /// <param name="hooks">May be null.</param>
    /// <param name="state">The container's state as JSON.</param>
    /// <param name="initPidfd">Run in the namespaces of this process; -1 in those of the runtime.</param>
    /// <exception cref="RuntimeFailureException">One of them could not be run, failed or took longer than it may; those behind it are not run.</exception>
    public void Run(string kind, List<RuntimeHook>? hooks, ReadOnlyMemory<byte> state, int initPidfd = -1)
    {
        for (int i = 0; i < (hooks?.Count ?? 0); i++) Run($"$.hooks.{kind}[{i}]", hooks![i], state.Span, initPidfd);
    }

    /// <summary>As <see cref="Run(string, List{RuntimeHook}?, ReadOnlyMemory{byte}, int)"/>, but a failure is told and the next one is run.</summary>
    public void RunAll(string kind, List<RuntimeHook>? hooks, ReadOnlyMemory<byte> state, Action<string> warn)
    {
        for (int i = 0; i < (hooks?.Count ?? 0); i++)
        {
            try
            {
                Run($"$.hooks.{kind}[{i}]", hooks![i], state.Span, -1);
            }
            catch (RuntimeFailureException e)
            {
                warn(e.Failure.Text);
            }
        }
    }

    private void Run(string name, RuntimeHook hook, ReadOnlySpan<byte> state, int initPidfd)
    {
        var setting = new Setting
        {
            Config = config,
            Process = new RuntimeProcess { Args = hook.Args is { Count: > 0 } args ? args : [hook.Path], Env = hook.Env ?? [] },
            Bundle = bundle,
            Program = hook.Path,
        };
        using ProcessStreams streams = ProcessStreams.Pipes(input: true);
        using var plan = new StepPlan();
        Birthplan.Hook(plan, setting, initPidfd);
        Born born;
        try
        {
            born = Birth.Run(plan, setting, streams, 0, initPidfd);
        }
        catch (RuntimeFailureException e)
        {
            throw Failed(name, hook, $"cannot be run: {e.Failure.Call}: {Errno.Text(e.Failure.Errno)}", "");
        }

        int pidfd = born.Pidfd;
        try
        {
            Attend(name, hook, born, streams, state);
        }
        finally
        {
            LibC.Close(ref pidfd);
        }
    }

    /// <summary>Feeds the state, collects what it says, and waits for its end.</summary>
    private static unsafe void Attend(string name, RuntimeHook hook, Born born, ProcessStreams streams, ReadOnlySpan<byte> state)
    {
        long deadline = hook.Timeout is > 0 and { } seconds ? Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency) : long.MaxValue;
        var said = new StringBuilder();
        LibC.pollfd* polled = stackalloc LibC.pollfd[4];
        while (true)
        {
            polled[0] = new LibC.pollfd { Descriptor = born.Pidfd, Events = LibC.POLLIN };
            polled[1] = new LibC.pollfd { Descriptor = streams.Output, Events = LibC.POLLIN };
            polled[2] = new LibC.pollfd { Descriptor = streams.Error, Events = LibC.POLLIN };
            polled[3] = new LibC.pollfd { Descriptor = streams.Input, Events = LibC.POLLOUT };
            int left = deadline == long.MaxValue
                ? -1
                : (int)Math.Clamp((deadline - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency, 0, int.MaxValue);
            if (LibC.poll(polled, 4, left) == 0)
            {
                LibC.SendSignal(born.Pidfd, LibC.SIGKILL);
                LibC.WaitForEnd(born.Pidfd, -1);
                LibC.TryReap(born.Pidfd);
                throw Failed(name, hook, $"took longer than its timeout of {hook.Timeout} s and was killed", said.ToString());
            }

            if (polled[3].Returned != 0)
            {
                int written = LibC.TryWrite(streams.Input, state);
                if (written > 0) state = state[written..];
                if (state.IsEmpty || (written < 0 && written != -Errno.EAGAIN)) LibC.Close(ref streams.Input);
            }

            Collect(ref streams.Output, said);
            Collect(ref streams.Error, said);
            if (polled[0].Returned == 0 || LibC.TryReap(born.Pidfd) is not { } code) continue;
            Collect(ref streams.Output, said);
            Collect(ref streams.Error, said);
            if (code != 0) throw Failed(name, hook, "failed with exit status " + code.ToString(CultureInfo.InvariantCulture), said.ToString());
            return;
        }
    }

    private static void Collect(ref int descriptor, StringBuilder said)
    {
        Span<byte> buffer = stackalloc byte[1024];
        while (descriptor >= 0)
        {
            int length = LibC.TryRead(descriptor, buffer);
            if (length == -Errno.EAGAIN) return;
            if (length <= 0) LibC.Close(ref descriptor);
            else if (said.Length < OutputLimit) said.Append(Encoding.UTF8.GetString(buffer[..length]));
        }
    }

    private static RuntimeFailureException Failed(string name, RuntimeHook hook, string what, string said)
    {
        said = said.Trim();
        return new RuntimeFailureException(RuntimeStages.Hooks, $"{name}: the hook '{hook.Path}' {what}{(said.Length > 0 ? ": " + said : ".")}");
    }
}
