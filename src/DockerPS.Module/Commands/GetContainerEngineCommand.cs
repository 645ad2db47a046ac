using System.Management.Automation;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>The engine, its store and the machine under it.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerEngine")]
[OutputType(typeof(ContainerEngineInfo))]
public sealed class GetContainerEngineCommand : EngineCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Try(null, engine => engine.GetInfo(), out ContainerEngineInfo info)) WriteObject(info);
    }
}
