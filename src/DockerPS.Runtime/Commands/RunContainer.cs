using DockerPS.Linux;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>run [--detach] ID</c>: creates and starts; else stays beside it, ends with its exit code and deletes it.</summary>
internal static class RunContainer
{
    private static readonly string[] s_table = [.. Create.Table, "detach|d", "keep"];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, s_table);
        if (arguments.Help) return Usage.Verb("run", "ID", s_table);
        bool detached = arguments.Has("detach");
        // Signals that come while it is being made are passed on when it is there.
        SignalRelay? signals = detached ? null : SignalRelay.Watch();
        if (!detached && !arguments.Has("no-subreaper")) _ = LibC.prctl(LibC.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        CreatedContainer made = new Creation(options, Create.Request(arguments, "run", detached)).Run();
        try
        {
            Start.Run(made.Directory, made.Record, made.Config, options.Log);
        }
        catch
        {
            Delete.Remove(made.Directory, force: true, options.Log);
            throw;
        }

        if (detached) return 0;
        bool relayed = made.Config.Process!.Terminal && arguments.Value("console-socket") is null;
        int code = Foreground.Wait(made.Born, signals!, relayed ? made.Streams.Output : -1);
        if (!arguments.Has("keep")) Delete.Remove(made.Directory, force: true, options.Log);
        return code;
    }
}
