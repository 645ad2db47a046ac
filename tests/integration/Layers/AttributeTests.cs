using System.Runtime.InteropServices;
using DockerPS.Oci.Bundle;
using Xunit;

namespace DockerPS.Integration.Layers;

/// <summary>Extended attributes and file capabilities go into an archive and come out of it.</summary>
public sealed partial class AttributeTests : IDisposable
{
    // struct vfs_cap_data, revision 2, effective: cap_net_bind_service (capabilities(7), "File capabilities").
    private static readonly byte[] BindService = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-layers-").FullName;

    public AttributeTests() => _ = RuntimeExecutable.Path;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_file_keeps_its_capabilities_and_user_attributes_through_archive_and_extraction()
    {
        string source = Path.Combine(_directory, "in");
        Directory.CreateDirectory(source);
        string file = Path.Combine(source, "program");
        File.WriteAllText(file, "x");
        // A change of owner takes capabilities away, so the extraction must set them last.
        LayerVerb.Shell($"chown 1000:1000 {file}");
        Set(file, "security.capability", BindService);
        Set(file, "user.note", [0, 1, 255]);

        string tar = Path.Combine(_directory, "layer.tar");
        var request = new ArchiveRequest { Output = tar, Entries = [new ArchiveEntry { Name = "", Source = source, Recursive = true }] };
        Assert.Equal(0, LayerVerb.Run("archive", request, BundleJson.Default.ArchiveRequest).ExitCode);
        string target = Path.Combine(_directory, "out");
        Assert.Equal(0, LayerVerb.Extract(new LayerRequest { Blob = tar, Target = target }).ExitCode);

        string copy = Path.Combine(target, "program");
        Assert.Equal(BindService, Get(copy, "security.capability"));
        Assert.Equal([0, 1, 255], Get(copy, "user.note"));
        Assert.Equal("1000:1000\n", LayerVerb.Shell($"stat -c %u:%g {copy}"));
    }

    private static void Set(string path, string name, byte[] value) =>
        Assert.True(setxattr(path, name, value, value.Length, 0) == 0, $"setxattr({path}, {name}) failed: {Marshal.GetLastPInvokeErrorMessage()}");

    private static byte[] Get(string path, string name)
    {
        var value = new byte[256];
        nint length = getxattr(path, name, value, value.Length);
        Assert.True(length >= 0, $"getxattr({path}, {name}) failed: {Marshal.GetLastPInvokeErrorMessage()}");
        return value[..(int)length];
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setxattr(string path, string name, byte[] value, nint size, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getxattr(string path, string name, [Out] byte[] value, nint size);
}
