using System.Globalization;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Commands;

/// <summary>The process of <c>exec</c>: out of a file of config.json's process, or the container's with what the options change.</summary>
internal static class ExecProcess
{
    public static readonly string[] Table =
    [
        "process|p=", "cwd=", "env|e=", "tty|t", "user|u=", "additional-gids|g=", "process-label=", "apparmor=", "no-new-privs", "cap|c=",
    ];

    public static RuntimeProcess From(VerbArguments arguments, RuntimeConfig config)
    {
        if (arguments.Value("process") is { } path) return FromFile(path);
        List<string> command = arguments.Positional[1..];
        if (command.Count == 0) throw new CommandException("exec: name the command to execute, or give --process.");
        RuntimeProcess own = config.Process ?? new RuntimeProcess();
        own.Args = command;
        own.Terminal = arguments.Has("tty");
        own.ConsoleSize = null;
        own.Cwd = arguments.Value("cwd") ?? own.Cwd;
        own.Env = [.. own.Env ?? [], .. arguments.Values("env")];
        if (arguments.Value("user") is { } user) own.User = User(user);
        foreach (string gid in arguments.Values("additional-gids"))
            (own.User.AdditionalGids ??= []).Add(Number(gid, "additional-gids"));
        if (arguments.Value("process-label") is { } label) own.SelinuxLabel = label;
        if (arguments.Value("apparmor") is { } profile) own.ApparmorProfile = profile;
        if (arguments.Has("no-new-privs")) own.NoNewPrivileges = true;
        AddCapabilities(own, [.. arguments.Values("cap")]);
        return own;
    }

    private static RuntimeProcess FromFile(string path)
    {
        byte[] json = LibC.TryReadFile(path, 16 << 20) ?? throw new CommandException($"--process: '{path}' cannot be read: no such file or directory.");
        try
        {
            return RuntimeConfigReader.ReadProcess(json);
        }
        catch (JsonException e)
        {
            throw new CommandException($"--process: '{path}' is malformed: {e.Message}");
        }
    }

    private static RuntimeUser User(string text)
    {
        string[] parts = text.Split(':', 2);
        return new RuntimeUser { Uid = Number(parts[0], "user"), Gid = parts.Length > 1 ? Number(parts[1], "user") : 0 };
    }

    private static uint Number(string text, string option) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : throw new CommandException($"--{option}: '{text}' is no number; names of users and groups belong to who calls the runtime.");

    /// <summary>To all sets that a program of the user keeps; ambient so that one that is not root has them too.</summary>
    private static void AddCapabilities(RuntimeProcess process, List<string> names)
    {
        if (names.Count == 0) return;
        foreach (string name in names)
        {
            if (Capabilities.Number(name) < 0) throw new CommandException($"--cap: '{name}' is no capability; names begin with CAP_.");
        }

        RuntimeCapabilities sets = process.Capabilities ??= new RuntimeCapabilities();
        sets.Bounding = [.. sets.Bounding ?? [], .. names];
        sets.Effective = [.. sets.Effective ?? [], .. names];
        sets.Permitted = [.. sets.Permitted ?? [], .. names];
        sets.Inheritable = [.. sets.Inheritable ?? [], .. names];
        sets.Ambient = [.. sets.Ambient ?? [], .. names];
    }
}
