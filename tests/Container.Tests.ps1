BeforeDiscovery {
    $script:skip = -not $IsLinux -or (id -u) -ne '0'
    if ($skip) { Write-Warning 'SKIPPED: containers need Linux and root.' }
}

BeforeAll {
    $script:root = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-container-$PID"
    $script:oldRoot = $env:DOCKERPS_ROOT
    $env:DOCKERPS_ROOT = $root
    Import-Module (Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1') -Force
    if ($IsLinux -and (id -u) -eq '0') {
        $null = New-ContainerImage -Name tools -HostCommand sh, ls, cat, sleep, echo, env, id, hostname, sort -Command sh -ErrorAction Stop
    }
    function Get-Error([scriptblock] $Script) {
        $null = & $Script 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } -OutVariable found
        $found
    }
}

AfterAll {
    if ($IsLinux -and (id -u) -eq '0') { Get-Container -All -ErrorAction Ignore | Remove-Container -Force -ErrorAction Ignore }
    (Get-ContainerNetwork bridge -ErrorAction Ignore).Interface | Where-Object { $_ } | ForEach-Object { ip link delete $_ 2>$null }
    Remove-Module DockerPS -ErrorAction Ignore
    $env:DOCKERPS_ROOT = $oldRoot
    if (Test-Path $root) { Remove-Item $root -Recurse -Force -ErrorAction Ignore }
}

Describe 'Invoke-Container' -Skip:$skip {
    It 'writes standard output as strings in the pipeline' {
        $lines = Invoke-Container tools -AutoRemove -- sh -c 'echo one; echo two; printf three'
        $lines | Should -Be 'one', 'two', 'three'
        $LASTEXITCODE | Should -Be 0
    }

    It 'writes standard error to the information stream with the tag StdErr, never as an error' {
        $out = Invoke-Container tools -AutoRemove -InformationVariable info -ErrorVariable errors -- sh -c 'echo out; echo err >&2' 6>$null
        $out | Should -Be 'out'
        $errors | Should -BeNullOrEmpty
        $info.Tags | Should -Contain 'StdErr'
        "$($info.MessageData)" | Should -Be 'err'
    }

    It 'sets $LASTEXITCODE and writes an error that stops nothing' {
        $after = $false
        $errors = Get-Error { Invoke-Container tools -AutoRemove -- sh -c 'exit 3' }
        $after = $true
        $after | Should -BeTrue
        $global:LASTEXITCODE | Should -Be 3
        $errors.FullyQualifiedErrorId | Should -Be 'ContainerExitCode,DockerPS.Module.Commands.InvokeContainerCommand'
        $errors.Exception.ExitCode | Should -Be 3
        $errors.TargetObject | Should -BeOfType ([DockerPS.Container])
    }

    It 'returns one object with -AsResult, and no error' {
        $result = Invoke-Container tools -AutoRemove -AsResult -ErrorVariable errors -- sh -c 'echo a; echo b >&2; exit 5'
        $result.ExitCode | Should -Be 5
        $result.StdOut | Should -Be 'a'
        $result.StdErr | Should -Be 'b'
        $result.Duration | Should -BeGreaterThan ([TimeSpan]::Zero)
        $errors | Should -BeNullOrEmpty
    }

    It 'feeds the pipeline to standard input' {
        'b', 'a' | Invoke-Container tools -AutoRemove sort | Should -Be 'a', 'b'
    }

    It 'removes an -AutoRemove container and leaves none' {
        Invoke-Container tools -Name gone -AutoRemove true -ErrorAction Ignore
        (Get-Error { Get-Container gone }).FullyQualifiedErrorId | Should -Match '^ContainerNotFound,'
    }

    It 'returns the running container with -Detach' {
        $container = Invoke-Container tools -Name detached -Detach sleep 1000
        $container | Should -BeOfType ([DockerPS.Container])
        $container.State | Should -Be Running
        $container | Remove-Container -Force
    }

    It 'says 127 for a command that is not there, and leaves nothing with -AutoRemove' {
        $before = @(Get-Container -All).Count
        $errors = Get-Error { Invoke-Container -AutoRemove tools no-such-command }
        $errors.Count | Should -Be 1
        $global:LASTEXITCODE | Should -Be 127
        @(Get-Container -All).Count | Should -Be $before
    }

    It 'keeps the container of a failed start otherwise, as Docker does' {
        $null = Get-Error { Invoke-Container -Name failed-start tools no-such-command }
        (Get-Container failed-start).State | Should -Be Created
        Remove-Container failed-start -Confirm:$false
    }

    It 'refuses an unknown image' {
        (Get-Error { Invoke-Container no-such-image -Pull Never }).FullyQualifiedErrorId | Should -Be 'ImageNotFound,DockerPS.Module.Commands.InvokeContainerCommand'
    }

    It 'changes nothing with -WhatIf' {
        $before = @(Get-Container -All).Count
        Invoke-Container tools -WhatIf ls | Should -BeNullOrEmpty
        @(Get-Container -All).Count | Should -Be $before
    }

    It 'takes arguments with dashes after --, quoted, or as a list' {
        Invoke-Container tools -AutoRemove -- ls -d / | Should -Be '/'
        Invoke-Container tools -AutoRemove ls '-d' / | Should -Be '/'
        Invoke-Container tools -AutoRemove sh '-c' 'echo hi' | Should -Be 'hi'
        Invoke-Container tools -AutoRemove -Command ls, '-d', / | Should -Be '/'
    }

    It 'passes options on' {
        Invoke-Container tools -AutoRemove -Environment @{ A = 'b' } -- sh -c 'echo $A' | Should -Be 'b'
        Invoke-Container tools -AutoRemove -Hostname box hostname | Should -Be 'box'
        Invoke-Container tools -AutoRemove -User 1000:1000 -- id -u | Should -Be '1000'
    }
}

Describe 'The life of a container' -Skip:$skip {
    It 'goes from created to removed, and each verb is silent without -PassThru' {
        $made = New-Container tools -Name life -Command sleep, 1000 -Label @{ app = 'life' }
        $made.State | Should -Be Created
        Start-Container life | Should -BeNullOrEmpty
        (Get-Container life).State | Should -Be Running
        (Suspend-Container life -PassThru).State | Should -Be Paused
        (Resume-Container life -PassThru).State | Should -Be Running
        (Rename-Container life life2 -PassThru).Name | Should -Be 'life2'
        (Stop-Container life2 -GracePeriod 0 -PassThru).State | Should -Be Exited
        (Restart-Container life2 -PassThru).State | Should -Be Running
        Send-ContainerSignal life2 KILL
        (Wait-Container life2 -Timeout 20).ExitCode | Should -Be 137
        Get-Container -All -State Exited -Label app=life | Remove-Container
        Get-Container 'life*' -All | Should -BeNullOrEmpty
    }

    It 'finds by name, id prefix and pattern, in any state when literal' {
        $made = New-Container tools -Name findme
        (Get-Container findme).Id | Should -Be $made.Id
        (Get-Container $made.ShortId).Id | Should -Be $made.Id
        (Get-Container -All 'find*').Id | Should -Be $made.Id
        ($made | Get-Container).Id | Should -Be $made.Id
        Get-Container 'nothing-like-it*' | Should -BeNullOrEmpty
        $made | Remove-Container
    }

    It 'goes on after a bad item, which is an ObjectNotFound of its own' {
        $made = New-Container tools -Name good
        $found = Get-Container bad, good -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Name | Should -Be 'good'
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -Be 'ContainerNotFound,DockerPS.Module.Commands.GetContainerCommand'
        $errors[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $errors[0].TargetObject | Should -Be 'bad'
        Remove-Container bad, good -ErrorAction SilentlyContinue
        Get-Container good -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'is removed without a question, by name and in a pipeline, where nobody can answer' {
        # -NonInteractive makes any question an error.
        $errors = & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command "
            Import-Module '$PSScriptRoot/../module/DockerPS/DockerPS.psd1'
            `$null = New-Container tools -Name asked1; `$null = New-Container tools -Name asked2
            `$null = New-ContainerImage asked -HostCommand true
            Remove-Container asked1
            Get-Container asked2 | Remove-Container
            Remove-ContainerImage asked
            `$Error.Count"
        $errors | Should -Be 0
        Get-Container asked* -All | Should -BeNullOrEmpty
        Get-ContainerImage asked* | Should -BeNullOrEmpty
    }

    It 'changes nothing with -WhatIf' {
        $made = Invoke-Container tools -Name whatif -Detach sleep 1000
        Stop-Container whatif -WhatIf
        Remove-Container whatif -Force -WhatIf
        Rename-Container whatif other -WhatIf
        (Get-Container whatif).State | Should -Be Running
        $made | Remove-Container -Force
    }

    It 'refuses a taken name and a running container' {
        $made = Invoke-Container tools -Name taken -Detach sleep 1000
        (Get-Error { New-Container tools -Name taken }).CategoryInfo.Category | Should -Be ResourceExists
        @(Get-Error { Remove-Container taken }).Count | Should -Be 1
        (Get-Container taken).State | Should -Be Running
        $made | Remove-Container -Force
    }

    It 'stops many in the time of one' {
        1..4 | ForEach-Object { $null = Invoke-Container tools -Name "many$_" -Detach -- sh -c 'trap "" TERM; while :; do sleep 1; done' }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        Get-Container many* | Stop-Container -GracePeriod 2
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 6
        Get-Container many* -All | Remove-Container
    }

    It 'has Docker''s table and real properties' {
        $made = Invoke-Container tools -Name table -Detach sleep 1000
        $text = Get-Container table | Out-String -Width 200
        $text | Should -Match 'CONTAINER ID\s+IMAGE\s+COMMAND\s+CREATED\s+STATUS\s+PORTS\s+NAMES'
        $text | Should -Match "$($made.ShortId)\s+tools\s+`"sleep 1000`""
        Get-Container table | Format-Table Name, Image | Out-String | Should -Match 'table\s+tools'
        Get-Container table | Format-List | Out-String | Should -Match 'LogPath'
        $made | Remove-Container -Force
    }
}

Describe 'Invoke-ContainerCommand and Get-ContainerLog' -Skip:$skip {
    BeforeAll { $script:box = Invoke-Container tools -Name box -Detach -- sh -c 'echo first; echo second >&2; exec sleep 1000' }
    AfterAll { $box | Remove-Container -Force }

    It 'runs a command with the manners of Invoke-Container' {
        Invoke-ContainerCommand box echo hello | Should -Be 'hello'
        'x' | Invoke-ContainerCommand box cat | Should -Be 'x'
        $errors = Get-Error { Invoke-ContainerCommand box -- sh -c 'exit 4' }
        $errors.FullyQualifiedErrorId | Should -Be 'CommandExitCode,DockerPS.Module.Commands.InvokeContainerCommandCommand'
        $global:LASTEXITCODE | Should -Be 4
        (Get-Container box | Invoke-ContainerCommand -AsResult -Command echo, a).StdOut | Should -Be 'a'
    }

    It 'takes arguments with dashes after --, quoted, or as a list' {
        Invoke-ContainerCommand box -- ls -d / | Should -Be '/'
        Invoke-ContainerCommand box ls '-d' / | Should -Be '/'
        Invoke-ContainerCommand box sh '-c' 'echo hi' | Should -Be 'hi'
        Invoke-ContainerCommand box -Command ls, '-d', / | Should -Be '/'
    }

    It 'reads the log as objects' {
        $log = @(Get-ContainerLog box)
        $log.Line | Sort-Object | Should -Be 'first', 'second'
        ($log | Where-Object Stream -eq StdErr).Line | Should -Be 'second'
        (Get-ContainerLog box -Stream StdOut).Line | Should -Be 'first'
        @(Get-ContainerLog box -Tail 1).Count | Should -Be 1
        $log[0].Time | Should -BeOfType ([DateTimeOffset])
        $log[0] | Out-String | Should -Match '^\s*(first|second)\s*$'
    }

    It 'completes names, in under 50 ms' {
        $line = 'Stop-Container bo'
        $null = TabExpansion2 $line $line.Length
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $found = TabExpansion2 $line $line.Length
        $watch.ElapsedMilliseconds | Should -BeLessThan 50
        $found.CompletionMatches.CompletionText | Should -Contain 'box'
    }
}

Describe 'The files of a container' -Skip:$skip {
    BeforeAll {
        $null = Invoke-Container tools -Name writer -- sh -c 'echo hello > /greeting; : > /etc/passwd'
    }

    It 'are compared with its image, as objects that read like docker diff' {
        $changes = Compare-Container writer
        ($changes | Where-Object Kind -EQ Added).Path | Should -Be '/greeting'
        $changes[-1].Size | Should -Be 6
        $changes[-1].Mode | Should -Be '-rw-r--r--'
        ($changes | Where-Object Path -EQ /etc/passwd).Before.Size | Should -BeGreaterThan 0
        Get-Container writer | Compare-Container -Path /etc/* -Kind Modified | ForEach-Object ToString | Should -Be 'C /etc/passwd'
        $changes | Out-String -Width 120 | Should -Match 'KIND\s+MODE\s+OWNER\s+SIZE\s+PATH'
        Compare-Container nobody -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'ContainerNotFound,DockerPS.Module.Commands.CompareContainerCommand'
    }

    It 'become an image' {
        ConvertTo-ContainerImage writer written:0 -WhatIf
        Get-ContainerImage written* | Should -BeNullOrEmpty
        $image = ConvertTo-ContainerImage writer written:1 -Message note -Author me -Change 'CMD ["cat", "/greeting"]', 'ENV A=b'
        $image.Name | Should -Be 'written:1'
        Invoke-Container written:1 -AutoRemove | Should -Be hello
        (Get-ContainerImageHistory written:1)[0].Comment | Should -Be note
        $null = ConvertTo-ContainerImage writer written:2 -Change 'RUN x' -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'InvalidChange,DockerPS.Module.Commands.ConvertToContainerImageCommand'
        $null = 'writer', 'writer' | ConvertTo-ContainerImage -ImageName written:3 -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors.FullyQualifiedErrorId | Should -Be 'OneNameForSeveral,DockerPS.Module.Commands.ConvertToContainerImageCommand'
    }

    It 'are exported as a tar, each to a path that a script block makes' {
        $file = Get-Container writer | Export-Container -Path { "$root/$($_.Name).tar.gz" } -PassThru
        $file.Name | Should -Be writer.tar.gz
        tar -xzOf $file greeting | Should -Be hello
        Export-Container writer "$root/writer.tar.gz" -NoClobber -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].CategoryInfo.Category | Should -Be ResourceExists
    }
}

Describe 'Get-ContainerEngine' -Skip:$skip {
    It 'tells the store and the numbers' {
        $engine = Get-ContainerEngine
        $engine.Root | Should -Be $root
        $engine.Images | Should -BeGreaterOrEqual 1
    }
}
