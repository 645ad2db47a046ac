# Loads the shared types into the default load context and the cmdlets, with the engine and its packages, into the module's own.
# Nothing else happens here: no store is opened before the first cmdlet runs. Each line of this file is paid for by every import.

if (-not ('DockerPS.LoadContext' -as [type])) {
    try { $null = [System.Reflection.Assembly]::LoadFrom("$PSScriptRoot/bin/DockerPS.dll") }
    catch [System.IO.FileNotFoundException] {
        throw "DockerPS is not built: '$PSScriptRoot/bin/DockerPS.dll' is missing. Run 'dotnet build' in the repository, or install the packaged module."
    }
}

$cmdlets = Import-Module -Assembly ([DockerPS.LoadContext]::LoadModule()) -PassThru

# An assembly that this runspace has imported before comes back without its cmdlets and aliases being made ours, so they are added
# by hand. The mark tells; a first import is spared the reflection, which costs tens of milliseconds.
if (-not $cmdlets.PrivateData) { $cmdlets.PrivateData = 'Imported' }
else {
    $add = [System.Management.Automation.PSModuleInfo].GetMethod(
        'AddExportedCmdlet', [System.Reflection.BindingFlags]'Instance, NonPublic')
    foreach ($cmdlet in $cmdlets.ExportedCmdlets.Values) {
        $null = $add.Invoke($ExecutionContext.SessionState.Module, @(, $cmdlet))
    }
    foreach ($cmdlet in $cmdlets.ExportedCmdlets.Values) {
        foreach ($attribute in $cmdlet.ImplementingType.GetCustomAttributes([System.Management.Automation.AliasAttribute], $false)) {
            foreach ($name in $attribute.AliasNames) { Set-Alias $name $cmdlet.Name }
        }
    }
    Export-ModuleMember -Alias *
}
