using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Volumes;

/// <summary>
/// An empty volume begins as a copy of what the image has in its place. The copy is made beside (<c>_data.new</c>), is then complete
/// (<c>_data.ready</c>), and only then its files are moved into the volume one by one: whoever is killed meanwhile leaves something that the
/// next start removes, or completes. Containers that start at once wait for the first.
/// </summary>
internal static unsafe class VolumeFilling
{
    public static void Fill(SuperviseSource source, MountedSources sources)
    {
        if (source.Staging is not { } staging)
        {
            FillInPlace(source, sources);
            return;
        }

        string fresh = Path.Join(staging, "_data.new"), ready = Path.Join(staging, "_data.ready");
        if (!Directory.Exists(ready) && !IsEmpty(source.Data!)) return;
        int image = -1;
        uint mask = LibC.umask(0);
        sources.Lock(source);
        try
        {
            if (!Directory.Exists(ready))
            {
                if (!IsEmpty(source.Data!)) return;
                image = sources.OpenInImage(source.CopyFrom!);
                if (image < 0) return;
                TreeRemover.Remove(Encoding.UTF8.GetBytes(fresh));
                MakeCopy(image, fresh);
                Directory.Move(fresh, ready);
            }

            MoveIn(ready, source.Data!);
        }
        finally
        {
            sources.Unlock(source);
            LibC.umask(mask);
            LibC.Close(ref image);
        }
    }

    /// <summary>A file system that was just mounted. The caller holds the lock.</summary>
    public static void FillTree(SuperviseSource source, int tree, MountedSources sources)
    {
        int target;
        fixed (byte* here = ".\0"u8) target = LibC.OpenInRoot(tree, here, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (target < 0) return;
        try
        {
            // One in memory goes with the start that fails.
            FillMarked(source, target, source.Type == "tmpfs" ? null : source.Lock + ".copying", sources);
        }
        finally
        {
            LibC.Close(ref target);
        }
    }

    private static void FillInPlace(SuperviseSource source, MountedSources sources)
    {
        sources.Lock(source);
        int target = LibC.Open(source.Data!, LibC.O_RDONLY | LibC.O_DIRECTORY);
        try
        {
            FillMarked(source, target, source.Lock + ".copying", sources);
        }
        finally
        {
            LibC.Close(ref target);
            sources.Unlock(source);
        }
    }

    /// <summary>What is no directory of the store's has no place beside it on its file system. A mark tells that what is there may be half of the copy.</summary>
    private static void FillMarked(SuperviseSource source, int target, string? mark, MountedSources sources)
    {
        if (!File.Exists(mark) && DirectoryListing.Names(target).Count > 0) return;
        int image = sources.OpenInImage(source.CopyFrom!);
        if (image < 0) return;
        uint mask = LibC.umask(0);
        try
        {
            if (mark is not null) File.WriteAllBytes(mark, []);
            try
            {
                Copy(image, target);
            }
            catch
            {
                // All that is there came by this copy, for it was empty.
                foreach (byte[] name in DirectoryListing.Names(image)) TreeRemover.RemoveAt(target, name);
                if (mark is not null) File.Delete(mark);
                throw;
            }

            if (mark is not null) File.Delete(mark);
        }
        finally
        {
            LibC.umask(mask);
            LibC.Close(ref image);
        }
    }

    private static void MakeCopy(int image, string fresh)
    {
        if (LibC.mkdir(fresh, 0x1C0 /* 0700 */) != 0) throw LibC.Failure($"mkdir({fresh})");
        int target = LibC.Open(fresh, LibC.O_RDONLY | LibC.O_DIRECTORY);
        try
        {
            Copy(image, target);
        }
        catch
        {
            TreeRemover.Remove(Encoding.UTF8.GetBytes(fresh));
            throw;
        }
        finally
        {
            LibC.Close(ref target);
        }
    }

    private static void Copy(int from, int to)
    {
        var copier = new TreeCopier { Turn = static () => { }, Merges = true };
        copier.CopyContents(from, to);
        copier.CopyFacts(from, to);
    }

    private static void MoveIn(string ready, string data)
    {
        int from = LibC.Open(ready, LibC.O_RDONLY | LibC.O_DIRECTORY), to = LibC.Open(data, LibC.O_RDONLY | LibC.O_DIRECTORY);
        try
        {
            foreach (byte[] name in DirectoryListing.Names(from))
            {
                byte[] terminated = NativePath.Terminate(name);
                int errno = LibC.TryRename(from, terminated, to, terminated, LibC.RENAME_NOREPLACE);
                // What a container has written there since stays.
                if (errno == Errno.EEXIST) TreeRemover.RemoveAt(from, name);
                else if (errno != 0) throw new LinuxException($"rename({ready})", errno);
            }

            new TreeCopier { Turn = static () => { } }.CopyFacts(from, to);
        }
        finally
        {
            LibC.Close(ref from);
            LibC.Close(ref to);
        }

        Directory.Delete(ready);
    }

    private static bool IsEmpty(string directory)
    {
        int descriptor = LibC.Open(directory, LibC.O_RDONLY | LibC.O_DIRECTORY);
        try
        {
            return DirectoryListing.Names(descriptor).Count == 0;
        }
        finally
        {
            LibC.Close(ref descriptor);
        }
    }
}
