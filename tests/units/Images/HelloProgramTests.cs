using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using DockerPS.Engine.Images.HelloWorld;
using DockerPS.Oci.Elf;
using Xunit;

namespace DockerPS.Units.Images;

[SupportedOSPlatform("linux")]
public class HelloProgramTests
{
    [Fact]
    public void The_program_runs_here_and_writes_its_text()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture is Architecture.X64 or Architecture.Arm64,
            "SKIPPED: the program is for Linux on x64 and arm64.");
        using var directory = new TemporaryDirectory();
        string path = directory["hello"];
        const string Text = "Grüße\nfrom nine instructions\n";
        File.WriteAllBytes(path, HelloProgram.Build(RuntimeInformation.OSArchitecture, Text));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using Process process = Process.Start(new ProcessStartInfo(path) { RedirectStandardOutput = true })!;
        Assert.Equal(Text, process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData(Architecture.X64, 62)]
    [InlineData(Architecture.Arm64, 183)]
    public void It_is_a_static_executable_of_its_architecture(Architecture architecture, int machine)
    {
        byte[] bytes = HelloProgram.Build(architecture, new string('x', 70_000));
        ElfFile elf = Assert.IsType<ElfFile>(ElfFile.Read(new MemoryStream(bytes)));
        Assert.Equal(machine, elf.Machine);
        Assert.Null(elf.Interpreter);
        Assert.Empty(elf.Needed);
    }

    [Fact]
    public void The_built_in_greeting_is_small() => Assert.InRange(HelloWorldImage.Program().Length, 1000, 3000);
}
