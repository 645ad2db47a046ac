using System.Runtime.Versioning;
using DockerPS.Linux.Seccomp;
using DockerPS.Units.Images;
using Xunit;

namespace DockerPS.Units.Seccomp;

[SupportedOSPlatform("linux")]
public sealed class SeccompCacheTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private int _compiled;

    private string Folder => Path.Combine(_root.Path, "seccomp");

    [Fact]
    public void A_profile_is_compiled_once()
    {
        Needs();
        SeccompInstruction[] first = Get(1), second = Get(1);
        Assert.Equal(1, _compiled);
        Assert.Equal(first, second);
        Assert.Equal("SCMP_ACT_ERRNO(1)", Decisions.Of(new FilterMachine(second).Run(SeccompArchitectures.X86_64, 39)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(Folder))));
    }

    [Fact]
    public void Two_profiles_have_two_files()
    {
        Needs();
        Get(1);
        Get(2);
        Get(2);
        Assert.Equal(2, _compiled);
        Assert.Equal(2, Directory.GetFiles(Folder).Length);
    }

    [Fact]
    public void A_damaged_file_is_replaced()
    {
        Needs();
        SeccompInstruction[] good = Get(1);
        string file = Assert.Single(Directory.GetFiles(Folder));
        byte[] content = File.ReadAllBytes(file);
        foreach (int at in new[] { 0, 9, 13, 17, 30, content.Length / 2, content.Length - 1 })
        {
            byte[] damaged = [.. content];
            damaged[at] ^= 0x40;
            File.WriteAllBytes(file, damaged);
            _compiled = 0;
            Assert.Equal(good, Get(1));
            Assert.True(_compiled == 1, $"byte {at}");
            Assert.Equal(content, File.ReadAllBytes(file));
        }

        foreach (int length in new[] { 0, 5, content.Length - 8, content.Length - 1 })
        {
            File.WriteAllBytes(file, content[..length]);
            _compiled = 0;
            Assert.Equal(good, Get(1));
            Assert.Equal(1, _compiled);
        }
    }

    [Fact]
    public void Another_profile_s_filter_under_the_same_name_is_not_used()
    {
        Needs();
        Get(1);
        Get(2);
        string[] files = Directory.GetFiles(Folder);
        byte[] one = File.ReadAllBytes(files[0]), two = File.ReadAllBytes(files[1]);
        File.WriteAllBytes(files[0], two);
        File.WriteAllBytes(files[1], one);
        _compiled = 0;
        Get(1);
        Get(2);
        Assert.Equal(2, _compiled);
    }

    [Fact]
    public void Files_and_directories_that_others_may_write_are_not_trusted()
    {
        Needs();
        Get(1);
        string file = Assert.Single(Directory.GetFiles(Folder));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        Get(1);
        Assert.Equal(2, _compiled);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherWrite);
        Get(1);
        Get(1);
        Assert.Equal(4, _compiled);
    }

    [Fact]
    public void A_link_in_the_place_of_file_or_directory_is_not_followed()
    {
        Needs();
        Get(1);
        string file = Assert.Single(Directory.GetFiles(Folder)), aside = Path.Combine(_root.Path, "aside");
        File.Move(file, aside);
        File.CreateSymbolicLink(file, aside);
        Get(1);
        Assert.Equal(2, _compiled);
        Assert.Null(new FileInfo(file).LinkTarget);

        Directory.Move(Folder, Folder + ".real");
        Directory.CreateSymbolicLink(Folder, Folder + ".real");
        Get(1);
        Assert.Equal(3, _compiled);
    }

    [Fact]
    public void A_directory_that_cannot_be_made_costs_only_time()
    {
        Needs();
        var cache = new SeccompCache(Path.Combine(_root.Path, "missing", "seccomp"));
        Assert.NotEmpty(cache.Get([1], () => Policy(1)));
        Assert.False(Directory.Exists(Path.Combine(_root.Path, "missing")));
    }

    [Fact]
    public void Many_writers_at_once_leave_one_good_file()
    {
        Needs();
        Parallel.For(0, 16, _ => Assert.NotEmpty(new SeccompCache(Folder).Get(BitConverter.GetBytes(7), () => Policy(7))));
        Assert.Single(Directory.GetFiles(Folder));
        _compiled = 0;
        Get(7);
        Assert.Equal(0, _compiled);
    }

    [Fact]
    public void It_does_not_grow_without_end()
    {
        Needs();
        for (int i = 0; i < SeccompCache.Most + 10; i++) Get(i);
        Assert.InRange(Directory.GetFiles(Folder).Length, 1, SeccompCache.Most);
    }

    public void Dispose() => _root.Dispose();

    private static void Needs() => Assert.SkipWhen(LibSeccomp.Missing is not null, "SKIPPED: " + LibSeccomp.Missing);

    private SeccompInstruction[] Get(int number) => new SeccompCache(Folder).Get(BitConverter.GetBytes(number), () =>
    {
        _compiled++;
        return Policy(number);
    });

    private static SeccompPolicy Policy(int number) => new()
    {
        DefaultAction = SeccompActions.Allow,
        Architectures = [SeccompArchitectures.X86_64],
        Rules = [new SeccompRule(["getpid"], SeccompActions.Error | (uint)number, [])],
    };
}
