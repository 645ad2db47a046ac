using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>create [--bundle DIR] ID</c>: makes a container whose program waits for <c>start</c>.</summary>
internal static class Create
{
    /// <summary>Options of create, which run has too.</summary>
    public static readonly string[] Table =
        ["bundle|b=", "console-socket=", "pid-file=", "no-pivot", "no-new-keyring", "preserve-fds=", "no-subreaper"];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, Table);
        if (arguments.Help) return Usage.Verb("create", "ID", Table);
        new Creation(options, Request(arguments, "create", detached: true)).Run();
        return 0;
    }

    public static CreationRequest Request(VerbArguments arguments, string verb, bool detached)
    {
        string bundle = Path.GetFullPath(arguments.Value("bundle") ?? ".");
        if (!Directory.Exists(bundle)) throw new CommandException($"--bundle: '{bundle}' is not a directory: no such file or directory.");
        return new CreationRequest
        {
            Id = arguments.Single(verb),
            Bundle = bundle,
            ConsoleSocket = arguments.Value("console-socket"),
            PidFile = arguments.Value("pid-file"),
            NoPivot = arguments.Has("no-pivot"),
            NoNewKeyring = arguments.Has("no-new-keyring"),
            PreservedDescriptors = arguments.Number("preserve-fds") ?? 0,
            Detached = detached,
        };
    }
}
