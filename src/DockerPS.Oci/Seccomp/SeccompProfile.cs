using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Oci.Seccomp;

/// <summary>
/// A profile in Docker's form: rules for several processors, kernels and sets of capabilities, of which <see cref="Resolve"/> chooses.
/// The runtime-spec's form (linux.seccomp) is the same without conditions.
/// </summary>
public sealed class SeccompProfile
{
    public required string DefaultAction { get; init; }
    public uint? DefaultErrnoRet { get; init; }
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>By native architecture, those whose programs run on it; instead of <see cref="Architectures"/>.</summary>
    public IReadOnlyList<SeccompArchitectureEntry> ArchMap { get; init; } = [];

    /// <summary>Null leaves the choice to the runtime.</summary>
    public IReadOnlyList<string>? Flags { get; init; }
    public string? ListenerPath { get; init; }
    public string? ListenerMetadata { get; init; }
    public IReadOnlyList<SeccompProfileRule> Syscalls { get; init; } = [];

    /// <summary>Reads and checks a profile.</summary>
    /// <exception cref="SeccompProfileException">No JSON, or none of a profile; line or path is named.</exception>
    public static SeccompProfile Read(ReadOnlyMemory<byte> json) => SeccompProfileReader.Read(json);

    /// <summary>The rules that hold for a container.</summary>
    /// <param name="capabilities">Its bounding set, by names such as <c>CAP_SYS_ADMIN</c>.</param>
    /// <param name="host">Where it will run.</param>
    public RuntimeSeccomp Resolve(IReadOnlyCollection<string> capabilities, SeccompHost host)
    {
        var rules = new List<RuntimeSeccompRule>();
        foreach (SeccompProfileRule rule in Syscalls)
        {
            if (rule.Includes.Admits(capabilities, host) && !rule.Excludes.Hits(capabilities, host)) rules.Add(rule.Rule);
        }

        return new RuntimeSeccomp
        {
            DefaultAction = DefaultAction,
            DefaultErrnoRet = DefaultErrnoRet,
            Architectures = [.. ArchMap.Count > 0 ? MappedArchitectures(host) : Architectures],
            Flags = Flags is null ? null : [.. Flags],
            ListenerPath = ListenerPath,
            ListenerMetadata = ListenerMetadata,
            Syscalls = rules,
        };
    }

    private List<string> MappedArchitectures(SeccompHost host)
    {
        var names = new List<string>();
        if (host.Architectures is not [var native, ..]) return names;
        foreach (SeccompArchitectureEntry entry in ArchMap)
        {
            if (entry.Architecture != native) continue;
            names.Add(native);
            names.AddRange(entry.SubArchitectures);
            break;
        }

        return names;
    }
}

/// <summary>An entry of archMap.</summary>
public sealed record SeccompArchitectureEntry(string Architecture, IReadOnlyList<string> SubArchitectures);

/// <summary>A rule with the conditions under which it is one.</summary>
public sealed record SeccompProfileRule(RuntimeSeccompRule Rule, SeccompProfileFilter Includes, SeccompProfileFilter Excludes);

/// <summary>The conditions of <c>includes</c> or <c>excludes</c>; null or empty ones do not count.</summary>
/// <param name="Capabilities">Names such as <c>CAP_BPF</c>.</param>
/// <param name="Architectures">As <see cref="SeccompHost.Architecture"/>.</param>
/// <param name="MinKernel">This version or a later one.</param>
public sealed record SeccompProfileFilter(
    IReadOnlyList<string>? Capabilities, IReadOnlyList<string>? Architectures, (int Major, int Minor)? MinKernel)
{
    /// <summary>includes: all of the capabilities, one of the processors, the kernel.</summary>
    public bool Admits(IReadOnlyCollection<string> capabilities, SeccompHost host)
    {
        foreach (string capability in Capabilities ?? [])
        {
            if (!Contains(capabilities, capability)) return false;
        }

        return (Architectures is not { Count: > 0 } architectures || Contains(architectures, Name(host)))
            && (MinKernel is not { } kernel || host.KernelIsAtLeast(kernel.Major, kernel.Minor));
    }

    /// <summary>excludes: one of the capabilities, one of the processors, or the kernel.</summary>
    public bool Hits(IReadOnlyCollection<string> capabilities, SeccompHost host)
    {
        foreach (string capability in Capabilities ?? [])
        {
            if (Contains(capabilities, capability)) return true;
        }

        return (Architectures is { Count: > 0 } architectures && Contains(architectures, Name(host)))
            || (MinKernel is { } kernel && host.KernelIsAtLeast(kernel.Major, kernel.Minor));
    }

    // Profiles say x86 where Go says 386.
    private static string Name(SeccompHost host) => host.Architecture == "386" ? "x86" : host.Architecture;

    private static bool Contains(IEnumerable<string> names, string name)
    {
        foreach (string each in names)
        {
            if (string.Equals(each, name, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
