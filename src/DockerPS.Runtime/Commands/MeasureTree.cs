using System.Text;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Commands;

/// <summary>Adds up what a directory takes on the disk.</summary>
internal static unsafe class MeasureTree
{
    public static int Run()
    {
        var channel = new MessageChannel();
        try
        {
            using var request = new VerbRequest();
            MeasureTreeRequest asked = VerbRequest.Read(BundleJson.Default.MeasureTreeRequest);
            TreeSize size = Measure(Encoding.UTF8.GetBytes(asked.Path), () => request.ThrowIfStopped(channel));
            channel.Result(JsonSerializer.SerializeToUtf8Bytes(size, BundleJson.Default.TreeSize));
            return 0;
        }
        catch (Exception e)
        {
            channel.Failed(LayerException.Describe(e));
            return 1;
        }
    }

    private static TreeSize Measure(byte[] top, Action turn)
    {
        var size = new TreeSize();
        var seen = new HashSet<(uint, uint, ulong)>();
        var open = new Stack<byte[]>();
        open.Push(top);
        while (open.TryPop(out byte[]? path))
        {
            turn();
            int directory;
            fixed (byte* pointer = NativePath.Terminate(path))
                directory = LibC.openat(LibC.AT_FDCWD, pointer, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
            // It may have been removed meanwhile, or is deeper than a path can say.
            if (directory < 0) continue;
            try
            {
                foreach (byte[] name in DirectoryListing.Names(directory))
                {
                    LibC.statx_result facts;
                    fixed (byte* pointer = NativePath.Terminate(name))
                        if (LibC.statx(directory, pointer, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &facts) < 0) continue;
                    size.Files++;
                    bool isDirectory = (facts.Mode & LibC.S_IFMT) == LibC.S_IFDIR;
                    if (isDirectory) open.Push([.. path, (byte)'/', .. name]);
                    if (isDirectory || facts.Links < 2 || seen.Add((facts.DeviceMajor, facts.DeviceMinor, facts.Inode))) size.Size += (long)facts.Blocks * 512;
                }
            }
            finally
            {
                LibC.Close(ref directory);
            }
        }

        return size;
    }
}
