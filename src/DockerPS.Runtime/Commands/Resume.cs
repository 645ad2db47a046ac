using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>resume ID</c>: lets the processes of a paused container go on.</summary>
internal static class Resume
{
    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, []);
        if (arguments.Help) return Usage.Verb("resume", "ID", []);
        using LockedContainer container = LockedContainer.Open(options, arguments.Single("resume"));
        if (container.Status != "paused") throw new CommandException($"container not paused: '{container.Id}' is {container.Status}.");
        container.Cgroup.Thaw();
        return 0;
    }
}
