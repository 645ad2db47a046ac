using System.Runtime.InteropServices;
using System.Text.Json;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Oci.Seccomp;

namespace DockerPS.Engine.Containers;

/// <summary>The security option <c>seccomp=default|unconfined|FILE</c>. Without one it is the default, or of a privileged container unconfined.</summary>
internal static class SeccompOption
{
    /// <summary>Larger files are no profiles.</summary>
    private const long GreatestFile = 4 << 20;

    private const string Name = "seccomp";

    /// <summary>What stands behind <c>seccomp=</c> (or <c>seccomp:</c>); the last one counts, null when there is none.</summary>
    public static string? Of(ContainerSpec spec) => spec.SecurityOptions.Select(Value).LastOrDefault(v => v is not null);

    /// <summary>What stands behind it; null when the option is another one.</summary>
    public static string? Value(string option) => SecurityOption.Value(option, Name);

    /// <summary>The file that the option names; null when it names none.</summary>
    public static string? File(ContainerSpec spec) => Of(spec) is { } value && !IsWord(value) ? value : null;

    /// <summary>The profile's file as it is now, checked, to be kept with the container; null when none is named.</summary>
    /// <exception cref="DockerArgumentException">SeccompProfileNotFound, InvalidSeccompProfile.</exception>
    public static byte[]? Read(ContainerSpec spec)
    {
        if (File(spec) is not { } path) return null;
        byte[] json;
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > GreatestFile) throw Invalid(path, $"has more than {GreatestFile >> 20} MB.");
            json = System.IO.File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DockerArgumentException(
                "SeccompProfileNotFound", $"The seccomp profile '{path}' does not exist. Name a file, or use seccomp=default or seccomp=unconfined.", path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DockerArgumentException("SeccompProfileNotFound", $"The seccomp profile '{path}' cannot be read: {e.Message}", path);
        }

        Parse(json, path);
        return json;
    }

    /// <summary>linux.seccomp of a container; null runs it without a filter.</summary>
    /// <param name="spec">Whose options.</param>
    /// <param name="kept">The profile's text that <see cref="Read"/> gave.</param>
    /// <param name="capabilities">The container's bounding set.</param>
    /// <param name="host">Where it runs.</param>
    public static JsonElement? Resolve(ContainerSpec spec, Func<byte[]?> kept, IReadOnlyCollection<string> capabilities, SeccompHost host)
    {
        if ((Of(spec) ?? (spec.Privileged ? "unconfined" : "default")) == "unconfined") return null;
        RuntimeSeccomp seccomp = File(spec) is { } path
            ? Parse(kept() ?? Read(spec)!, path).Resolve(capabilities, host)
            : DefaultSeccompProfile.For(capabilities, host);
        return JsonSerializer.SerializeToElement(seccomp, RuntimeConfigJson.Default.RuntimeSeccomp);
    }

    /// <summary>This machine's.</summary>
    public static SeccompHost Host() => new(
        RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.Arm64 => "arm64",
            Architecture.X86 => "386",
            Architecture.Arm => "arm",
            Architecture.S390x => "s390x",
            Architecture.Ppc64le => "ppc64le",
            Architecture.RiscV64 => "riscv64",
            Architecture.LoongArch64 => "loong64",
            Architecture other => other.ToString(),
        },
        Environment.OSVersion.Version.Major,
        Environment.OSVersion.Version.Minor);

    /// <summary>The value is no file.</summary>
    public static bool IsWord(string value) => value is "" or "default" or "builtin" or "unconfined";

    private static SeccompProfile Parse(byte[] json, string path)
    {
        try
        {
            return SeccompProfile.Read(json);
        }
        catch (SeccompProfileException e)
        {
            throw Invalid(path, "is invalid: " + e.Message);
        }
    }

    private static DockerArgumentException Invalid(string path, string what) => new(
        "InvalidSeccompProfile",
        $"The seccomp profile '{path}' {what} Mend it: it is JSON in Docker's form or that of linux.seccomp in the OCI runtime-spec.",
        path);
}
