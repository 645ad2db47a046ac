using System.Diagnostics;
using DockerPS.Integration.OciRuntime;
using Xunit;

namespace DockerPS.Integration.Judges;

/// <summary>A tool that drives OCI runtimes, with a directory of its own for all that it keeps.</summary>
internal sealed class JudgeTool : IDisposable
{
    private readonly List<Process> _daemons = [];

    /// <summary>Skips the test when one of the programs is not installed.</summary>
    /// <param name="package">Debian's package that brings them.</param>
    /// <param name="programs">Their names.</param>
    public JudgeTool(string package, params string[] programs)
    {
        Runtime = RuntimeExecutable.Path;
        foreach (string program in programs)
            Assert.SkipUnless(Find(program) is not null, $"SKIPPED: '{program}' is not installed (Debian's package {package}).");
        Path = Directory.CreateTempSubdirectory("dockerps-judge-").FullName;
    }

    public string Runtime { get; }

    public string Path { get; }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A tar file of a busybox root file system.</summary>
    public string RootArchive()
    {
        BusyboxRoot.Write(In("rootfs"));
        OciResult tar = OciResult.Of(Path, "/bin/tar", "", "-C", In("rootfs"), "-cf", In("rootfs.tar"), ".");
        Assert.True(tar.Code == 0, tar.Error);
        return In("rootfs.tar");
    }

    public OciResult Run(string program, string input, params string[] arguments) => OciResult.Of(Path, Find(program)!, input, arguments);

    /// <summary>Starts a daemon whose output goes to <c>NAME.log</c>; Dispose ends it.</summary>
    public void StartDaemon(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = Path };
        string[] words = ["-c", "log=$1; shift; exec \"$@\" >$log 2>&1 </dev/null", "sh", In(program + ".log"), Find(program)!, .. arguments];
        foreach (string word in words) start.ArgumentList.Add(word);
        _daemons.Add(Process.Start(start)!);
    }

    public void AwaitDaemon(string program, Func<bool> ready) =>
        Assert.True(SpinWait.SpinUntil(ready, TimeSpan.FromSeconds(60)), $"{program} did not come up: {Log(program)}");

    public string Log(string program) => File.Exists(In(program + ".log")) ? File.ReadAllText(In(program + ".log")) : "";

    /// <summary>Ends the daemons, the last first, and unmounts and removes what they kept.</summary>
    public void Dispose()
    {
        for (int i = _daemons.Count - 1; i >= 0; i--)
        {
            Run("kill", "", "-TERM", _daemons[i].Id.ToString());
            if (!_daemons[i].WaitForExit(20_000)) _daemons[i].Kill();
            _daemons[i].Dispose();
        }

        // Overlay mounts of containers that a failed test left.
        foreach (string mount in File.ReadAllLines("/proc/self/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(Path + "/", StringComparison.Ordinal)).Reverse())
            Run("umount", "", "-l", mount);
        Directory.Delete(Path, recursive: true);
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin:/usr/bin:/bin").Split(':')
        .Select(d => System.IO.Path.Combine(d, program)).FirstOrDefault(File.Exists);
}
