BeforeDiscovery {
    $script:skip = -not $IsLinux -or (id -u) -ne '0'
    if ($skip) { Write-Warning 'SKIPPED: containers need Linux and root.' }
}

BeforeAll {
    $script:root = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-userns-$PID"
    $script:oldRoot = $env:DOCKERPS_ROOT
    $env:DOCKERPS_ROOT = Join-Path $root store
    $null = New-Item $root -ItemType Directory -Force
    Import-Module (Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1') -Force
    if ($IsLinux -and (id -u) -eq '0') {
        $null = New-ContainerImage -Name tools -HostCommand sh, ls, cat, sleep, id, touch, stat -Command sh -ErrorAction Stop
    }
}

AfterAll {
    if ($IsLinux -and (id -u) -eq '0') { Get-Container -All -ErrorAction Ignore | Remove-Container -Force -ErrorAction Ignore }
    (Get-ContainerNetwork bridge -ErrorAction Ignore).Interface | Where-Object { $_ } | ForEach-Object { ip link delete $_ 2>$null }
    Remove-Module DockerPS -ErrorAction Ignore
    $env:DOCKERPS_ROOT = $oldRoot
    Remove-Item $root -Recurse -Force -ErrorAction Ignore
}

Describe 'Containers with users of their own' -Skip:$skip {
    It 'have a root that is nobody on the host, and a range that no other has' {
        $one = Invoke-Container tools -Name one -UserNamespace auto -Detach sleep 1000
        $two = Invoke-Container tools -Name two -UserNamespace auto -Detach sleep 1000
        $one.UserNamespace.Mode | Should -Be 'Auto'
        $first = $one.UserNamespace.UidMappings[0]
        $first.ContainerId | Should -Be 0
        $first.Size | Should -Be 65536
        stat -c %u "/proc/$($one.Pid)" | Should -Be $first.HostId
        $first.HostId | Should -Not -Be $two.UserNamespace.UidMappings[0].HostId
        Invoke-ContainerCommand one id -u | Should -Be 0
        ($one | Format-List | Out-String) | Should -Match "UserNamespace *: auto \(0:$($first.HostId):65536\)"
        Stop-Container one, two -GracePeriod 0
        Remove-Container one, two
    }

    It 'take a range, and files of the layers belong to root in it' {
        $lines = Invoke-Container tools -UserNamespace 1900000000:4096 -AutoRemove -- sh -c 'cat /proc/self/uid_map; stat -c %u:%g /etc/passwd'
        (-split $lines[0]) -join ' ' | Should -Be '0 1900000000 4096'
        $lines[1] | Should -Be '0:0'
    }

    It 'show the owners of an idmapped bind as on the host, and others as nobody' {
        $shared = New-Item (Join-Path $root shared) -ItemType Directory
        Set-Content (Join-Path $shared file) x
        $owners = Invoke-Container tools -UserNamespace auto -AutoRemove -Volume "$($shared):/plain:ro", "$($shared):/mapped:idmap" -- sh -c '
            stat -c %u /plain/file /mapped/file; touch /mapped/made'
        $owners | Should -Be '65534', '0'
        stat -c %u (Join-Path $shared made) | Should -Be 0
    }

    It 'keep the id of the user who asks' {
        $env:SUDO_UID, $env:SUDO_GID = '1234', '1235'
        try { Invoke-Container tools -UserNamespace keep-id -AutoRemove -- sh -c 'id -u; id -g' | Should -Be '1234', '1235' }
        finally { $env:SUDO_UID, $env:SUDO_GID = $null, $null }
    }

    It 'are refused with an error of their own: <Value>' -TestCases @(
        @{ Value = 'sometimes' }, @{ Value = '0:0:0' }, @{ Value = 'auto:size=many' }, @{ Value = '1:2:3:4' }
    ) {
        param($Value)
        { New-Container tools -UserNamespace $Value -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidUserNamespace,*'
        Get-Container -All | Should -BeNullOrEmpty
    }

    It 'complete' {
        (TabExpansion2 'New-Container tools -UserNamespace ke' 37).CompletionMatches.CompletionText | Should -Be 'keep-id'
    }
}
