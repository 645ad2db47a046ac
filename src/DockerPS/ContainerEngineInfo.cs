namespace DockerPS;

/// <summary>The engine and the machine under it (<c>docker info</c> and <c>docker version</c>).</summary>
public sealed record ContainerEngineInfo
{
    public required string Version { get; init; }

    public required string Root { get; init; }

    public required string RunRoot { get; init; }

    public required string RuntimePath { get; init; }

    public required string RuntimeVersion { get; init; }

    public required int Containers { get; init; }

    public required int Running { get; init; }

    public required int Paused { get; init; }

    public required int Stopped { get; init; }

    public required int Images { get; init; }

    public required string StorageDriver { get; init; }

    /// <summary><c>v1</c>, <c>hybrid</c> or <c>v2</c>.</summary>
    public required string CgroupVersion { get; init; }

    public required string CgroupDriver { get; init; }

    public required string KernelVersion { get; init; }

    public required string OperatingSystem { get; init; }

    public required string Architecture { get; init; }

    public required int Cpus { get; init; }

    /// <summary>Bytes of memory.</summary>
    public required long Memory { get; init; }

    public required string HostName { get; init; }

    /// <summary>Our own runtime, and the others that are installed.</summary>
    public required IReadOnlyList<ContainerEngineRuntime> Runtimes { get; init => field = Indexable.List(value); }

    /// <summary>What the machine offers containers, and what brings what is missing.</summary>
    public required IReadOnlyList<ContainerEngineFeature> Features { get; init => field = Indexable.List(value); }

    public required IReadOnlyList<string> Warnings { get; init => field = Indexable.List(value); }
}
