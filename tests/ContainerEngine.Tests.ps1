BeforeDiscovery {
    $script:skip = if (-not $IsLinux) { 'not Linux' } elseif ((id -u) -ne 0) { 'not root' }
    if ($skip) { Write-Warning "SKIPPED: Test-ContainerEngine runs containers, which this session cannot: $skip." }
}

BeforeAll {
    $script:root = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-engine-$PID"
    $script:oldRoot = $env:DOCKERPS_ROOT
    $env:DOCKERPS_ROOT = $root
    Import-Module (Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1') -Force
}

AfterAll {
    Remove-Module DockerPS -ErrorAction Ignore
    $env:DOCKERPS_ROOT = $oldRoot
    if (Test-Path $root) { Remove-Item $root -Recurse -Force }
}

Describe 'The engine and its machine' {
    It 'says what the machine offers, and what brings what is missing' {
        $features = (Get-ContainerEngine).Features
        $features.Name | Should -Contain 'Cgroups'
        $features.Name | Should -Contain 'Seccomp'
        foreach ($missing in $features | Where-Object -Not Available) { $missing.Remedy | Should -Not -BeNullOrEmpty }
    }

    It 'runs checks by name and pattern' -Skip:([bool]$skip) {
        $checks = Test-ContainerEngine Run, *Namespace
        $checks.Name | Should -Contain 'PidNamespace'
        $checks.Name | Should -Not -Contain 'CpuLimit'
        $checks | Where-Object -Not Passed | Should -BeNullOrEmpty
        Get-ContainerImage | Should -BeNullOrEmpty
    }

    It 'refuses a check that is not there' {
        Test-ContainerEngine nosuch -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'CheckNotFound,*'
    }

    It 'lists the runtimes, its own first, and completes their names' {
        $runtimes = (Get-ContainerEngine).Runtimes
        $runtimes[0].Name | Should -Be 'dockerps-runtime'
        $line = 'New-Container tools -Runtime '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be $runtimes.Name
        New-Container tools -Runtime nosuch -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -Match '^(RuntimeNotFound|ImageNotFound|NotRoot),'
    }

    It 'completes the names of checks' {
        (TabExpansion2 'Test-ContainerEngine Memo' 25).CompletionMatches.CompletionText | Should -Be 'MemoryLimit'
    }
}
