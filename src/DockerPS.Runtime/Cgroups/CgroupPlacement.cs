using System.Globalization;
using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Cgroups;

/// <summary>Where a container's cgroup is to be: under a path in every hierarchy, or in a scope that systemd makes.</summary>
/// <param name="Path">Below each mount point; null with systemd, which decides it.</param>
/// <param name="Slice">Parent of the scope: <c>system.slice</c>.</param>
/// <param name="Unit">The scope: <c>docker-0123.scope</c>.</param>
internal sealed record CgroupPlacement(string? Path, string? Slice = null, string? Unit = null)
{
    /// <summary>Parent of the groups whose <c>cgroupsPath</c> is relative or not given.</summary>
    public const string DefaultParent = "/dockerps";

    private const string Property = "linux.cgroupsPath";

    /// <summary>The place that <c>linux.cgroupsPath</c> asks for.</summary>
    /// <param name="cgroupsPath">
    /// Absolute: below each hierarchy's mount point. Relative: below <see cref="DefaultParent"/>. For systemd <c>SLICE:PREFIX:NAME</c>.
    /// Null or empty: a place by the container's id.
    /// </param>
    /// <param name="id">The container's.</param>
    /// <param name="systemd">systemd makes the group (<c>--systemd-cgroup</c>).</param>
    /// <exception cref="LinuxException">EINVAL: the path cannot be used.</exception>
    public static CgroupPlacement From(string? cgroupsPath, string id, bool systemd)
    {
        if (systemd) return InSystemd(cgroupsPath, id);
        if (string.IsNullOrEmpty(cgroupsPath)) return new($"{DefaultParent}/{id}");
        if (IsSystemdForm(cgroupsPath))
        {
            throw new LinuxException(
                $"{Property}: \"{cgroupsPath}\" is SLICE:PREFIX:NAME, which is for systemd (--systemd-cgroup)", Errno.EINVAL);
        }
        string path = cgroupsPath[0] == '/' ? cgroupsPath : $"{DefaultParent}/{cgroupsPath}";
        // "//a/./b/" means /a/b. What leads up again is refused when the group is made.
        var plain = new StringBuilder(path.Length);
        foreach (Range part in path.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> name = path.AsSpan()[part];
            if (name.IsEmpty || name is ".") continue;
            if (name is "..") throw new LinuxException($"{Property}: \"{cgroupsPath}\" must not lead up", Errno.EINVAL);
            plain.Append('/').Append(name);
        }
        if (plain.Length == 0) throw new LinuxException($"{Property}: \"{cgroupsPath}\" is the root, which all processes are in", Errno.EINVAL);
        return new(plain.ToString());
    }

    /// <summary><c>SLICE:PREFIX:NAME</c>, and not by chance a path with colons.</summary>
    public static bool IsSystemdForm(string path)
    {
        int first = path.IndexOf(':');
        if (first < 0 || path.AsSpan().Count(':') != 2 || path.Contains('/')) return false;
        return first == 0 || path.AsSpan(0, first).EndsWith(".slice", StringComparison.Ordinal);
    }

    private static CgroupPlacement InSystemd(string? cgroupsPath, string id)
    {
        if (string.IsNullOrEmpty(cgroupsPath)) return new(null, "system.slice", Scope("dockerps", id));
        string[] parts = cgroupsPath.Split(':');
        if (parts.Length != 3 || parts[2].Length == 0)
        {
            throw new LinuxException(
                $"{Property}: systemd's cgroups are named SLICE:PREFIX:NAME, and \"{cgroupsPath}\" is not like that", Errno.EINVAL);
        }
        string slice = parts[0].Length == 0 ? "system.slice" : parts[0];
        if (!slice.EndsWith(".slice", StringComparison.Ordinal) || slice.Contains('/'))
            throw new LinuxException($"{Property}: \"{slice}\" is not the name of a slice, as system.slice is", Errno.EINVAL);
        if (parts[2].EndsWith(".slice", StringComparison.Ordinal))
            throw new LinuxException($"{Property}: \"{parts[2]}\" is a slice, and a slice cannot hold processes", Errno.EINVAL);
        return new(null, slice, Scope(parts[1], parts[2]));
    }

    private static string Scope(string prefix, string name)
    {
        var unit = new StringBuilder();
        Escape(unit, prefix);
        if (prefix.Length > 0) unit.Append('-');
        Escape(unit, name);
        string scope = unit.Append(".scope").ToString();
        return scope.Length <= 255 ? scope : throw new LinuxException($"{Property}: {scope}", Errno.ENAMETOOLONG);
    }

    /// <summary>What a unit's name cannot hold stands in it as \xNN (systemd.unit(5)).</summary>
    private static void Escape(StringBuilder unit, string text)
    {
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || ":-_.\\@".Contains((char)b)) unit.Append((char)b);
            else unit.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }
    }
}
