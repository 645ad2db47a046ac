using System.Collections;
using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>What a container can be asked to be: the parameters that New-Container and Invoke-Container share.</summary>
public abstract partial class ContainerSpecCommand : EngineCommand
{
    /// <summary>Declared by each cmdlet, because only one of them takes it from the pipeline.</summary>
    public abstract string Image { get; set; }

    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [Alias("ArgumentList", "Arguments")]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Command { get; set; }

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
    [Pairs]
    public IDictionary? Label { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? LabelFile { get; set; }

    [Parameter]
    [Pairs]
    public IDictionary? Annotation { get; set; }

    [Parameter]
    public SwitchParameter Tty { get; set; }

    [Parameter]
    public SwitchParameter Interactive { get; set; }

    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    [Parameter]
    [Mounts]
    public ContainerMount[]? Volume { get; set; }

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
    [Ulimits]
    public ContainerUlimit[]? Ulimit { get; set; }

    [Parameter]
    [Pairs(ValueRequired = true)]
    public IDictionary? Sysctl { get; set; }

    [Parameter]
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
    public ByteSize? Memory { get; set; }

    [Parameter]
    public ByteSize? MemorySwap { get; set; }

    [Parameter]
    public ByteSize? MemoryReservation { get; set; }

    [Parameter]
    [ValidateRange(0.001, 100000.0)]
    public decimal? Cpus { get; set; }

    [Parameter]
    [ValidateRange(2L, 262144L)]
    public long? CpuShares { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CpusetCpus { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CpusetMems { get; set; }

    [Parameter]
    [ValidateRange(-1L, long.MaxValue)]
    public long? PidsLimit { get; set; }

    [Parameter]
    [ValidateRange(-1000, 1000)]
    public int? OomScoreAdjust { get; set; }

    [Parameter]
    public SwitchParameter OomKillDisable { get; set; }

    [Parameter]
    [ValidateRange(10, 1000)]
    public int? BlkioWeight { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(SignalCompleter))]
    [ValidateNotNullOrEmpty]
    public string? StopSignal { get; set; }

    [Parameter]
    [Seconds]
    public TimeSpan? StopTimeout { get; set; }

    [Parameter]
    public SwitchParameter Init { get; set; }

    [Parameter]
    [Alias("Rm")]
    public SwitchParameter AutoRemove { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Network { get; set; }

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
    [ArgumentCompleter(typeof(CgroupModeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? CgroupMode { get; set; }

    [Parameter]
    public object[]? Publish { get; set; }
}
