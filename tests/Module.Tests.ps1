BeforeAll {
    $script:manifest = Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1'
    $script:root = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-module-$PID"
    $script:oldRoot = $env:DOCKERPS_ROOT
    $env:DOCKERPS_ROOT = $root
    Import-Module $manifest -Force
}

AfterAll {
    Remove-Module DockerPS -ErrorAction Ignore
    $env:DOCKERPS_ROOT = $oldRoot
    if (Test-Path $root) { Remove-Item $root -Recurse -Force }
}

Describe 'Module DockerPS' {
    It 'has a valid manifest' {
        { Test-ModuleManifest $manifest -ErrorAction Stop -WarningAction Stop } | Should -Not -Throw
    }

    It 'exports what the manifest says' {
        $data = Import-PowerShellDataFile $manifest
        $module = Get-Module DockerPS
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
        $module.ExportedAliases.Keys | Sort-Object | Should -Be ($data.AliasesToExport | Sort-Object)
        $module.ExportedFunctions.Count | Should -Be 0
    }

    It 'imports with a prefix' {
        $names = & (Get-Process -Id $PID).Path -NoProfile -Command "
            Import-Module '$manifest' -Prefix My
            (Get-Command Get-MyContainer, Inspect-MyContainer).Count"
        $names | Should -Be 2
    }

    It 'imports in under 150 ms in a warm machine, and touches no store' {
        $untouched = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-untouched-$PID"
        # Time of all processors that the import has used, so that work of others does not count; the compiler's threads do count.
        # The best of five, because a machine with cold caches, or a processor shared with others, takes longer for the same work.
        $times = 1..5 | ForEach-Object {
            & (Get-Process -Id $PID).Path -NoProfile -Command "
                `$env:DOCKERPS_ROOT = '$untouched'
                `$null = Get-Command Import-Module
                `$before = [Environment]::CpuUsage.TotalTime
                Import-Module '$manifest'
                ([Environment]::CpuUsage.TotalTime - `$before).TotalMilliseconds"
        }
        $times.Count | Should -Be 5
        ($times | Measure-Object -Minimum).Minimum | Should -BeLessThan 150
        $untouched | Should -Not -Exist
    }

    It 'keeps its packages out of the default load context, and shares its types' {
        $default = [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach{ $_.GetName().Name }
        $default | Should -Contain 'DockerPS'
        $default | Should -Not -Contain 'DockerPS.Engine'
        $default | Should -Not -Contain 'Microsoft.Data.Sqlite'
        (Get-Command Get-Container).OutputType.Type | Should -Be ([DockerPS.Container])
    }

    It 'can be removed and imported again' {
        Remove-Module DockerPS
        # Where the module is on PSModulePath, asking for the command would load it again.
        $global:PSModuleAutoLoadingPreference = 'None'
        try { Get-Command Get-Container -ErrorAction Ignore | Should -BeNullOrEmpty }
        finally { Remove-Variable PSModuleAutoLoadingPreference -Scope Global }
        Import-Module $manifest
        Get-Command Get-Container | Should -Not -BeNullOrEmpty
        (Get-Command Inspect-Container).Definition | Should -Be 'Get-Container'
        Import-Module $manifest -Force
        (Get-Module DockerPS).ExportedCmdlets.Count | Should -Be 61
        (Get-Module DockerPS).ExportedAliases.Count | Should -Be 32
    }

    It 'has help with examples for <_>' -ForEach (Import-PowerShellDataFile "$PSScriptRoot/../module/DockerPS/DockerPS.psd1").CmdletsToExport {
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.examples.example.Count | Should -BeGreaterOrEqual 2
        Get-Help $_ -Examples | Out-String | Should -Match $_
    }

    It 'has an about topic' {
        Get-Help about_DockerPS | Should -Match 'without a daemon'
    }

    It 'converts public values from texts and hashtables' {
        ([DockerPS.ContainerMount]'/a:/b:ro').ReadOnly | Should -BeTrue
        ([DockerPS.ContainerMount]@{ Type = 'Tmpfs'; Target = '/x'; TmpfsSize = 64MB }).TmpfsSize.Bytes | Should -Be 64MB
        ([DockerPS.ContainerUlimit]'nofile=1:2').Hard | Should -Be 2
        ([DockerPS.ContainerDevice]'/dev/fuse').Permissions | Should -Be 'rwm'
        ([DockerPS.ByteSize]'512m').Bytes | Should -Be 512MB
    }
}
