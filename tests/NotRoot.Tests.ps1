BeforeDiscovery {
    $script:skip = if (-not $IsLinux) { 'not Linux' } elseif ((id -u) -ne '0') { 'not root, who alone can become another user' }
    elseif (-not (Get-Command setpriv -ErrorAction Ignore)) { 'setpriv (util-linux) is missing' }
    if ($skip) { Write-Warning "SKIPPED: sessions without root's rights: $skip." }
}

BeforeAll {
    $script:directory = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-user-$PID"
    $script:shell = (Get-Process -Id $PID).Path
    $script:manifest = Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1'
    $null = New-Item (Join-Path $directory home) -ItemType Directory -Force
    if ($IsLinux -and (id -u) -eq '0') { chown 65534 (Join-Path $directory home) }

    # Every cmdlet with what it needs; each gives one line: its name, and the id and category of the error that it ended with.
    $script:calls = @'
Add-ContainerImageTag tools other
Checkpoint-ContainerVolume data
Clear-ContainerImage
Clear-ContainerNetwork
Clear-ContainerVolume
Compare-Container box
Compare-ContainerImage tools other
Connect-ContainerNetwork back box
ConvertTo-ContainerImage box made
Copy-ContainerItem box:/etc/passwd .
Copy-ContainerVolume data other
Disconnect-ContainerNetwork back box
Dismount-ContainerImage tools
Export-Container box out.tar
Export-ContainerImage tools out.tar
Export-ContainerVolume data out.tar
Get-Container -All
Get-ContainerEngine
Get-ContainerImage
Get-ContainerImageHistory tools
Get-ContainerLog box
Get-ContainerNetwork
Get-ContainerPort box
Get-ContainerVolume
Get-ContainerVolumeSnapshot data
Import-ContainerImage FILE
Import-ContainerVolume FILE data
Invoke-Container tools
Invoke-ContainerCommand box ls
Measure-ContainerStorage
Mount-ContainerImage tools
New-Container tools
New-ContainerImage tools -HostCommand sh
New-ContainerNetwork back
New-ContainerVolume data
Remove-Container box -Force
Remove-ContainerImage tools
Remove-ContainerImageTag tools
Remove-ContainerNetwork back
Remove-ContainerVolume data
Remove-ContainerVolumeSnapshot data 1
Rename-Container box other
Request-ContainerImage localhost:1/tools
Restart-Container box
Restore-ContainerVolume data 1
Resume-Container box
Send-ContainerSignal box TERM
Set-Container box -Publish 80
Set-ContainerNetwork box -Loss 5%
Start-Container box
Stop-Container box
Submit-ContainerImage tools
Suspend-Container box
Test-ContainerEngine
Test-ContainerImage tools
Test-ContainerNetwork box other 80
Wait-Container box
'@ -split "`n"
    # These ask registries and have no use for the store.
    $script:registryOnly = 'Connect-ContainerRegistry', 'Disconnect-ContainerRegistry', 'Find-ContainerImage', 'Get-ContainerImageTag'
    function Invoke-AsUser([string] $Root) {
        $script = "Import-Module '$manifest'; `$env:DOCKERPS_ROOT = '$Root'`n"
        foreach ($call in $calls) {
            $script += "`$e = @($($call.Replace('FILE', "'$manifest'")) 2>&1 | Where-Object { `$_ -is [System.Management.Automation.ErrorRecord] })`n"
            $script += "'$($call.Split(' ')[0]) ' + `$(if (`$e) { `$e[0].FullyQualifiedErrorId.Split(',')[0] + ' ' + `$e[0].CategoryInfo.Category + ' ' + `$e[0].Exception.Message } else { 'nothing' })`n"
        }
        $file = Join-Path $directory calls.ps1
        Set-Content $file $script
        $env:HOME, $home_ = (Join-Path $directory home), $env:HOME
        try { setpriv --reuid 65534 --regid 65534 --clear-groups $shell -NoProfile -File $file }
        finally { $env:HOME = $home_ }
    }
}

AfterAll {
    Remove-Item $directory -Recurse -Force -ErrorAction Ignore
}

Describe 'A session without the rights of root' -Skip:([bool]$skip) {
    It 'has a call here for every cmdlet' {
        Import-Module $manifest -Force
        ($calls.ForEach{ $_.Split(' ')[0] } + $registryOnly | Sort-Object) | Should -Be ((Get-Command -Module DockerPS -CommandType Cmdlet).Name | Sort-Object)
        Remove-Module DockerPS
    }

    It 'is told by every cmdlet that the store of root is not its own, and what to do' {
        $store = Join-Path $directory store
        Import-Module $manifest -Force
        $env:DOCKERPS_ROOT, $old = $store, $env:DOCKERPS_ROOT
        try { $null = New-ContainerImage tools -HostCommand sh } finally { $env:DOCKERPS_ROOT = $old; Remove-Module DockerPS }
        $lines = Invoke-AsUser $store
        $lines | Should -HaveCount $calls.Count
        $lines | Where-Object { $_ -notmatch '^\S+ PermissionDenied PermissionDenied .*Run PowerShell as root \(sudo pwsh\)' } | Should -BeNullOrEmpty
    }

    It 'reads a store of its own, and makes neither images nor containers in it' {
        $lines = Invoke-AsUser (Join-Path $directory home store)
        $lines | Should -HaveCount $calls.Count
        ($lines -match ' nothing$').ForEach{ $_.Split(' ')[0] } | Should -Be @(
            'Clear-ContainerImage', 'Clear-ContainerNetwork', 'Clear-ContainerVolume', 'Get-Container', 'Get-ContainerEngine', 'Get-ContainerImage'
            'Get-ContainerNetwork', 'Get-ContainerVolume', 'Measure-ContainerStorage')
        ($lines -match ' PermissionDenied PermissionDenied .*as root \(sudo pwsh\)').ForEach{ $_.Split(' ')[0] } |
            Should -Be @(
                'Compare-ContainerImage', 'Copy-ContainerItem', 'Import-ContainerImage', 'Import-ContainerVolume', 'Invoke-Container', 'Mount-ContainerImage'
                'New-Container', 'New-ContainerImage', 'New-ContainerNetwork', 'New-ContainerVolume', 'Request-ContainerImage', 'Test-ContainerEngine')
        ($lines -match ' (Container|Image|Network|Volume)NotFound ObjectNotFound .*Get-Container').Count | Should -Be ($calls.Count - 21)
    }
}
