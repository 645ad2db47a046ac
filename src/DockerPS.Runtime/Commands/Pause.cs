using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>pause ID</c>: stops all processes of a container where they stand.</summary>
internal static class Pause
{
    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, []);
        if (arguments.Help) return Usage.Verb("pause", "ID", []);
        using LockedContainer container = LockedContainer.Open(options, arguments.Single("pause"));
        if (container.Status is not ("running" or "created"))
            throw new CommandException($"container not running: '{container.Id}' is {container.Status}.");
        container.Cgroup.Freeze();
        return 0;
    }
}
