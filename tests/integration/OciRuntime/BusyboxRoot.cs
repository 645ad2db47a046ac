using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>A root file system of one program: busybox, with links for what the tests call.</summary>
internal static class BusyboxRoot
{
    private const string Busybox = "/bin/busybox";

    private static readonly string[] s_applets =
    [
        "sh", "ls", "cat", "sleep", "true", "false", "id", "hostname", "mkdir", "touch", "grep", "echo", "head", "readlink", "test", "kill", "tty",
        "stty", "pwd", "env", "stat", "mount", "dd", "ps", "wc", "rm", "ln",
    ];

    /// <summary>Fills a new directory; skips the test where there is no busybox.</summary>
    public static void Write(string directory)
    {
        Assert.SkipUnless(File.Exists(Busybox), "SKIPPED: the containers of this test are made of Debian's package busybox-static.");
        foreach (string name in (string[])["bin", "etc", "tmp", "proc", "sys", "dev"]) Directory.CreateDirectory(Path.Combine(directory, name));
        File.Copy(Busybox, Path.Combine(directory, "bin/busybox"));
        foreach (string applet in s_applets) File.CreateSymbolicLink(Path.Combine(directory, "bin", applet), "busybox");
        File.WriteAllText(Path.Combine(directory, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n");
        File.WriteAllText(Path.Combine(directory, "etc/group"), "root:x:0:\nuser:x:1000:\n");
        File.WriteAllText(Path.Combine(directory, "etc/plain"), "no program\n");
    }
}
