using System.Diagnostics;
using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>What a program that was run to its end left: its exit code and what it and those it left behind have written until then.</summary>
internal sealed record OciResult(int Code, string Out, string Error)
{
    private static int s_number;

    /// <param name="directory">For the files of the streams.</param>
    /// <param name="program">Its path.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="arguments">As they are.</param>
    public static OciResult Of(string directory, string program, string input, params string[] arguments)
    {
        string name = Path.Combine(directory, "stream-" + Interlocked.Increment(ref s_number));
        File.WriteAllText(name + ".in", input);
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = directory };
        string[] words = ["-c", "f=$1; shift; exec \"$@\" <$f.in >$f.out 2>$f.err", "sh", name, program, .. arguments];
        foreach (string word in words) start.ArgumentList.Add(word);
        using Process process = Process.Start(start)!;
        if (!process.WaitForExit(60_000))
        {
            process.Kill();
            Assert.Fail($"'{program} {string.Join(' ', arguments)}' did not end: {File.ReadAllText(name + ".err")}");
        }

        return new OciResult(process.ExitCode, File.ReadAllText(name + ".out"), File.ReadAllText(name + ".err"));
    }
}
