using System.Collections;
using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>What a container can be asked to be: the parameters that New-Container and Invoke-Container share.</summary>
public abstract partial class ContainerSpecCommand : CommandLineCommand
{
    /// <summary>Declared by each cmdlet, because only one of them takes it from the pipeline.</summary>
    public abstract string Image { get; set; }

    private protected sealed override string Lead => nameof(Image);

    private protected sealed override string[] Words
    {
        get => Command ?? [];
        set => Command = value;
    }

    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [Alias("ArgumentList", "Arguments")]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Command { get; set; }

    [Parameter]
    public ContainerImagePullPolicy Pull { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Entrypoint { get; set; }

    [Parameter]
    [Environment]
    [AllowEmptyCollection]
    public string[]? Environment { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? EnvironmentFile { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? GroupAdd { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Hostname { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DomainName { get; set; }

    [Parameter]
    [Pairs("InvalidLabel")]
    public IDictionary? Label { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? LabelFile { get; set; }

    [Parameter]
    [Pairs("InvalidAnnotation")]
    public IDictionary? Annotation { get; set; }

    [Parameter]
    public SwitchParameter Tty { get; set; }

    [Parameter]
    public SwitchParameter Interactive { get; set; }

    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(VolumeMountCompleter))]
    [Mounts]
    public ContainerMount[]? Volume { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VolumesFrom { get; set; }

    [Parameter]
    [Mounts]
    public ContainerMount[]? Mount { get; set; }

    [Parameter]
    [Tmpfs]
    public ContainerMount[]? Tmpfs { get; set; }

    [Parameter]
    [Devices]
    public ContainerDevice[]? Device { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? DeviceCgroupRule { get; set; }

    [Parameter]
    [Ulimits]
    public ContainerUlimit[]? Ulimit { get; set; }

    [Parameter]
    [Pairs("InvalidSysctl", ValueRequired = true)]
    public IDictionary? Sysctl { get; set; }

    [Parameter]
    [Size("InvalidShmSize")]
    public ByteSize? ShmSize { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? CapAdd { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? CapDrop { get; set; }

    [Parameter]
    public SwitchParameter Privileged { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(SecurityOptionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? SecurityOption { get; set; }

    [Parameter]
    [Size("InvalidMemory")]
    public ByteSize? Memory { get; set; }

    [Parameter]
    [Size("InvalidMemorySwap")]
    public ByteSize? MemorySwap { get; set; }

    [Parameter]
    [Size("InvalidMemoryReservation")]
    public ByteSize? MemoryReservation { get; set; }

    [Parameter]
    [Number<decimal>("InvalidCpus", "0.01", "100000")]
    public decimal? Cpus { get; set; }

    [Parameter]
    [Number<long>("InvalidCpuShares", "2", "262144")]
    public long? CpuShares { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CpusetCpus { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CpusetMems { get; set; }

    [Parameter]
    [Number<long>("InvalidPidsLimit", "-1", "9223372036854775807")]
    public long? PidsLimit { get; set; }

    [Parameter]
    [Number<int>("InvalidOomScore", "-1000", "1000")]
    public int? OomScoreAdjust { get; set; }

    [Parameter]
    public SwitchParameter OomKillDisable { get; set; }

    [Parameter]
    [Number<int>("InvalidBlkioWeight", "10", "1000")]
    public int? BlkioWeight { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    [ValidateNotNullOrEmpty]
    public string? StopSignal { get; set; }

    [Parameter]
    [Seconds("InvalidStopTimeout")]
    public TimeSpan? StopTimeout { get; set; }

    [Parameter]
    public SwitchParameter Init { get; set; }

    [Parameter]
    [Alias("Rm")]
    public SwitchParameter AutoRemove { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Network { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] NetworkAlias { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IPAddress { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MacAddress { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Dns { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] DnsSearch { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] DnsOption { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] AddHost { get; set; } = [];

    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? PidMode { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? IpcMode { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? UtsMode { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(UserNamespaceCompleter))]
    [UserNamespace]
    public ContainerUserNamespace? UserNamespace { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(CgroupModeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? CgroupMode { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CgroupParent { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(RuntimeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Runtime { get; set; }

    [Parameter]
    [Ports]
    public ContainerPort[] Publish { get; set; } = [];

    [Parameter]
    public SwitchParameter PublishAll { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Expose { get; set; } = [];
}
