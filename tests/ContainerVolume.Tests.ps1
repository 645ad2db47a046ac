#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    $script:cannotRun = -not $IsLinux -or [Environment]::UserName -ne 'root' -or -not (Test-Path /bin/busybox)
}

Describe 'Volumes and files' -Skip:$cannotRun {
    BeforeAll {
        $env:DOCKERPS_ROOT = Join-Path ([IO.Path]::GetTempPath()) "dockerps-pester-$([Guid]::NewGuid().ToString('N').Substring(0, 8))"
        Import-Module (Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1') -Force
        $work = Join-Path $env:DOCKERPS_ROOT 'work'
        $tree = New-Item -ItemType Directory (Join-Path $work 'tree/data') -Force
        Set-Content (Join-Path $tree 'file') 'content' -NoNewline
        $null = New-ContainerImage vol:1 -HostCommand sh, ls, cat, sleep, touch, rm -Path (Join-Path $work 'tree')
    }

    AfterAll {
        Get-Container -All | Remove-Container -Force -RemoveVolume
        Clear-ContainerVolume -All -Force
        (Get-ContainerNetwork bridge -ErrorAction Ignore).Interface | Where-Object { $_ } | ForEach-Object { ip link delete $_ 2>$null }
        Remove-Module DockerPS
        Remove-Item -Recurse -Force $env:DOCKERPS_ROOT
        $env:DOCKERPS_ROOT = $null
    }

    It 'makes, lists and removes volumes' {
        (New-ContainerVolume made -Label a=b).Labels['a'] | Should -Be b
        (Get-ContainerVolume m* -Size).Files | Should -Be 0
        Remove-ContainerVolume made -WhatIf
        Get-ContainerVolume made | Should -Not -BeNullOrEmpty
        'made' | Remove-ContainerVolume
        Get-ContainerVolume made -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'VolumeNotFound,*'
        Remove-ContainerVolume made -Force
    }

    It 'keeps data from container to container' {
        Invoke-Container vol:1 -AutoRemove -Volume data:/data -- sh -c 'cat /data/file; touch /data/new' | Should -Be content
        Invoke-Container vol:1 -AutoRemove -Mount type=volume, source=data, target=/d, readonly -- ls /d | Should -Be file, new
    }

    It 'refuses to remove a volume in use, and goes on with the others' {
        $null = New-Container vol:1 -Name user -Volume used:/data -- sleep 1
        $null = New-ContainerVolume free
        Remove-ContainerVolume used, free -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'VolumeInUse,*'
        (Get-ContainerVolume).Name | Should -Not -Contain free
        (Get-ContainerVolume used).Containers | Should -Be user
        Remove-Container user
    }

    It 'removes anonymous volumes with -RemoveVolume and by Clear-ContainerVolume' {
        $null = New-Container vol:1 -Name first -Volume /own -- sleep 1
        $null = New-Container vol:1 -Name second -Volume /own -- sleep 1
        $names = (Get-Container first, second).Mounts.Source
        Remove-Container first -RemoveVolume
        Remove-Container second
        (Get-ContainerVolume -Dangling).Name | Should -Contain $names[1]
        (Get-ContainerVolume).Name | Should -Not -Contain $names[0]
        (Clear-ContainerVolume -Force).Name | Should -Be $names[1]
    }

    It 'mounts file systems by options' {
        $null = New-ContainerVolume memory -Option type=tmpfs, o=size=1m, mode=700
        (Get-ContainerVolume memory).Options['o'] | Should -Be 'size=1m,mode=700'
        Invoke-Container vol:1 -AutoRemove -Volume memory:/data -- cat /data/file | Should -Be content
        New-ContainerVolume bad -Option type=nfs -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidVolumeOption,*'
    }

    It 'copies into and out of containers, running and stopped' {
        $null = Invoke-Container vol:1 -Name runs -Detach -- sleep 600
        $null = New-Container vol:1 -Name stopped -- sleep 1
        Push-Location $work
        try {
            foreach ($name in 'runs', 'stopped') {
                Copy-ContainerItem tree/data/file "${name}:/tmp/"
                Get-Item tree/data/file | Copy-ContainerItem -ToContainer $name -Destination /tmp/second
                (Copy-ContainerItem "${name}:/tmp/*" . -PassThru).Count | Should -Be 2
                Get-Content second | Should -Be content
                Remove-Item second
            }
            Copy-ContainerItem runs:/tmp stopped:/tmp/all
            Copy-ContainerItem runs:/none . -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
            Copy-ContainerItem a b -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'NoContainer,*'
        }
        finally { Pop-Location }
    }

    It 'copies what is in the present directory, as docker cp does, and refuses streams' {
        $null = New-Container vol:1 -Name dotted -- sleep 1
        Push-Location (Join-Path $work tree)
        try {
            Copy-ContainerItem . dotted:/tmp
            (Copy-ContainerItem dotted:/tmp/data/file ../dotted -PassThru).Files | Should -Be 1
            Copy-ContainerItem - dotted:/tmp -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'StreamNotSupported,*'
        }
        finally { Pop-Location }
        Remove-Container dotted
    }

    It 'takes mounts by property: <text>' -ForEach @(
        @{ text = '@{ Target = "/t"; TmpfsSize = "1m" }'; type = 'Tmpfs'; readOnly = $false }
        @{ text = '@{ Type = "Image"; Source = "vol:1"; Target = "/t" }'; type = 'Image'; readOnly = $true }
        @{ text = '@{ Type = "Image"; Source = "vol:1"; Target = "/t"; ReadOnly = $false }'; type = 'Image'; readOnly = $false }
    ) {
        $mount = (New-Container vol:1 -Name byproperty -Mount (Invoke-Expression $text) -- sleep 1).Mounts[0]
        Remove-Container byproperty
        $mount.Type | Should -Be $type
        $mount.ReadOnly | Should -Be $readOnly
    }

    It 'finds volumes by sets of letters, and exports each to a file of its own' {
        $null = New-ContainerVolume set1, set2, set3
        (Get-ContainerVolume 'set[12]').Name | Should -Be set1, set2
        $null = New-Item -ItemType Directory (Join-Path $work out)
        (Get-ContainerVolume 'set[12]' | Export-ContainerVolume -Path (Join-Path $work out)).Name | Should -Be set1.tar, set2.tar
        Export-ContainerVolume 'set[12]' (Join-Path $work one.tar) -Force -ErrorAction SilentlyContinue -ErrorVariable problem | Should -HaveCount 1
        $problem.FullyQualifiedErrorId | Should -BeLike 'OnePathForSeveral,*'
        Export-ContainerVolume set1 (Join-Path $work 'none/') -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        Remove-ContainerVolume 'set[0-9]'
        Get-ContainerVolume set* | Should -BeNullOrEmpty
    }

    It 'exports, imports, copies and goes back to snapshots' {
        $null = Checkpoint-ContainerVolume data before
        $file = Export-ContainerVolume data (Join-Path $work 'data.tar.gz')
        (Import-ContainerVolume $file -Name again).Name | Should -Be again
        (Copy-ContainerVolume data third).Name | Should -Be third
        Invoke-Container vol:1 -AutoRemove -Volume data:/data -- rm /data/file
        Get-ContainerVolumeSnapshot data before | Restore-ContainerVolume
        foreach ($volume in 'data', 'again', 'third') {
            Invoke-Container vol:1 -AutoRemove -Volume "${volume}:/data" -- cat /data/file | Should -Be content
        }
        Remove-ContainerVolumeSnapshot data before
        Get-ContainerVolumeSnapshot data | Should -BeNullOrEmpty
    }

    It 'completes names of volumes' {
        $line = 'Remove-ContainerVolume thi'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain third
        $null = Checkpoint-ContainerVolume third of-third
        $null = Checkpoint-ContainerVolume again of-again
        $line = 'Restore-ContainerVolume third -Snapshot of'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be of-third
    }
}
