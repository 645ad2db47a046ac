using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Looks from within containers whether others, or the outside, are reached, and says what is broken.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ContainerNetwork")]
[OutputType(typeof(ContainerNetworkCheck), typeof(bool))]
[Alias("Test-ContainerNet")]
public sealed class TestContainerNetworkCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Container", "ContainerId", "Id")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] From { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] To { get; set; } = [];

    [Parameter(Position = 2)]
    [Number<int>("InvalidPort", "1", "65535")]
    public int Port { get; set; }

    [Parameter]
    public SwitchParameter Udp { get; set; }

    [Parameter]
    [Seconds("InvalidTimeout")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string from in From)
        {
            foreach (string to in To) Test(from, to);
        }
    }

    private void Test(string from, string to)
    {
        var request = new NetworkTestRequest { From = from, To = to, Port = Port, Udp = Udp, Timeout = Timeout };
        if (!Try(from, (engine, token) => engine.TestNetworkAsync(request, token), out IReadOnlyList<ContainerNetworkCheck> checks))
        {
            if (Quiet) WriteObject(false);
            return;
        }

        if (Quiet) WriteObject(checks.All(check => check.Passed));
        else WriteObject(checks, enumerateCollection: true);
    }
}
