BeforeDiscovery {
    $script:skip = -not $IsLinux -or (id -u) -ne '0' -or @(Get-Command docker-registry, htpasswd, openssl -ErrorAction Ignore).Count -lt 3
    if ($skip) { Write-Warning 'SKIPPED: registries need Linux, root, and docker-registry, htpasswd and openssl.' }
}

BeforeAll {
    $script:root = Join-Path ([System.IO.Path]::GetTempPath()) "dockerps-pester-registry-$PID"
    $script:old = $env:DOCKERPS_ROOT, $env:DOCKER_CONFIG, $env:XDG_CONFIG_HOME, $env:REGISTRY_AUTH_FILE
    $env:DOCKERPS_ROOT = Join-Path $root store
    $env:DOCKER_CONFIG = Join-Path $root docker
    $env:XDG_CONFIG_HOME = Join-Path $root config
    $null = New-Item $root -ItemType Directory -Force
    Import-Module (Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1') -Force

    if (Get-Command docker-registry -ErrorAction Ignore) {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start(); $script:port = $listener.LocalEndpoint.Port; $listener.Stop()
        $script:registry = "localhost:$port"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $root/key -out $root/crt -days 2 -subj /CN=localhost -addext 'subjectAltName=DNS:localhost' 2>$null
        htpasswd -nbB alice s3cret | Set-Content $root/htpasswd
        @"
version: 0.1
log: { level: warn }
storage:
  filesystem: { rootdirectory: $root/storage }
http:
  addr: 127.0.0.1:$port
  tls: { certificate: $root/crt, key: $root/key }
auth:
  htpasswd: { realm: test, path: $root/htpasswd }
"@ | Set-Content $root/config.yml
        $script:process = Start-Process docker-registry -ArgumentList serve, $root/config.yml -PassThru -RedirectStandardOutput $root/out -RedirectStandardError $root/err
        $limit = [DateTime]::UtcNow.AddSeconds(30)
        do {
            try { [System.Net.Sockets.TcpClient]::new('127.0.0.1', $port).Dispose(); $up = $true }
            catch { $up = $false; $null = [System.Threading.Thread]::Yield() }
        } until ($up -or [DateTime]::UtcNow -gt $limit)
    }
    # Only now: the registry takes variables of its own environment that begin so for its settings.
    $env:REGISTRY_AUTH_FILE = Join-Path $root auth.json
    $script:alice = [pscredential]::new('alice', (ConvertTo-SecureString s3cret -AsPlainText -Force))
    $script:wrong = [pscredential]::new('alice', (ConvertTo-SecureString nope -AsPlainText -Force))
    function Get-ErrorId([scriptblock] $Script) {
        $ErrorActionPreference = 'Stop'
        try { $null = & $Script } catch { ($_.FullyQualifiedErrorId -split ',')[0] }
    }
}

AfterAll {
    if ($process) { $process.Kill(); $process.WaitForExit() }
    Remove-Module DockerPS -ErrorAction Ignore
    $env:DOCKERPS_ROOT, $env:DOCKER_CONFIG, $env:XDG_CONFIG_HOME, $env:REGISTRY_AUTH_FILE = $old
    Remove-Item $root -Recurse -Force -ErrorAction Ignore
}

Describe 'Registries' -Skip:$skip {
    BeforeAll { $script:image = New-ContainerImage "$registry/tools:1" -HostCommand sh }

    It 'are not trusted before their authority is' {
        Get-ErrorId { Connect-ContainerRegistry $registry -Credential $alice } | Should -Be RegistryCertificateUntrusted
        $directory = New-Item (Join-Path $env:XDG_CONFIG_HOME docker/certs.d $registry) -ItemType Directory -Force
        Copy-Item $root/crt $directory/ca.crt
        Get-ErrorId { Connect-ContainerRegistry $registry -Credential $wrong } | Should -Be RegistryUnauthorized
        Join-Path $env:DOCKER_CONFIG config.json | Should -Not -Exist
    }

    It 'are logged in to, pushed to and asked' {
        Get-ErrorId { Submit-ContainerImage "$registry/tools:1" } | Should -Be RegistryUnauthorized
        (Submit-ContainerImage "$registry/tools:1" -Credential $alice).Uploaded | Should -Be 2
        $login = Connect-ContainerRegistry $registry -Credential $alice
        $login.UserName | Should -Be alice
        $login.Store | Should -Be (Join-Path $env:DOCKER_CONFIG config.json)
        $pushed = $image | Push-ContainerImage -Destination "$registry/tools:2"
        $pushed.Existing | Should -Be 2
        (Get-ContainerImageTag $registry/tools).Tag | Sort-Object | Should -Be 1, 2
        (Get-ContainerImageTag $registry/tools 2 -IncludeDigest).Digest | Should -Be $pushed.Digest
        (Find-ContainerImage -Registry $registry).Name | Should -Be "$registry/tools"
        $remote = Get-ContainerImage -Remote "$registry/tools:2"
        $remote.Id | Should -Be $image.Id
        $remote.Digest | Should -Be $pushed.Digest
        $remote.Size | Should -Be $pushed.Size
        $remote.Platforms.Platform | Should -Be $image.Platform
    }

    It 'change nothing with -WhatIf' {
        Submit-ContainerImage "$registry/tools:1" "$registry/tools:3" -WhatIf
        (Get-ContainerImageTag $registry/tools).Tag | Should -Not -Contain 3
        Disconnect-ContainerRegistry $registry -WhatIf
        Get-Content (Join-Path $env:DOCKER_CONFIG config.json) -Raw | Should -Match $registry
    }

    It 'tell what is wrong, and go on with what is right' {
        $found = 'none:1', 'tools:1' | ForEach-Object { "$registry/$_" } | Get-ContainerImage -Remote -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Reference | Should -Be "$registry/tools:1"
        $errors[0].FullyQualifiedErrorId | Should -Be 'RemoteImageNotFound,DockerPS.Module.Commands.GetContainerImageCommand'
        $errors[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $errors[0].Exception.Status | Should -Be 404
        $errors[0].Exception.Code | Should -Be MANIFEST_UNKNOWN
        $errors[0].Exception.Registry | Should -Be $registry
        Get-ErrorId { Get-ContainerImage -Remote "$registry/Tools:1" } | Should -Be InvalidReference
        Get-ErrorId { Get-ContainerImage -Remote "$registry/tools:1" -Platform linux/s390x } | Should -Be PlatformNotFound
        Get-ErrorId { Submit-ContainerImage nothing-like-this } | Should -Be ImageNotFound
        Get-ErrorId { Find-ContainerImage x -Registry 'no registry' } | Should -Be InvalidRegistry
    }

    It 'take the name of a secret where SecretManagement is installed' {
        function global:Get-Secret { param($Name) if ($Name -eq 'hub') { [pscredential]::new('alice', (ConvertTo-SecureString s3cret -AsPlainText -Force)) } }
        try { (Connect-ContainerRegistry $registry -Credential hub).UserName | Should -Be alice }
        finally { Remove-Item function:Get-Secret }
    }

    It 'are completed and logged out of' {
        (TabExpansion2 'Disconnect-ContainerRegistry local').CompletionMatches.CompletionText | Should -Contain $registry
        Disconnect-ContainerRegistry $registry | Should -BeNullOrEmpty
        Get-ErrorId { Disconnect-ContainerRegistry $registry } | Should -Be LoginNotFound
        Get-ErrorId { Get-ContainerImageTag $registry/tools } | Should -Be RegistryUnauthorized
    }
}
