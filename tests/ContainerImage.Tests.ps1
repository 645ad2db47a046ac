BeforeDiscovery {
    $script:skip = -not $IsLinux -or (id -u) -ne '0'
    if ($skip) { Write-Warning 'SKIPPED: unpacking images needs Linux and root.' }
}

BeforeAll {
    $script:root = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-image-$PID"
    $script:oldRoot = $env:DOCKERPS_ROOT
    $env:DOCKERPS_ROOT = Join-Path $root store
    $null = New-Item $root -ItemType Directory -Force
    Import-Module (Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1') -Force
}

AfterAll {
    Get-Container -All -ErrorAction Ignore | Remove-Container -Force -ErrorAction Ignore
    (Get-ContainerNetwork bridge -ErrorAction Ignore).Interface | Where-Object { $_ } | ForEach-Object { ip link delete $_ 2>$null }
    Remove-Module DockerPS -ErrorAction Ignore
    $env:DOCKERPS_ROOT = $oldRoot
    Remove-Item $root -Recurse -Force -ErrorAction Ignore
}

Describe 'Images' -Skip:$skip {
    BeforeAll { $script:image = New-ContainerImage tools:1 -HostCommand sh, cat -Command sh -Label a=b -ExposedPort 80 }

    It 'are made of host commands, the same each time' {
        $image.Name | Should -Be 'tools:1'
        $image.Config.Command | Should -Be 'sh'
        $image.Config.ExposedPorts | Should -Be '80/tcp'
        (New-ContainerImage tools:again -HostCommand sh, cat -Command sh -Label a=b -ExposedPort 80).Digest | Should -Be $image.Digest
        Remove-ContainerImageTag tools:again
    }

    It 'get and lose names' {
        Add-ContainerImageTag tools:1 shop:2 | Should -BeNullOrEmpty
        (Get-ContainerImage shop:2).Id | Should -Be $image.Id
        @(Get-ContainerImage).Count | Should -Be 2
        Remove-ContainerImageTag shop:2
        $null = Get-ContainerImage shop:2 -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,DockerPS.Module.Commands.GetContainerImageCommand'
        $errors[0].CategoryInfo.Category | Should -Be ObjectNotFound
    }

    It 'read like docker images' {
        Get-ContainerImage | Out-String -Width 200 | Should -Match 'REPOSITORY\s+TAG\s+IMAGE ID\s+CREATED\s+SIZE'
        Get-ContainerImageHistory tools:1 | Out-String -Width 200 | Should -Match 'IMAGE\s+CREATED\s+CREATED BY\s+SIZE\s+COMMENT'
    }

    It 'keep all their columns on a narrow screen, whatever their names are' {
        $long = 'registry.example.com:5000/' + 'some/rather/long/path' * 6
        Add-ContainerImageTag tools:1 "$($long):2026.11.24-release-candidate-1"
        # A session without a terminal has a screen of 80 columns.
        $lines = & (Get-Process -Id $PID).Path -NoProfile -Command "
            Import-Module '$PSScriptRoot/../module/DockerPS/DockerPS.psd1'
            Get-ContainerImage | Out-String -Width `$Host.UI.RawUI.BufferSize.Width" | Where-Object { $_ -match '\S' }
        Remove-ContainerImageTag "$($long):2026.11.24-release-candidate-1"
        $lines[0] | Should -Match 'REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$'
        $lines | Should -HaveCount 4
        ($lines -match '.*long/path 2026.11.24-rele. +[0-9a-f]{12} .* ago +\d\S*B$').Count | Should -Be 1
    }

    It 'are not removed while a container uses them, nor by -WhatIf' {
        $container = New-Container tools:1
        $null = Remove-ContainerImage tools:1 -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].CategoryInfo.Category | Should -Be ResourceBusy
        $container | Remove-Container
        Remove-ContainerImage tools:1 -WhatIf
        Get-ContainerImage tools:1 | Should -Not -BeNullOrEmpty
    }

    It 'come from paths, and a path that is not there is that path''s error' {
        $null = Import-ContainerImage "$root/none.tar", "$root/none*.tar" -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'PathNotFound,DockerPS.Module.Commands.ImportContainerImageCommand'
        $errors[0].CategoryInfo.Category | Should -Be ObjectNotFound
    }

    It 'are made of a root file system, from the pipeline' {
        $null = New-Item "$root/fs/etc" -ItemType Directory -Force
        'hi' | Set-Content "$root/fs/etc/motd"
        tar -cf "$root/fs.tar" -C "$root/fs" .
        $made = Get-Item "$root/fs.tar" | Import-ContainerImage -Name fs:1 -Change 'CMD ["cat"]'
        $made.Name | Should -Be 'fs:1'
        $made.Config.Command | Should -Be 'cat'
        Remove-ContainerImage fs:1 | Should -BeNullOrEmpty
    }

    It 'are exported into one archive and come back as the same, compressed by the ending' {
        Add-ContainerImageTag tools:1 exported:1
        $file = Get-ContainerImage exported*, tools:1 | Export-ContainerImage -Path "$root/out.tar.gz" -PassThru
        $file.Length | Should -BeGreaterThan 1000
        [IO.File]::ReadAllBytes($file.FullName)[0..1] | Should -Be 0x1f, 0x8b
        (Import-ContainerImage $file).Digest | Select-Object -Unique | Should -Be $image.Digest
        Export-ContainerImage exported:1 "$root/layout" -Format Oci -AsDirectory | Should -BeNullOrEmpty
        (Get-ChildItem "$root/layout").Name | Should -Be 'blobs', 'index.json', 'oci-layout'
        Export-ContainerImage exported:1 "$root/not.tar" -WhatIf
        "$root/not.tar" | Should -Not -Exist
        Export-ContainerImage exported:1, none:1 "$root/some.tar" -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,DockerPS.Module.Commands.ExportContainerImageCommand'
        "$root/some.tar" | Should -Exist
        Export-ContainerImage exported:1 "$root/some.tar" -NoClobber -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].CategoryInfo.Category | Should -Be ResourceExists
        Remove-ContainerImageTag exported:1
    }

    It 'are chosen by label, time and name, with what they share' {
        $null = New-Container tools:1 -Name sharer
        $script:shared = ConvertTo-ContainerImage sharer shared:1 -Change 'LABEL stage=test'
        Remove-Container sharer
        (Get-ContainerImage -Label stage).Name | Should -Be shared:1
        (Get-ContainerImage -Label @{ stage = 'test' } -Since tools:1).Name | Should -Be shared:1
        (Get-ContainerImage -Before shared:1).Name | Should -Be tools:1
        (Get-ContainerImage -Before 1h).Name | Should -Be tools:1
        $one = Get-ContainerImage shared:1
        $one.SharedSize | Should -Be $one.Size
        $one.UniqueSize | Should -Be 0
        $one.Layers -contains $image.Layers[0].DiffId | Should -BeTrue
        $one.Layers[0].Size | Should -Be $one.Size
        { Get-ContainerImage -Before nonsense } | Should -Throw -ErrorId 'InvalidBefore,DockerPS.Module.Commands.GetContainerImageCommand'
    }

    It 'are compared' {
        $found = Compare-ContainerImage tools:1 shared:1
        $found.Name | Should -Be 'Label.stage'
        Get-ContainerImage shared:1 | Compare-ContainerImage tools:1 -Type File | Should -BeNullOrEmpty
        $found | Out-String -Width 120 | Should -Match 'TYPE\s+KIND\s+NAME\s+BEFORE\s+AFTER'
    }

    It 'are mounted, seen by other sessions, and dismounted' {
        $mount = Mount-ContainerImage shared:1
        Join-Path $mount.Path etc/passwd | Should -Exist
        $seen = & (Get-Process -Id $PID).Path -NoProfile -Command "
            Import-Module '$PSScriptRoot/../module/DockerPS/DockerPS.psd1'; (Get-ContainerImage shared:1).Mounts"
        $seen | Should -Be $mount.Path
        Remove-ContainerImage shared:1 -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'ImageMounted,DockerPS.Module.Commands.RemoveContainerImageCommand'
        $mount | Dismount-ContainerImage -WhatIf
        ($mount | Dismount-ContainerImage -PassThru).Path | Should -Be $mount.Path
        $mount.Path | Should -Not -Exist
        Dismount-ContainerImage shared:1 -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].CategoryInfo.Category | Should -Be ObjectNotFound
    }

    It 'are measured, and those that nobody uses cleared' {
        $usage = Measure-ContainerStorage Images
        $usage.Total | Should -Be 2
        $usage.Size | Should -BeGreaterThan $image.Size
        (Measure-ContainerStorage -Detailed | Where-Object Name -EQ shared:1).SharedSize | Should -BeGreaterThan 0
        Measure-ContainerStorage | Out-String | Should -Match 'TYPE\s+TOTAL\s+ACTIVE\s+SIZE\s+RECLAIMABLE'
        Clear-ContainerImage | Should -BeNullOrEmpty
        $kept = New-Container tools:1
        Clear-ContainerImage -Unused -WhatIf
        @(Get-ContainerImage).Count | Should -Be 2
        $removed = Clear-ContainerImage -Unused -Label stage=test
        $removed.Reference | Should -Be 'shared:1', $shared.Id
        $removed[-1].Size | Should -BeGreaterThan 0
        $removed | Out-String | Should -Match 'Deleted: sha256:[0-9a-f]{64} \(\d\S*B freed\)'
        (Get-ContainerImage).Name | Should -Be tools:1
        $kept | Remove-Container
    }

    It 'complete' {
        $line = 'Invoke-Container too'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'tools:1'
    }

    It 'are removed by pattern' {
        (Remove-ContainerImage tools* -PassThru).Count | Should -BeGreaterOrEqual 1
        Get-ContainerImage tools* | Should -BeNullOrEmpty
    }
}
