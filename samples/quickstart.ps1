<#
.SYNOPSIS
    Containers from PowerShell in a minute, on a machine that needs no registry: makes images, runs them, cleans up.
.EXAMPLE
    dotnet run --project src/DockerPS.Shell -- samples/quickstart.ps1
#>
$ErrorActionPreference = 'Stop'
Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', 'module', 'DockerPS', 'DockerPS.psd1'))

function Write-Step([string] $Text) { Write-Host "`n# $Text" -ForegroundColor Cyan }

$image = 'quickstart/tools:1'
$name = "quickstart-$PID"
# What is here already is not ours to remove.
$hadHello = [bool] (Get-ContainerImage -Name hello-world -ErrorAction Ignore)

try {
    Write-Step 'An image of this machine''s own programs, with the libraries they need'
    New-ContainerImage -Name $image -HostCommand sh, ls, cat, sleep, date -Command sh | Out-Host

    Write-Step 'hello-world, which is built in'
    Invoke-Container hello-world -AutoRemove | Out-Host

    Write-Step 'ls / in a container'
    Invoke-Container $image ls / -AutoRemove | Out-Host

    Write-Step 'A container that runs until it is stopped'
    $script = 'trap "echo goodbye; exit 0" TERM; n=0; while true; do n=$((n+1)); echo "tick $n"; sleep 0.2; done'
    $container = Invoke-Container $image sh '-c' $script -Name $name -Detach
    Get-Container | Where-Object Name -eq $name | Format-Table | Out-Host

    Write-Step 'Its log'
    $container | Get-ContainerLog -Follow | Select-Object -First 3 | Format-Table Time, Stream, Line | Out-Host

    Write-Step 'A command in it'
    Invoke-ContainerCommand $name cat /proc/1/comm | Out-Host

    Write-Step 'Stopped: SIGTERM, and five seconds to say goodbye'
    Stop-Container $name -GracePeriod 5
    Get-Container $name | Format-Table Name, State, ExitCode, Status | Out-Host
    Get-ContainerLog $name -Tail 1 | ForEach-Object Line | Out-Host
}
finally {
    Write-Step 'Everything is removed again'
    Get-Container $name -ErrorAction Ignore | Remove-Container -Force
    Get-ContainerImage -Name $image -ErrorAction Ignore | Remove-ContainerImage
    if (-not $hadHello) { Get-ContainerImage -Name hello-world -ErrorAction Ignore | Remove-ContainerImage }
}
