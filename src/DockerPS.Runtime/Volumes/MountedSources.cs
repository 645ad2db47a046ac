using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Steps;

namespace DockerPS.Runtime.Volumes;

/// <summary>
/// What mounts of a container are of, where a path of the host does not say it: volumes to be filled, file systems, trees of images. Each is a
/// detached mount, made by a process of its own, so that nothing of it ever shows on the host.
/// </summary>
internal sealed class MountedSources(Setting setting, IReadOnlyList<string> layers, string place) : IDisposable
{
    private readonly Dictionary<string, int> _locks = new(StringComparer.Ordinal);

    /// <summary>All of a container's, before it is born.</summary>
    /// <param name="setting">Gets the detached mounts by their index.</param>
    /// <param name="surroundings">What is asked for.</param>
    public static MountedSources Open(Setting setting, SuperviseConfig surroundings)
    {
        string place = Path.GetFullPath(setting.Config.Root?.Path ?? throw Setting.Invalid("$.root: is missing"), setting.Bundle);
        var sources = new MountedSources(setting, surroundings.LowerDirectories, place);
        try
        {
            // In one order for all, so that no two wait for each other.
            foreach (SuperviseSource source in surroundings.Sources.OrderBy(s => s.Lock, StringComparer.Ordinal))
            {
                if (sources.Open(source) is >= 0 and int tree) setting.MountTrees[source.Mount] = tree;
            }

            return sources;
        }
        catch
        {
            sources.Dispose();
            throw;
        }
    }

    /// <summary>The detached mount, closed with the setting; -1 when the data's own path is all that is needed.</summary>
    public int Open(SuperviseSource source)
    {
        try
        {
            if (source.Layers.Count > 0) return OpenImage(source);
            if (source.Type is not null) return OpenFileSystem(source);
            if (source.CopyFrom is not null) VolumeFilling.Fill(source, this);
            return source.Subpath is null ? -1 : OpenPart(source);
        }
        catch (LinuxException e)
        {
            throw Failed(source, e);
        }
    }

    /// <summary>Lets other containers mount the same file systems: those of this one can now be found by its process.</summary>
    public void Dispose()
    {
        foreach (int held in _locks.Values) _ = LibC.close(held);
        _locks.Clear();
    }

    /// <summary>What the container's image has at a path, as a directory to be closed; -1 when it has no directory there.</summary>
    public unsafe int OpenInImage(string path)
    {
        string first = path.Split('/', StringSplitOptions.RemoveEmptyEntries)[0];
        if (!layers.Any(layer => new FileInfo(Path.Join(layer, first)) is var info && (info.Exists || info.LinkTarget is not null || Directory.Exists(info.FullName)))) return -1;
        bool single = layers.Count == 1;
        int root = single
            ? LibC.Open(layers[0], LibC.O_PATH | LibC.O_DIRECTORY)
            : RootTree.Overlay(setting, new OverlayParts([.. layers], null, null, false), place, maps: null, subpath: null);
        try
        {
            fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
                return LibC.OpenInRoot(root, name, LibC.O_RDONLY | LibC.O_DIRECTORY) is >= 0 and int directory ? directory : -1;
        }
        finally
        {
            LibC.Close(ref root);
        }
    }

    /// <summary>Waits for the right to fill a volume, once for all mounts of it.</summary>
    public void Lock(SuperviseSource source)
    {
        if (source.Lock is { } path && !_locks.ContainsKey(path)) _locks.Add(path, LibC.LockFile(path));
    }

    public void Unlock(SuperviseSource source)
    {
        if (source.Lock is { } path && _locks.Remove(path, out int held)) _ = LibC.close(held);
    }

    public static RuntimeFailureException Failed(SuperviseSource source, LinuxException e) => new(
        RuntimeStages.Volume,
        e.Number is Errno.ENOSPC or Errno.EDQUOT
            ? $"There is no space left for volume '{source.Name}', which was to begin as a copy of what the image has at '{source.CopyFrom}' ({e.Message}); nothing of it was kept."
            : $"{(source.Layers.Count > 0 ? "The image" : "Volume")} '{source.Name}' cannot be mounted: {e.Message}.",
        e.Call,
        e.Number);

    private int OpenImage(SuperviseSource source)
    {
        IdMaps? maps = setting.InUserNamespace && setting.Privileged ? setting.Maps ?? IdMaps.From(setting.Linux) : null;
        var parts = new OverlayParts(source.Layers, source.UpperDirectory, source.WorkDirectory, false);
        int tree = RootTree.Overlay(setting, parts, place, maps, source.Subpath);
        setting.Descriptors.Add(tree);
        return tree;
    }

    private unsafe int OpenFileSystem(SuperviseSource source)
    {
        Lock(source);
        if (OpenOfPeer(source) is >= 0 and int shared) return shared;
        MountOptions options = MountOptions.Parse(source.Options, "volume");
        using var plan = new StepPlan();
        DetachedTree.Private(plan);
        plan.Add(RuntimeStages.Volume, $"mount({source.Type}, {source.Device})", new Step
        {
            Kind = StepKind.Mount,
            Source = plan.Text(source.Device ?? source.Type),
            Path = plan.Text(place),
            Type = plan.Text(source.Type),
            Flags = options.Flags,
            Data = plan.Text(options.Data),
        });
        DetachedTree.Send(plan, place, source.Subpath);
        int tree;
        try
        {
            tree = Birth.MakeTree(plan, setting);
        }
        catch (RuntimeFailureException e)
        {
            throw new RuntimeFailureException(
                RuntimeStages.Volume, $"The file system of volume '{source.Name}' cannot be mounted: {e.Failure.Text.TrimEnd('.')}. Check its type, device and o.", e.Failure.Call, e.Failure.Errno);
        }

        setting.Descriptors.Add(tree);
        if (source.CopyFrom is not null) VolumeFilling.FillTree(source, tree, this);
        return tree;
    }

    /// <summary>From a container that has it mounted, so that both see one file system; -1 when none runs.</summary>
    public unsafe int OpenOfPeer(SuperviseSource source)
    {
        for (int i = 0; i + 1 < source.Peers.Count; i += 2)
        {
            if (new Supervision.StateFile(source.Peers[i]).Read() is not { Status: "running" or "paused", Init: { } init }) continue;
            int space = LibC.open($"/proc/{init.Pid}/ns/mnt", LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
            if (space < 0) continue;
            try
            {
                if (ProcStat.StartTime(init.Pid) != init.StartTime) continue;
                using var plan = new StepPlan();
                plan.Add(RuntimeStages.Volume, "setns(mnt)", new Step { Kind = StepKind.JoinNamespaces, Fd = space, Flags = LibC.CLONE_NEWNS });
                DetachedTree.Send(plan, source.Peers[i + 1], source.Subpath);
                int tree = Birth.MakeTree(plan, setting);
                setting.Descriptors.Add(tree);
                return tree;
            }
            catch (RuntimeFailureException)
            {
                // It has just ended, or has taken the mount off: then it is no peer.
            }
            finally
            {
                LibC.Close(ref space);
            }
        }

        return -1;
    }

    private unsafe int OpenPart(SuperviseSource source)
    {
        int data = LibC.Open(source.Data!, LibC.O_PATH), part = -1;
        try
        {
            fixed (byte* name = Encoding.UTF8.GetBytes(source.Subpath + "\0")) part = LibC.OpenInRoot(data, name, LibC.O_PATH);
            if (part < 0)
            {
                throw new RuntimeFailureException(
                    RuntimeStages.Volume, $"'{source.Subpath}' is not in volume '{source.Name}'. Make it first, or mount the whole volume.", $"openat2({source.Subpath})", -part);
            }

            int tree = LibC.CloneTree(part, recursive: true);
            if (tree < 0) throw new LinuxException($"open_tree({source.Subpath})", -tree);
            setting.Descriptors.Add(tree);
            return tree;
        }
        finally
        {
            LibC.Close(ref data);
            LibC.Close(ref part);
        }
    }
}
