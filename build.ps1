<#
.SYNOPSIS
    Builds, tests, cleans or packages DockerPS.
.DESCRIPTION
    Runs in pwsh and, where none is installed, in the Shell of this repository:
    dotnet run --project src/DockerPS.Shell -- build.ps1 -Task Test
.PARAMETER Task
    Build    compiles everything and leaves an importable module in module/DockerPS
    Test     runs the xunit tests, then the Pester suite where pwsh and Pester 5 are present
    Package  leaves in artifacts/DockerPS the folder that Publish-PSResource -Path takes
    Clean    removes what the other tasks made
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package', 'Clean')]
    [string] $Task = 'Build'
)

$ErrorActionPreference = 'Stop'

$repository = $PSScriptRoot
$module = [IO.Path]::Combine($repository, 'module', 'DockerPS')
$artifacts = [IO.Path]::Combine($repository, 'artifacts')

function Invoke-Tool([string] $Name, [string[]] $Arguments) {
    & $Name @Arguments | Out-Host
    if ($LASTEXITCODE -ne 0) { throw "'$Name $Arguments' failed with exit code $LASTEXITCODE." }
}

function Test-Tool([string] $Name) {
    [bool] (Get-Command $Name -CommandType Application -ErrorAction Ignore)
}

function Remove-Directory([string] $Path) {
    if ([IO.Directory]::Exists($Path)) { [IO.Directory]::Delete($Path, $true) }
}

function Invoke-Build {
    Invoke-Tool dotnet 'build', ([IO.Path]::Combine($repository, 'DockerPS.sln')), '-nologo', '-v', 'quiet'
}

# Independent tools that make images for the tests, runtimes and who drives them, a registry: Debian packages.
function Install-TestTool {
    if (-not ($IsLinux -and (Test-Tool apt-get) -and (Test-Tool dpkg-query) -and [Environment]::UserName -eq 'root')) {
        Write-Host 'Test tools: not root on a Debian-like system, so none are installed; tests that lack theirs say so.'
        return
    }
    $missing = @('busybox-static', 'skopeo', 'umoci', 'crun', 'runc', 'podman', 'docker-registry', 'apache2-utils', 'libnftables1', 'libisal2').Where{
        "$(& dpkg-query -W -f '${db:Status-Status}' $_ 2>$null)" -ne 'installed'
    }
    if (-not $missing) { return }
    Write-Host "Test tools: installing $($missing -join ', ')"
    $env:DEBIAN_FRONTEND = 'noninteractive'
    Invoke-Tool apt-get 'update', '-qq'
    Invoke-Tool apt-get (@('install', '-y', '-qq', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0') + $missing)
}

function Invoke-Test {
    Install-TestTool
    Invoke-Build
    $failed = @()
    foreach ($suite in 'units', 'integration') {
        Write-Host "`n== xunit: $suite"
        $name = "DockerPS.$($suite.Substring(0, 1).ToUpper())$($suite.Substring(1))"
        $results = [IO.Path]::Combine($artifacts, 'tests', "$suite.xml")
        $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($results))
        & dotnet ([IO.Path]::Combine($repository, 'tests', $suite, 'bin', 'Debug', 'net10.0', "$name.dll")) -noColor -xml $results | Out-Host
        if ($LASTEXITCODE -ne 0) { $failed += "xunit $suite" }
    }
    if (-not (Invoke-PesterSuite)) { $failed += 'Pester' }
    if ($failed) { throw "Tests failed: $($failed -join ', ')." }
    Write-Host "`nAll tests passed."
}

# In a pwsh of its own: the module that is loaded there is the one just built.
function Invoke-PesterSuite {
    $suite = @([IO.Directory]::GetFiles([IO.Path]::Combine($repository, 'tests'), '*.Tests.ps1'))
    if (-not $suite) { return $true }
    if (-not (Test-Tool pwsh)) {
        Write-Host "`n== Pester: not run, because pwsh is not installed ($($suite.Count) files)."
        return $true
    }
    $found = & pwsh -NoProfile -NonInteractive -Command '[bool] (@((Get-Module Pester -ListAvailable).Version.Major) -ge 5)'
    if ("$found" -ne 'True') {
        Write-Host "`n== Pester: not run, because pwsh has no Pester 5 or later ($($suite.Count) files)."
        return $true
    }
    Write-Host "`n== Pester"
    $run = '$c = New-PesterConfiguration; $c.Run.Path = $env:DOCKERPS_PESTER_PATH; $c.Run.Exit = $true; Invoke-Pester -Configuration $c'
    $env:DOCKERPS_PESTER_PATH = [IO.Path]::Combine($repository, 'tests')
    & pwsh -NoProfile -NonInteractive -Command $run | Out-Host
    return $LASTEXITCODE -eq 0
}

function Invoke-Package {
    Invoke-Build
    $package = [IO.Path]::Combine($artifacts, 'DockerPS')
    Remove-Directory $package
    foreach ($file in [IO.Directory]::GetFiles($module, '*', 'AllDirectories')) {
        $relative = [IO.Path]::GetRelativePath($module, $file)
        $target = [IO.Path]::Combine($package, $relative)
        $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
        [IO.File]::Copy($file, $target)
    }
    [IO.File]::Copy([IO.Path]::Combine($repository, 'LICENSE'), [IO.Path]::Combine($package, 'LICENSE'))
    $manifest = Test-ModuleManifest ([IO.Path]::Combine($package, 'DockerPS.psd1'))
    Write-Host "$($manifest.Name) $($manifest.Version) -> $package"
    Write-Host "Publish-PSResource -Path '$package' takes it. It holds the dockerps-runtime of this machine's architecture."
}

function Invoke-Clean {
    Remove-Directory $artifacts
    Remove-Directory ([IO.Path]::Combine($module, 'bin'))
    Invoke-Tool dotnet 'clean', ([IO.Path]::Combine($repository, 'DockerPS.sln')), '-nologo', '-v', 'quiet'
}

switch ($Task) {
    'Build' { Invoke-Build }
    'Test' { Invoke-Test }
    'Package' { Invoke-Package }
    'Clean' { Invoke-Clean }
}
