namespace DockerPS.Engine.Containers;

/// <summary>
/// The security options <c>apparmor=PROFILE|unconfined</c> and <c>label=disable|user:U|role:R|type:T|level:L</c> (SELinux). Without one a
/// container has neither profile nor label; one that the kernel has no module for is refused at the start.
/// </summary>
internal static class SecurityModules
{
    private const string AppArmor = "apparmor", Label = "label";

    public static bool IsOption(string option) => SecurityOption.Value(option, AppArmor) is { Length: > 0 }
        || (SecurityOption.Value(option, Label) is { } label && (label == "disable" || (Part(label) is var (name, value) && IsPart(name) && value.Length > 0)));

    /// <summary>process.apparmorProfile; null is none. The last option counts.</summary>
    public static string? AppArmorProfile(ContainerSpec spec) =>
        spec.Privileged ? null : spec.SecurityOptions.Select(o => SecurityOption.Value(o, AppArmor)).LastOrDefault(v => v is not null) is { } name && name != "unconfined" ? name : null;

    /// <summary>process.selinuxLabel and linux.mountLabel; null without options, or when they are disabled.</summary>
    public static (string Process, string Mount)? SelinuxLabels(ContainerSpec spec)
    {
        string[] options = [.. spec.SecurityOptions.Select(o => SecurityOption.Value(o, Label)).OfType<string>()];
        if (spec.Privileged || options.Length == 0 || options.Contains("disable")) return null;
        string user = "system_u", role = "system_r", type = "container_t", level = "s0";
        foreach (string option in options)
        {
            (string name, string value) = Part(option);
            _ = name switch { "user" => user = value, "role" => role = value, "type" => type = value, _ => level = value };
        }

        return ($"{user}:{role}:{type}:{level}", $"{user}:object_r:container_file_t:{level}");
    }

    private static bool IsPart(string name) => name is "user" or "role" or "type" or "level";

    /// <summary>Before and behind the first colon; a level has colons of its own.</summary>
    private static (string Name, string Value) Part(string label) =>
        label.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (label[..colon], label[(colon + 1)..]) : (label, "");
}
