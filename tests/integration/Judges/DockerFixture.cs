using DockerPS.Integration.OciRuntime;
using Xunit;

namespace DockerPS.Integration.Judges;

/// <summary>
/// A containerd and a dockerd of their own, without networks, with dockerps-runtime as default runtime, and an image of busybox in both:
/// one serves the tests of dockerd and of containerd's shim.
/// </summary>
public sealed class DockerFixture : IDisposable
{
    public const string Image = "docker.io/library/judge:latest";
    private readonly Lock _gate = new();
    private JudgeTool? _tool;

    /// <summary>The docker client with these words; skips the test when docker is not installed.</summary>
    internal OciResult Docker(params string[] arguments) => Tool.Run("docker", "", ["--host", "unix://" + Tool.In("docker.sock"), .. arguments]);

    internal OciResult DockerWithInput(string input, params string[] arguments) =>
        Tool.Run("docker", input, ["--host", "unix://" + Tool.In("docker.sock"), .. arguments]);

    /// <summary>With options that every test gives: no network, and gone in the end.</summary>
    internal OciResult RunContainer(params string[] arguments) => Docker(["run", "--rm", "--network", "none", .. arguments]);

    /// <summary>What docker wrote; it must succeed.</summary>
    internal string Do(params string[] arguments) => Succeeded("docker", Docker(arguments), arguments);

    /// <summary>The ctr client of containerd with these words.</summary>
    internal OciResult Ctr(params string[] arguments) => Tool.Run("ctr", "", ["--address", Tool.In("containerd.sock"), "--namespace", "judge", .. arguments]);

    internal string DoCtr(params string[] arguments) => Succeeded("ctr", Ctr(arguments), arguments);

    /// <summary>ctr's words for a container on the runtime under test.</summary>
    internal string[] CtrRun(params string[] arguments) =>
        ["run", "--runtime", "io.containerd.runc.v2", "--runc-binary", Tool.Runtime, .. arguments];

    private JudgeTool Tool
    {
        get
        {
            lock (_gate) return _tool ??= Make();
        }
    }

    public void Dispose()
    {
        if (_tool is null) return;
        string[] left = Docker("ps", "--all", "--quiet").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (left.Length > 0) Docker(["rm", "--force", .. left]);
        foreach (string id in Ctr("containers", "list", "--quiet").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Ctr("tasks", "delete", "--force", id);
            Ctr("containers", "delete", id);
        }

        _tool.Dispose();
    }

    private static JudgeTool Make()
    {
        var tool = new JudgeTool("docker.io", "docker", "dockerd", "containerd", "ctr");
        File.WriteAllText(tool.In("containerd.toml"), $"""
            version = 2
            root = "{tool.In("containerd")}"
            state = "{tool.In("containerd-run")}"
            [grpc]
              address = "{tool.In("containerd.sock")}"
            [plugins."io.containerd.internal.v1.opt"]
              path = "{tool.In("opt")}"
            """);
        File.WriteAllText(tool.In("daemon.json"), $$"""{ "runtimes": { "dockerps": { "path": "{{tool.Runtime}}" } }, "default-runtime": "dockerps" }""");
        tool.StartDaemon("containerd", "--config", tool.In("containerd.toml"));
        tool.AwaitDaemon("containerd", () => File.Exists(tool.In("containerd.sock")));
        tool.StartDaemon(
            "dockerd", "--config-file", tool.In("daemon.json"), "--containerd", tool.In("containerd.sock"), "--host", "unix://" + tool.In("docker.sock"),
            "--data-root", tool.In("data"), "--exec-root", tool.In("exec"), "--pidfile", tool.In("dockerd.pid"),
            "--iptables=false", "--ip6tables=false", "--bridge=none", "--exec-opt", "native.cgroupdriver=cgroupfs");
        tool.AwaitDaemon("dockerd", () => tool.Run("docker", "", "--host", "unix://" + tool.In("docker.sock"), "version").Code == 0);
        OciResult imported = tool.Run("docker", "", "--host", "unix://" + tool.In("docker.sock"), "import", "-c", "ENV PATH=/bin", tool.RootArchive(), Image);
        Assert.True(imported.Code == 0, imported.Error);
        OciResult saved = tool.Run("docker", "", "--host", "unix://" + tool.In("docker.sock"), "save", "-o", tool.In("image.tar"), Image);
        Assert.True(saved.Code == 0, saved.Error);
        OciResult loaded = tool.Run("ctr", "", "--address", tool.In("containerd.sock"), "--namespace", "judge", "images", "import", tool.In("image.tar"));
        Assert.True(loaded.Code == 0, loaded.Error);
        return tool;
    }

    private static string Succeeded(string program, OciResult result, string[] arguments)
    {
        Assert.True(result.Code == 0, $"{program} {string.Join(' ', arguments)}: {result.Code}: {result.Error}");
        return result.Out.TrimEnd('\n');
    }
}
