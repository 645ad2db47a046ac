using System.Diagnostics;
using System.Text.Json;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Bundles;

/// <summary>
/// A bundle with busybox as its root file system, and the runtime's verbs on it as any OCI tool calls them. Everything it made
/// (container, mounts, directories) is gone after Dispose, however the test ended.
/// </summary>
internal sealed class OciBundle : IDisposable
{
    private const string Busybox = "/bin/busybox";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private readonly List<string> _mounts = [];
    private bool _started;

    /// <param name="script">What sh runs as the container's process.</param>
    public OciBundle(string script = "true")
    {
        Runtime = RuntimeExecutable.Path;
        Assert.SkipUnless(File.Exists(Busybox), "SKIPPED: the bundles of this test are made of Debian's package busybox-static.");
        Root = Directory.CreateTempSubdirectory("dockerps-bundle-").FullName;
        Id = Path.GetFileName(Root);
        Directory.CreateDirectory(Path.Combine(RootFs, "bin"));
        foreach (string directory in (string[])["proc", "sys", "dev", "etc", "tmp", "usr/bin"])
            Directory.CreateDirectory(Path.Combine(RootFs, directory));
        SetMode(Path.Combine(RootFs, "tmp"), "1777");
        File.Copy(Busybox, Path.Combine(RootFs, "bin/busybox"));
        foreach (string applet in s_applets) File.CreateSymbolicLink(Path.Combine(RootFs, "bin", applet), "busybox");
        Config = Plain(script);
    }

    private static readonly string[] s_applets =
    [
        "sh", "ls", "cat", "sleep", "true", "id", "mkdir", "touch", "grep", "echo", "printf", "head", "readlink", "test", "kill", "dd", "stat",
        "mount", "umount", "ln", "rm", "mv", "chmod", "chown", "cp", "uname", "ionice", "tty", "stty", "wc", "tr", "cut", "awk", "sed",
        "find", "mknod", "chroot", "ps", "df", "hostname", "env", "sync", "date", "seq", "tail", "sha256sum",
    ];

    /// <summary>The executable under test, or a copy of it.</summary>
    public string Runtime { get; set; }

    /// <summary>The bundle's directory.</summary>
    public string Root { get; }

    public string Id { get; }

    public string RootFs => Path.Combine(Root, "rootfs");

    public RuntimeConfig Config { get; set; }

    public RuntimeLinux Linux => Config.Linux!;

    /// <summary>A directory beside the root file system.</summary>
    public string MakeDirectory(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    /// <summary>Adds a mount; the last word of config.json's list.</summary>
    public RuntimeMount Mount(string destination, string type, string source, params string[] options)
    {
        var mount = new RuntimeMount { Destination = destination, Type = type, Source = source, Options = [.. options] };
        Config.Mounts!.Add(mount);
        return mount;
    }

    /// <summary>mount(8) on the machine, undone at the end.</summary>
    public void MountOnHost(string target, params string[] arguments)
    {
        Output result = Start("mount", [.. arguments, target]);
        Assert.True(result.ExitCode == 0, result.Error);
        _mounts.Add(target);
    }

    /// <summary>The run verb in the foreground.</summary>
    public Output Run(params string[] flags) => Verb(["run", "--bundle", Root, .. flags, Id], write: true);

    /// <summary>Runs, and asserts that the process ended with 0.</summary>
    public string RunWell(params string[] flags)
    {
        Output output = Run(flags);
        Assert.True(output.ExitCode == 0, $"exit {output.ExitCode}: {output.Out}{output.Error}");
        return output.Out;
    }

    /// <summary>The run verb with --detach.</summary>
    public void StartDetached(params string[] flags)
    {
        WriteConfig();
        // Its output is the container's, which stays: a pipe would not end.
        string log = Path.Combine(Root, "output");
        string[] arguments = [Runtime, "--root", Path.Combine(Root, "state"), .. CgroupManager.Options, "run", "--detach", "--bundle", Root, .. flags, Id];
        Output output = Start("sh", ["-c", $"exec \"$@\" >{log} 2>&1", "sh", .. arguments]);
        Assert.True(output.ExitCode == 0, File.ReadAllText(log));
        _started = true;
    }

    /// <summary>exec of a shell script in the running container.</summary>
    public Output Exec(string script, params string[] flags) => Verb(["exec", .. flags, Id, "sh", "-c", script], write: false);

    public Output Verb(string[] arguments, bool write, string[]? global = null)
    {
        if (write) WriteConfig();
        return Start(Runtime, ["--root", Path.Combine(Root, "state"), .. CgroupManager.Options, .. global ?? [], .. arguments]);
    }

    private void WriteConfig() => File.WriteAllBytes(
        Path.Combine(Root, "config.json"), JsonSerializer.SerializeToUtf8Bytes(Config, RuntimeConfigJson.Default.RuntimeConfig));

    /// <summary>Runs a program to its end.</summary>
    public static Output Start(string program, string[] arguments, string? workingDirectory = null)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? "/",
        };
        using Process process = Process.Start(info)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!Task.WhenAll(output, error).Wait(s_patience) || !process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end.");
        }

        return new Output(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>chmod(1) of a file of the bundle.</summary>
    public static void SetMode(string path, string mode) => Assert.Equal(0, Start("chmod", [mode, path]).ExitCode);

    public void Dispose()
    {
        if (_started || Directory.Exists(Path.Combine(Root, "state", Id))) Verb(["delete", "--force", Id], write: false);
        for (int i = _mounts.Count - 1; i >= 0; i--) Start("umount", ["--lazy", _mounts[i]]);
        Directory.Delete(Root, recursive: true);
    }

    private static RuntimeConfig Plain(string script)
    {
        List<string> capabilities =
        [
            "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP",
            "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
        ];
        return new RuntimeConfig
        {
            Process = new RuntimeProcess
            {
                Args = ["sh", "-c", script],
                Env = ["PATH=/bin"],
                Cwd = "/",
                Capabilities = new RuntimeCapabilities { Bounding = capabilities, Effective = capabilities, Permitted = capabilities },
            },
            Root = new RuntimeRoot { Path = "rootfs" },
            Hostname = "bundle",
            Mounts =
            [
                Mounted("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                Mounted("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                Mounted("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
                Mounted("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
            ],
            Linux = new RuntimeLinux
            {
                Namespaces =
                [
                    new() { Type = "pid" }, new() { Type = "network" }, new() { Type = "ipc" }, new() { Type = "uts" }, new() { Type = "mount" },
                    new() { Type = "cgroup" },
                ],
                MaskedPaths = ["/proc/kcore", "/proc/keys", "/proc/acpi", "/sys/firmware"],
                ReadonlyPaths = ["/proc/bus", "/proc/sys", "/proc/sysrq-trigger"],
            },
        };
    }

    private static RuntimeMount Mounted(string destination, string type, string source, params string[] options) =>
        new() { Destination = destination, Type = type, Source = source, Options = [.. options] };

    internal sealed record Output(int ExitCode, string Out, string Error);
}
