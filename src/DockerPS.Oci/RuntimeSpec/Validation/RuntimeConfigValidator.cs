using System.Text;
using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>
/// Judges what the types alone do not say: values outside of the specification's, and what it forbids (every MUST of config.md and
/// config-linux.md that can be known without the machine). What depends on the kernel is refused by the step that needs it.
/// </summary>
public sealed partial class RuntimeConfigValidator
{
    private readonly RuntimeConfig _config;
    private readonly Action<string> _warn;

    private RuntimeConfigValidator(RuntimeConfig config, Action<string> warn)
    {
        _config = config;
        _warn = warn;
    }

    /// <summary>A whole config.json. Relative destinations of mounts are made absolute in it.</summary>
    /// <param name="config">What was read.</param>
    /// <param name="warn">Told what is deprecated or passed over, with its path.</param>
    /// <param name="process">Whether there must be a process, as there must for a container that will be started.</param>
    /// <exception cref="JsonException">A value is not allowed; its path and what to do are named.</exception>
    public static void Validate(RuntimeConfig config, Action<string> warn, bool process = true)
    {
        var validator = new RuntimeConfigValidator(config, warn);
        validator.CheckTop();
        if (config.Process is not null) CheckProcess(config.Process, "$.process", warn);
        else if (process) throw Wrong("$.process", "is missing: say at least args, cwd and user of the program to run");
        validator.CheckMounts();
        CheckHooks(config.Hooks);
        if (config.Linux is not { } linux) return;
        validator.CheckNamespaces(linux);
        CheckDevices(linux);
        validator.CheckNetwork(linux);
        validator.CheckSysctl(linux);
        CheckLinux(linux);
        if (linux.Resources is not null) CheckResources(linux.Resources, "$.linux.resources");
        if (linux.Seccomp is { } seccomp) RuntimeSeccompValidator.Validate(RuntimeSeccompReader.Read(seccomp), "$.linux.seccomp");
    }

    /// <summary>A process of its own (<c>exec --process</c>).</summary>
    /// <inheritdoc cref="Validate(RuntimeConfig, Action{string}, bool)"/>
    public static void Validate(RuntimeProcess process, Action<string> warn) => CheckProcess(process, "$", warn);

    /// <summary>Resources of their own (<c>update --resources</c>).</summary>
    /// <inheritdoc cref="Validate(RuntimeConfig, Action{string}, bool)"/>
    public static void Validate(RuntimeResources resources) => CheckResources(resources, "$");

    internal static JsonException Wrong(string path, string what) => new($"{path}: {what}", path, null, null);

    /// <summary>A value for a message: short, and without what a terminal would obey.</summary>
    internal static string Quote(string value)
    {
        const int Longest = 80;
        var text = new StringBuilder("'");
        foreach (char c in value.AsSpan(0, Math.Min(value.Length, Longest))) text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        return text.Append(value.Length > Longest ? "…'" : "'").ToString();
    }

    private void CheckTop()
    {
        if (_config.OciVersion.Length == 0) throw Wrong("$.ociVersion", $"is missing: say the specification's version, as \"{OciVersion.Current}\"");
        int major = OciVersion.Major(_config.OciVersion);
        if (major < 0) throw Wrong("$.ociVersion", $"{Quote(_config.OciVersion)} is no version; write one as \"{OciVersion.Current}\"");
        if (major != 1) throw Wrong("$.ociVersion", $"{Quote(_config.OciVersion)} is not supported; versions 1.0 to 1.3 are read");
        if (_config.Root is not { } root) throw Wrong("$.root", "is missing: name the root file system's directory in root.path");
        if (root.Path.Length == 0) throw Wrong("$.root.path", "is empty: name the root file system's directory");
        CheckName(_config.Hostname, "hostname");
        CheckName(_config.Domainname, "domainname");
        if (_config.Annotations?.ContainsKey("") == true) throw Wrong("$.annotations", "has a member without a name; name it or leave it out");
        foreach (string platform in _config.OtherPlatforms ?? [])
        {
            // Who asks for a virtual machine would get less isolation than asked for.
            if (platform == "vm") throw Wrong("$.vm", "is not supported: this runtime starts no virtual machines; leave it out");
            _warn($"$.{platform}: is for another platform and is passed over");
        }
    }

    private void CheckName(string? name, string member)
    {
        if (string.IsNullOrEmpty(name)) return;
        if (Find("uts") is null)
            throw Wrong("$." + member, "would rename the host, since linux.namespaces has no uts; add {\"type\": \"uts\"} or leave the name out");
        if (Encoding.UTF8.GetByteCount(name) > 64) throw Wrong("$." + member, "is longer than the 64 bytes that the kernel takes");
    }

    private RuntimeNamespace? Find(string type)
    {
        foreach (RuntimeNamespace item in _config.Linux?.Namespaces ?? [])
        {
            if (item.Type == type) return item;
        }

        return null;
    }
}
