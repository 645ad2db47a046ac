using DockerPS.Linux;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Commands;

/// <summary><c>spec</c>: writes a config.json to begin with. An existing one is never overwritten.</summary>
internal static class Spec
{
    private static readonly string[] Table = ["bundle|b=", "rootless"];

    public static int Run(string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, Table);
        if (arguments.Help) return Usage.Verb("spec", "", Table);
        if (arguments.Positional.Count > 0) throw new CommandException("\"spec\" takes no id; name the bundle with --bundle.");
        string path = Path.Combine(Path.GetFullPath(arguments.Value("bundle") ?? "."), "config.json");
        bool cgroupNamespace = File.Exists("/proc/self/ns/cgroup");
        RuntimeConfig config = arguments.Has("rootless")
            ? RuntimeConfigTemplate.MakeRootless(LibC.geteuid(), LibC.getegid(), cgroupNamespace)
            : RuntimeConfigTemplate.Make(cgroupNamespace);
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            file.Write(RuntimeConfigTemplate.ToJson(config));
            file.Write("\n"u8);
            return 0;
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new CommandException($"'{path}' exists; move it away first.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"'{path}' cannot be written: {e.Message}");
        }
    }
}
