using DockerPS.Integration.OciRuntime;
using Xunit;

namespace DockerPS.Integration.Judges;

/// <summary>podman with stores and configuration of its own, <c>--runtime dockerps-runtime</c>, and an image of busybox.</summary>
public sealed class PodmanFixture : IDisposable
{
    public const string Image = "judge";
    private readonly Lock _gate = new();
    private JudgeTool? _tool;

    /// <summary>podman with these words; skips the test when podman is not installed.</summary>
    internal OciResult Run(params string[] arguments) => RunWithInput("", arguments);

    internal OciResult RunWithInput(string input, params string[] arguments)
    {
        lock (_gate) _tool ??= Make();
        return Podman(_tool, input, arguments);
    }

    /// <summary>With options that every test gives: no network, and gone in the end.</summary>
    internal OciResult RunContainer(params string[] arguments) => Run(["run", "--rm", "--network", "none", .. arguments]);

    internal string Do(params string[] arguments)
    {
        OciResult result = Run(arguments);
        Assert.True(result.Code == 0, $"podman {string.Join(' ', arguments)}: {result.Code}: {result.Error}");
        return result.Out.TrimEnd('\n');
    }

    public void Dispose()
    {
        if (_tool is null) return;
        Run("pod", "rm", "--all", "--force", "--time", "0");
        Run("rm", "--all", "--force", "--time", "0");
        _tool.Dispose();
    }

    private static JudgeTool Make()
    {
        var tool = new JudgeTool("podman", "podman", "conmon");
        // Limits that need no CAP_SYS_RESOURCE; the file logger needs no journal.
        File.WriteAllText(tool.In("containers.conf"), """
            [containers]
            default_ulimits = [ "nofile=1024:1024", "nproc=1024:1024" ]
            log_driver = "k8s-file"
            [engine]
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            """);
        File.WriteAllText(tool.In("storage.conf"), $"[storage]\ndriver = \"overlay\"\ngraphroot = \"{tool.In("root")}\"\nrunroot = \"{tool.In("run")}\"\n");
        OciResult imported = Podman(tool, "", "import", tool.RootArchive(), Image);
        Assert.True(imported.Code == 0, imported.Error);
        return tool;
    }

    private static OciResult Podman(JudgeTool tool, string input, params string[] arguments) => tool.Run(
        "env", input,
        [
            "CONTAINERS_CONF=" + tool.In("containers.conf"), "CONTAINERS_STORAGE_CONF=" + tool.In("storage.conf"),
            "podman", "--root", tool.In("root"), "--runroot", tool.In("run"), "--tmpdir", tool.In("tmp"), "--runtime", tool.Runtime, .. arguments,
        ]);
}
