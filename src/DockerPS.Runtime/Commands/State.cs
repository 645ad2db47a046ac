using System.Text;
using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>state ID</c>: prints a container's state as JSON (runtime.md, "State").</summary>
internal static class State
{
    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, []);
        if (arguments.Help) return Usage.Verb("state", "ID", []);
        ContainerDirectory directory = options.Root.Find(arguments.Single("state"));
        ContainerRecord record = directory.Read();
        Console.Out.WriteLine(Encoding.UTF8.GetString(OciState.ToJson(record, directory.Status(record), full: true).Span));
        return 0;
    }
}
