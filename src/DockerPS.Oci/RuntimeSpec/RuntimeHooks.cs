namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Programs run at points of the container's life, each kind in order (config.md, "POSIX-platform Hooks").</summary>
public sealed class RuntimeHooks
{
    public List<RuntimeHook>? Prestart { get; set; }
    public List<RuntimeHook>? CreateRuntime { get; set; }
    public List<RuntimeHook>? CreateContainer { get; set; }
    public List<RuntimeHook>? StartContainer { get; set; }
    public List<RuntimeHook>? Poststart { get; set; }
    public List<RuntimeHook>? Poststop { get; set; }
}

public sealed class RuntimeHook
{
    public string Path { get; set; } = "";

    /// <summary>With the program's name as the first.</summary>
    public List<string>? Args { get; set; }
    public List<string>? Env { get; set; }

    /// <summary>Seconds.</summary>
    public int? Timeout { get; set; }
}
