using System.Management.Automation;

namespace DockerPS.Module.Hosting;

/// <summary>Called by PowerShell when the module enters and leaves a runspace.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport() => OpenEngines.Imported();

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => OpenEngines.Removed();
}
