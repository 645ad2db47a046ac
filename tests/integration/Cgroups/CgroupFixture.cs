using System.Diagnostics;
using System.Globalization;
using DockerPS.Linux.Cgroups;
using Xunit;

namespace DockerPS.Integration.Cgroups;

/// <summary>A cgroup of its own for a test, and processes in it; all of it is gone afterwards.</summary>
internal sealed class CgroupFixture : IDisposable
{
    private readonly List<Process> _processes = [];

    public CgroupFixture()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Cgroups need Linux and root.");
        Layout = CgroupLayout.Detect();
        Assert.SkipWhen(Layout.Kind == CgroupKind.None, "No cgroup file system is mounted here.");
        Path = $"/dockerps-tests/{Guid.NewGuid():N}";
        Group = Cgroup.Create(Layout, Path);
    }

    public CgroupLayout Layout { get; }
    public string Path { get; }
    public Cgroup Group { get; }

    /// <summary>Starts <c>sh -c script</c>, in the group before the script's first command.</summary>
    public Process Run(string script, params string[] arguments) => RunIn(Group, script, arguments);

    /// <summary>The same in another group, such as one below.</summary>
    public Process RunIn(Cgroup group, string script, params string[] arguments)
    {
        const string Join = "for d in $CGROUPS; do if [ -e $d/tasks ]; then echo 0 >$d/tasks; else echo 0 >$d/cgroup.procs; fi || exit 99; done; ";
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Join + script);
        start.ArgumentList.Add("sh");
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["CGROUPS"] = string.Join(' ', group.Directories);
        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    /// <summary>Runs it to its end; the exit code and what it wrote.</summary>
    public (int Code, string Text) Complete(string script, params string[] arguments)
    {
        Process process = Run(script, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        Assert.True(process.WaitForExit(60_000), "The script did not end.");
        return (process.ExitCode, text);
    }

    /// <summary>The file's text, of the controller's directory.</summary>
    public string Read(string controller, string file) => File.ReadAllText($"{Group.DirectoryOf(controller)}/{file}").TrimEnd('\n');

    public static void Await(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.ElapsedMilliseconds < 60_000, "Waited in vain until " + what);
            Thread.Sleep(1);
        }
    }

    /// <summary>Whether the process is there and no zombie.</summary>
    public static bool Lives(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (Group is null) return;
        Group.Kill();
        foreach (Process process in _processes)
        {
            process.WaitForExit(10_000);
            process.Dispose();
        }
        Group.Remove();
        // The tests' own parent: the last one out removes it.
        foreach (string directory in Group.Directories)
        {
            try
            {
                Directory.Delete(System.IO.Path.GetDirectoryName(directory)!);
            }
            catch (IOException)
            {
            }
        }
    }
}
