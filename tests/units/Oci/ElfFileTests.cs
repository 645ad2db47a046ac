using DockerPS.Oci.Elf;
using Xunit;

namespace DockerPS.Units.Oci;

public class ElfFileTests
{
    [Fact]
    public void The_shell_of_this_machine_names_its_loader_and_libc()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/bin/sh"), "SKIPPED: there is no /bin/sh here.");
        using FileStream file = File.OpenRead("/bin/sh");
        ElfFile? elf = ElfFile.Read(file);
        Assert.NotNull(elf);
        Assert.SkipWhen(elf.Interpreter is null, "SKIPPED: /bin/sh is a static executable here.");
        Assert.True(File.Exists(elf.Interpreter), elf.Interpreter);
        Assert.Contains(elf.Needed, name => name.StartsWith("libc.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(4096)]
    public void Bytes_that_are_no_whole_elf_file_are_none(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        "\u007fELF\u0002\u0001"u8[..Math.Min(6, length)].CopyTo(bytes);
        Assert.True(ElfFile.Read(new MemoryStream(bytes)) is null or { Needed.Count: 0 });
        Assert.Null(ElfFile.Read(new MemoryStream([.. "#!/bin/sh\n"u8])));
    }
}
