BeforeDiscovery {
    $script:missing = @('docker-registry', 'skopeo').Where{ -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) }
    $script:skip = -not $IsLinux -or (id -u) -ne '0' -or $missing
    if ($skip) { Write-Warning "SKIPPED: pulling needs Linux, root, and Debian's packages docker-registry and skopeo (missing: $missing)." }
}

BeforeAll {
    $script:root = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-pull-$PID"
    $script:oldRoot = $env:DOCKERPS_ROOT
    $env:DOCKERPS_ROOT = Join-Path $root store
    $null = New-Item $root -ItemType Directory -Force
    Import-Module (Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1') -Force
    function Wait-Until([scriptblock] $Condition) {
        $limit = [DateTime]::UtcNow.AddSeconds(20)
        while (-not (& $Condition)) {
            if ([DateTime]::UtcNow -gt $limit) { throw "Not in 20 seconds: $Condition" }
            Start-Sleep -Milliseconds 20
        }
    }
    function Test-Answer { try { $null = Invoke-WebRequest "http://$server/v2/"; $true } catch { $false } }
    if ($IsLinux -and (id -u) -eq '0' -and (Get-Command docker-registry -ErrorAction Ignore) -and (Get-Command skopeo -ErrorAction Ignore)) {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $script:server = "localhost:$($listener.LocalEndpoint.Port)"
        $listener.Stop()
        "version: 0.1`nlog: {level: error}`nstorage: {filesystem: {rootdirectory: $root/registry}}`nhttp: {addr: '$server'}" | Set-Content "$root/registry.yml"
        $script:registry = Start-Process docker-registry serve, "$root/registry.yml" -PassThru -RedirectStandardError "$root/log" -RedirectStandardOutput "$root/out"
        Wait-Until { Test-Answer }
        $null = New-ContainerImage tools:1 -HostCommand sh, cat, sleep -Command sh
        foreach ($tag in '1', '2') {
            skopeo copy -q --dest-tls-verify=false "oci:$env:DOCKERPS_ROOT/content:tools:1" "docker://$server/team/tools:$tag"
        }
        Remove-ContainerImage tools:1
    }
}

AfterAll {
    Get-Container -All -ErrorAction Ignore | Remove-Container -Force -ErrorAction Ignore
    if ($script:registry) { Stop-Process $registry; $registry.WaitForExit() }
    (Get-ContainerNetwork bridge -ErrorAction Ignore).Interface | Where-Object { $_ } | ForEach-Object { ip link delete $_ 2>$null }
    Remove-Module DockerPS -ErrorAction Ignore
    $env:DOCKERPS_ROOT = $oldRoot
    Remove-Item $root -Recurse -Force -ErrorAction Ignore
}

Describe 'Pulling' -Skip:$skip {
    BeforeEach { Get-ContainerImage | Remove-ContainerImage -Force }

    It 'gives the image as an object' {
        $image = Request-ContainerImage "$server/team/tools:1"
        $image | Should -BeOfType ([DockerPS.ContainerImage])
        $image.Reference | Should -Be "$server/team/tools:1"
        $image.Digest | Should -Match '^sha256:[0-9a-f]{64}$'
        (Get-ContainerImage "$server/team/tools@$($image.Digest)").Id | Should -Be $image.Id
        Invoke-Container $image.Name -AutoRemove cat /etc/passwd | Select-Object -First 1 | Should -Match '^root:'
    }

    It 'is done by Docker''s word and from the pipeline, all tags too' {
        ("$server/team/tools:1", "$server/team/tools:2" | Pull-ContainerImage).Count | Should -Be 2
        (Request-ContainerImage "$server/team/tools" -AllTags).Tag | Sort-Object | Should -Be '1', '2'
    }

    It 'changes nothing with -WhatIf' {
        Request-ContainerImage "$server/team/tools:1" -WhatIf
        Get-ContainerImage | Should -BeNullOrEmpty
    }

    It 'of one that is not there is that one''s error, and the others come' {
        $images = "$server/team/none:1", "$server/team/tools:1", "Team/Tools:1" |
            Request-ContainerImage -ErrorVariable errors -ErrorAction SilentlyContinue
        $images.Reference | Should -Be "$server/team/tools:1"
        $errors.FullyQualifiedErrorId | Should -Be @(
            'RemoteImageNotFound,DockerPS.Module.Commands.RequestContainerImageCommand'
            'InvalidReference,DockerPS.Module.Commands.RequestContainerImageCommand')
        $errors[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $errors[0].TargetObject | Should -Be "$server/team/none:1"
        $errors[0].Exception.Status | Should -Be 404
        $errors[0].Exception.Registry | Should -Be $server
    }

    It 'is done for a container whose image is not there, unless it must not be' {
        Invoke-Container "$server/team/tools:1" -AutoRemove -Pull Never -ErrorVariable errors -ErrorAction SilentlyContinue sh -c 'echo hi'
        $errors[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,DockerPS.Module.Commands.InvokeContainerCommand'
        Invoke-Container "$server/team/tools:1" -AutoRemove sh -c 'echo hi' | Should -Be 'hi'
        Invoke-Container "$server/team/tools:1" -AutoRemove -Pull Always sh -c 'echo hi' | Should -Be 'hi'
        New-Container "$server/team/tools:2" -Platform linux/s390x -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'PlatformNotFound,DockerPS.Module.Commands.NewContainerCommand'
    }

    It 'shows a bar for all and one for each layer' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$PSScriptRoot/../module/DockerPS/DockerPS.psd1'; Request-ContainerImage $server/team/tools:1")
            $null = $shell.Invoke()
            $records = $shell.Streams.Progress | Where-Object Activity -NotLike 'Preparing*'
            @($records | Where-Object Activity -eq "Pulling $server/team/tools:1" | Where-Object StatusDescription -Match ' of .*B.* layers done').Count | Should -BeGreaterThan 0
            @($records | Where-Object ParentActivityId -eq 1 | Where-Object StatusDescription -Match '^(Downloading|Unpacking) .*B of .*B').Count | Should -BeGreaterThan 0
            ($records | Group-Object ActivityId).ForEach{ $_.Group[-1].RecordType } | Select-Object -Unique | Should -Be Completed
        }
        finally { $shell.Dispose() }
    }

    It 'completes platforms' {
        $line = 'Request-ContainerImage app -Platform linux/ar'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'linux/arm64'
    }
}

Describe 'Testing images' -Skip:$skip {
    It 'finds what is damaged and repairs it from the registry' {
        $image = Request-ContainerImage "$server/team/tools:1"
        (Test-ContainerImage).IsValid | Should -BeTrue
        $blob = Get-ChildItem "$env:DOCKERPS_ROOT/content/blobs/sha256" | Sort-Object Length | Select-Object -Last 1
        Set-Content $blob.FullName damaged
        $check = $image | Test-ContainerImage
        $check.IsValid | Should -BeFalse
        $check.Problems[0].Part | Should -Be Layer
        $check.Problems[0].Digest | Should -Be "sha256:$($blob.Name)"
        (Test-ContainerImage $image.Name -Repair).Problems[0].Repaired | Should -BeTrue
        (Test-ContainerImage $image.Name).Problems | Should -BeNullOrEmpty
        $check | Out-String -Width 200 | Should -Match 'IMAGE\s+IMAGE ID\s+VALID\s+CHECKED\s+PROBLEMS'
    }
}
