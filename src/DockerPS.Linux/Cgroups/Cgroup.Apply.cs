namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    /// <summary>Writes each value in order. Stops at the first that fails; what was written before it stays.</summary>
    /// <param name="writes">The plan.</param>
    /// <param name="warnings">Takes a sentence for each value that was left out because this kernel has no such file.</param>
    /// <exception cref="LinuxException">Names the file, the value and the property that asked for it.</exception>
    public void Apply(IReadOnlyList<CgroupWrite> writes, List<string>? warnings = null)
    {
        // A device list is many writes into one file: keep it open for its neighbours.
        string? openPath = null;
        int descriptor = -1;
        try
        {
            foreach (CgroupWrite asked in writes)
            {
                for (CgroupWrite? write = asked; write is not null; write = write.Else)
                {
                    string? path = PathOf(write);
                    int errno = Errno.ENODEV;
                    if (path is not null && path != openPath)
                    {
                        if (descriptor >= 0) CgroupFile.Close(descriptor);
                        descriptor = OpenForWriting(write, path, out errno);
                        openPath = descriptor >= 0 ? path : null;
                    }
                    if (path is not null && path == openPath)
                    {
                        errno = CgroupFile.TryWrite(descriptor, write.Value);
                        if (errno == 0) break;
                        throw Failure(write, path, errno);
                    }
                    if (errno is not (Errno.ENOENT or Errno.ENODEV)) throw Failure(write, path, errno);
                    if (write.Else is not null) continue;
                    if (write.Missing == CgroupFileMissing.Fail) throw Failure(write, path, errno);
                    if (write.Missing == CgroupFileMissing.Warn)
                        warnings?.Add($"This kernel has no {asked.File}: {asked.Property} is ignored.");
                }
            }
        }
        finally
        {
            if (descriptor >= 0) CgroupFile.Close(descriptor);
        }
    }

    private string? PathOf(CgroupWrite write) =>
        DirectoryOf(write.Controller) is { } directory ? $"{directory}/{write.File}" : null;

    private int OpenForWriting(CgroupWrite write, string path, out int errno)
    {
        int descriptor = CgroupFile.TryOpenForWriting(path, out errno);
        if (descriptor >= 0 || _layout.Kind != CgroupKind.Hybrid || Version2Directory is not { } directory) return descriptor;
        if (!path.StartsWith(directory, StringComparison.Ordinal) || _layout.Version2 is not { } unified) return descriptor;
        // A controller that a hybrid host left to version 2: turned on only now that a limit needs it.
        EnableControllers(unified, directory[unified.MountPoint.Length..], [write.Controller]);
        return CgroupFile.TryOpenForWriting(path, out errno);
    }

    private LinuxException Failure(CgroupWrite write, string? path, int errno)
    {
        string target = path is null ? $"{write.File}: no {write.Controller} cgroup controller" : path;
        string property = write.Property is null ? "" : $"{write.Property}: ";
        // The commonest reason, and not one that ENOENT tells.
        string reason = path is not null && errno == Errno.ENOENT && VersionOf(write.Controller) == 2 && !IsHandedDown(write.Controller)
            ? $"the {write.Controller} controller is not handed down to this cgroup, since one above it holds processes or is not delegated: "
            : "";
        return new LinuxException($"{property}{reason}write({target}, \"{write.Value}\")", errno);
    }

    private bool IsHandedDown(string controller) =>
        Version2Directory is { } directory && HasAll(directory + "/cgroup.controllers", [controller]);
}
