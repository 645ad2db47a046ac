namespace DockerPS.Runtime.Commands;

/// <summary>What is printed for <c>--help</c>, and for a command line that is none.</summary>
internal static class Usage
{
    public static int Run(bool asked)
    {
        (asked ? Console.Out : Console.Error).Write(
            """
            dockerps-runtime: runs containers from OCI bundles, as runc and crun do, and does for DockerPS what touches the kernel.

              dockerps-runtime [OPTIONS] VERB [OPTIONS] [ID]

            Options:
              --root DIR                     where containers are remembered
              --log FILE                     where messages go as well
              --log-format text|json         how they are written there
              --debug                        more of them
              --cgroup-manager cgroupfs|systemd, --systemd-cgroup
              --version

            Verbs (VERB --help shows their options):
              create     make a container from a bundle, up to the start of its program
              start      execute the program of a created container
              run        create and start, and stay beside it unless detached
              exec       a further process in a running container
              state      print a container's state as JSON
              kill       send a signal to a container
              delete     remove what is left of a container
              list       show the containers
              ps         show the processes of a container
              pause, resume
              update     change the limits of a container
              events     resource usage and events as JSON
              features   print what this runtime can do as JSON
              spec       write a config.json to begin with

            Of the engine:
              supervise, execute, cleanup, extract-layer, archive, remove-tree

            """);
        return asked ? 0 : 2;
    }

    /// <summary>The options of one verb.</summary>
    public static int Verb(string verb, string operands, string[] table)
    {
        Console.Out.WriteLine($"dockerps-runtime {verb} [OPTIONS] {operands}");
        foreach (string entry in table)
        {
            string[] names = entry.TrimEnd('=').Split('|');
            string shown = string.Join(", ", names.Select(n => n.Length == 1 ? "-" + n : "--" + n));
            Console.Out.WriteLine("  " + shown + (entry.EndsWith('=') ? " VALUE" : ""));
        }

        return 0;
    }
}
