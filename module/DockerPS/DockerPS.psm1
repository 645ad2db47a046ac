# Loads the shared types into the default load context and the cmdlets, with the engine and its packages, into the module's own.
# Nothing else happens here: no store is opened before the first cmdlet runs.

$bin = [System.IO.Path]::Combine($PSScriptRoot, 'bin')
$shared = [System.IO.Path]::Combine($bin, 'DockerPS.dll')
if (-not [System.IO.File]::Exists($shared)) {
    throw "DockerPS is not built: '$shared' is missing. Run 'dotnet build' in the repository, or install the packaged module."
}

if (-not ('DockerPS.LoadContext' -as [type])) {
    $null = [System.Runtime.Loader.AssemblyLoadContext]::Default.LoadFromAssemblyPath($shared)
}

$cmdlets = Import-Module -Assembly ([DockerPS.LoadContext]::LoadModule()) -PassThru

# An assembly that this process has imported before comes back without its cmdlets being made ours, so they are added by hand.
$own = $ExecutionContext.SessionState.Module
$add = [System.Management.Automation.PSModuleInfo].GetMethod(
    'AddExportedCmdlet', [System.Reflection.BindingFlags]'Instance, NonPublic')
foreach ($cmdlet in $cmdlets.ExportedCmdlets.Values) {
    if (-not $own.ExportedCmdlets.ContainsKey($cmdlet.Name)) { $null = $add.Invoke($own, @(, $cmdlet)) }
}
