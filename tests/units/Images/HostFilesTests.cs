using System.Runtime.Versioning;
using DockerPS.Engine.Images.HostCommands;
using DockerPS.Oci.Bundle;
using Xunit;

namespace DockerPS.Units.Images;

[SupportedOSPlatform("linux")]
public class HostFilesTests
{
    private static void RequireShell() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/bin/sh"), "SKIPPED: there is no /bin/sh here.");

    [Fact]
    public void A_command_comes_with_every_link_and_file_on_its_way()
    {
        RequireShell();
        var files = new HostFiles(null);
        files.AddCommand("/bin/sh");
        Dictionary<string, ArchiveEntry> entries = files.Entries.ToDictionary(entry => entry.Name);
        string real = RealPath.Of("/bin/sh");
        Assert.Equal(real, entries[real[1..]].Source);
        if (new FileInfo("/bin").LinkTarget is { } target) Assert.Equal(target, entries["bin"].LinkTarget);
        foreach (ArchiveEntry entry in entries.Values)
        {
            string? parent = Path.GetDirectoryName(entry.Name);
            Assert.True(string.IsNullOrEmpty(parent) || entries.ContainsKey(parent), $"{entry.Name} has no parent.");
        }
    }

    [Fact]
    public void A_command_of_usr_bin_is_found_by_bin_as_well_where_the_host_has_them_merged()
    {
        RequireShell();
        string? target = new FileInfo("/bin").LinkTarget;
        Assert.SkipWhen(target is null, "SKIPPED: /bin is no link on this machine.");
        var files = new HostFiles(null);
        files.AddCommand("/usr/bin/sh");
        files.AddRootLinks();
        Assert.Equal(target, files.Entries.Single(entry => entry.Name == "bin").LinkTarget);
    }

    [Fact]
    public void A_script_brings_its_interpreter()
    {
        RequireShell();
        using var directory = new TemporaryDirectory();
        string script = directory["tool"];
        File.WriteAllText(script, "#!/usr/bin/env -S sh\necho hi\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var files = new HostFiles(null);
        files.AddCommand(script);
        List<string?> sources = [.. files.Entries.Select(entry => entry.Source)];
        Assert.Contains(RealPath.Of("/bin/sh"), sources);
        Assert.Contains(RealPath.Of("/usr/bin/env"), sources);
        Assert.Contains(script, sources);
    }

    [Fact]
    public void What_the_given_root_has_is_not_added_again()
    {
        RequireShell();
        using var root = new TemporaryDirectory();
        Directory.CreateDirectory(root["etc"]);
        File.WriteAllText(root["etc/passwd"], "mine");
        var files = new HostFiles(root.Path);
        files.AddDirectory("etc");
        files.AddText("etc/passwd", "root");
        files.AddText("etc/group", "root");
        Assert.Equal(["etc/group"], files.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void A_real_directory_of_the_root_where_the_host_has_a_link_gets_a_link_to_the_file()
    {
        RequireShell();
        Assert.SkipWhen(new FileInfo("/bin").LinkTarget is null, "SKIPPED: /bin is no link on this machine.");
        using var root = new TemporaryDirectory();
        Directory.CreateDirectory(root["bin"]);
        var files = new HostFiles(root.Path);
        files.AddCommand("/bin/sh");
        Assert.Equal(RealPath.Of("/bin/sh"), files.Entries.Single(entry => entry.Name == "bin/sh").LinkTarget);
    }

    [Theory]
    [InlineData("no-such-command-anywhere")]
    [InlineData("/no/such/file")]
    [InlineData("/proc/version")]
    public void A_missing_command_is_named(string command)
    {
        RequireShell();
        var error = Assert.Throws<DockerArgumentException>(() => new HostFiles(null).AddCommand(command));
        Assert.Equal("HostCommandNotFound", error.ErrorId);
        Assert.Equal(command, error.Subject);
    }

    [Fact]
    public void Links_in_a_circle_end_in_an_error()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: needs symbolic links.");
        using var directory = new TemporaryDirectory();
        File.CreateSymbolicLink(directory["a"], "b");
        File.CreateSymbolicLink(directory["b"], "a");
        Assert.Throws<IOException>(() => RealPath.Of(directory["a"]));
    }
}
