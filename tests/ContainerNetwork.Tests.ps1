#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    $script:cannotRun = -not $IsLinux -or [Environment]::UserName -ne 'root' -or -not (Test-Path /bin/busybox)
    $script:noRules = -not (Get-ChildItem /usr/lib, /usr/lib64, /lib -Recurse -Depth 1 -Filter libnftables.so.1 -ErrorAction Ignore)
}

Describe 'Networks' -Skip:$cannotRun {
    BeforeAll {
        $env:DOCKERPS_ROOT = Join-Path ([IO.Path]::GetTempPath()) "dockerps-pester-$([Guid]::NewGuid().ToString('N').Substring(0, 8))"
        Import-Module (Join-Path $PSScriptRoot '../module/DockerPS/DockerPS.psd1') -Force
        $null = New-ContainerImage net:1 -HostCommand busybox, sh, sleep, cat, echo
        $null = New-ContainerNetwork back -Subnet 10.213.1.0/24 -IPv6 -Label tier=data
        $null = New-ContainerNetwork front
        $serve = 'exec busybox nc -ll -p 8000 -e busybox echo served'
        function Start-Box([string] $Name, [string] $Network, [string] $Script = 'sleep 1000', [hashtable] $More = @{}) {
            Invoke-Container net:1 -Name $Name -Network $Network -Detach @More -- sh -c $Script
        }
        function Get-ErrorId([scriptblock] $Action) {
            $problem = @(& $Action 2>&1 | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
            $problem.FullyQualifiedErrorId -replace ',.*'
        }
        function Read-Port([string] $From, [string] $Address) {
            Invoke-ContainerCommand $From sh -c "for i in 1 2 3 4 5; do busybox nc -w 1 $Address 8000 </dev/null && exit; sleep 0.2; done"
        }
        $null = Start-Box server back "busybox httpd -p 8080 -h /; $serve" @{ NetworkAlias = 'nick' }
        $null = Start-Box client back
        $null = Start-Box stranger front
    }

    AfterAll {
        Get-Container -All | Remove-Container -Force
        Clear-ContainerNetwork
        Remove-Module DockerPS
        Remove-Item -Recurse -Force $env:DOCKERPS_ROOT
        $env:DOCKERPS_ROOT = $null
    }

    Context 'as objects' {
        It 'makes, lists and removes networks' {
            $made = New-ContainerNetwork one, two -Internal -Label a=b
            $made.Name | Should -Be one, two
            $made.Internal | Should -Be $true, $true
            (Get-ContainerNetwork t*).Name | Should -Be two
            (Get-ContainerNetwork $made[0].ShortId).Name | Should -Be one
            (Get-ContainerNetwork -Label a=b).Name | Should -Be one, two
            (Get-ContainerNetwork -Dangling).Name | Should -Be one, two
            Remove-ContainerNetwork one -WhatIf
            (Get-ContainerNetwork one).Name | Should -Be one
            'one' | Remove-ContainerNetwork
            Remove-ContainerNetwork one -Force
            (Clear-ContainerNetwork).Name | Should -Be two
            (Get-ContainerNetwork).Name | Should -Be back, bridge, front, host, none
        }

        It 'tells who is in a network, with both addresses' {
            $network = Get-ContainerNetwork back
            $network.Containers.Container | Should -Be client, server
            $network.Subnets[0].Subnet | Should -Be 10.213.1.0/24
            $network.IPv6 | Should -BeTrue
            $network.Containers.IPAddress.IPAddressToString | Should -Be 10.213.1.3, 10.213.1.2
            $network.Containers[0].IPv6Address | Should -Not -BeNullOrEmpty
            $network | Out-String | Should -Match 'NETWORK ID\s+NAME\s+DRIVER'
        }

        It 'completes names of networks' {
            foreach ($line in 'Remove-ContainerNetwork bac', 'New-Container net:1 -Network bac', 'Set-ContainerNetwork client -Network bac') {
                (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain back
            }
        }
    }

    Context 'reached' {
        It 'knows containers by name, alias and address of both versions' {
            Invoke-ContainerCommand client busybox nslookup server 127.0.0.11 | Out-String | Should -Match '10\.213\.1\.2'
            Invoke-ContainerCommand client busybox nslookup nick 127.0.0.11 | Out-String | Should -Match '10\.213\.1\.2'
            Read-Port client 10.213.1.2 | Should -Be served
            Read-Port client "$((Get-ContainerNetwork back).Containers.Where{ $_.Container -eq 'server' }.IPv6Address)" | Should -Be served
        }

        It 'connects and disconnects containers while they run' {
            $place = Get-Container stranger | Connect-ContainerNetwork back -Alias guest -IPAddress 10.213.1.77 -PassThru
            "$($place.IPAddress)" | Should -Be 10.213.1.77
            $place.Aliases | Should -Be guest
            Read-Port stranger server | Should -Be served
            (Disconnect-ContainerNetwork back stranger -PassThru).Name | Should -Be stranger
            (Get-ContainerNetwork back).Containers.Container | Should -Not -Contain stranger
            Connect-ContainerNetwork back stranger -WhatIf
            (Get-ContainerNetwork back).Containers.Container | Should -Not -Contain stranger
        }

        It 'publishes ports' {
            $null = Start-Box published back 'busybox httpd -p 8000 -h /; sleep 1000' @{ Publish = '127.0.0.1:0:8000', '0:8001/udp' }
            try {
                $port = Get-ContainerPort published 8000
                $port.Container | Should -Be published
                $port.HostAddress | Should -Be 127.0.0.1
                $port.HostPort | Should -BeGreaterThan 0
                (Get-ContainerPort published).Protocol | Should -Be Tcp, Udp
                $limit = [Diagnostics.Stopwatch]::StartNew()
                while (-not (Test-ContainerNetwork client published 8000 -Quiet) -and $limit.Elapsed.TotalSeconds -lt 10) { Start-Sleep -Milliseconds 50 }
                $client = [Net.Sockets.TcpClient]::new('127.0.0.1', $port.HostPort)
                $client.Client.Send([Text.Encoding]::ASCII.GetBytes("GET / HTTP/1.0`r`n`r`n")) | Should -BeGreaterThan 0
                [IO.StreamReader]::new($client.GetStream()).ReadLine() | Should -BeLike 'HTTP/*'
                $client.Dispose()
                Get-ErrorId { New-Container net:1 -Name taken -Publish "127.0.0.1:$($port.HostPort):80" -- sleep 1 | Start-Container } | Should -Be PortTaken
            }
            finally { Remove-Container published, taken -Force -ErrorAction Ignore }
        }

        It 'has no way out of an internal network' {
            $null = New-ContainerNetwork inside -Internal
            $null = Start-Box lonely inside
            Invoke-ContainerCommand lonely busybox ip route | Should -Not -Match default
            (Test-ContainerNetwork lonely 192.0.2.1).Where{ -not $_.Passed }.Check | Should -Be Route
            Remove-Container lonely -Force
            Remove-ContainerNetwork inside
        }
    }

    Context 'tested' {
        It 'says that all is well, and that a port is not' {
            $checks = Test-ContainerNetwork -From client -To server -Port 8080
            $checks.Check | Should -Be Link, Address, Route, Name, Port
            $checks.Passed | Should -Not -Contain $false
            $checks | Out-String -Width 120 | Should -Match 'CHECK\s+PASSED\s+MESSAGE'
            Test-ContainerNetwork client server 8080 -Quiet | Should -BeTrue
            $bad = Test-ContainerNetwork client server 81
            $bad.Where{ -not $_.Passed }.Check | Should -Be Port
            $bad[-1].Message | Should -Match 'no program .* 81.*8080'
            Test-ContainerNetwork client server 81 -Quiet | Should -BeFalse
        }

        It 'says that they share no network, and takes containers from the pipeline' {
            $checks = Get-Container client, stranger | Test-ContainerNetwork -To server
            $checks.Where{ $_.From -eq 'client' }.Passed | Should -Not -Contain $false
            $link = $checks.Where{ $_.From -eq 'stranger' }
            $link.Check | Should -Be Link
            $link.Passed | Should -BeFalse
            $link.Message | Should -Match 'Connect-ContainerNetwork front server'
        }

        It 'refuses what it cannot test' {
            Get-ErrorId { Test-ContainerNetwork nobody server } | Should -Be ContainerNotFound
            { Test-ContainerNetwork client server 99999 -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidPort,*'
            { Test-ContainerNetwork client server -Timeout soon -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidTimeout,*'
        }
    }

    Context 'made worse' -Skip:$noRules {
        AfterEach { Get-Container | Where-Object Network -ne none | Set-ContainerNetwork -Reset }

        It 'loses, limits and tells what is in effect' {
            Set-ContainerNetwork client -Loss 5% -Rate 10Mbit -For 1h -WhatIf
            (Get-Container client).Faults | Should -BeNullOrEmpty
            Set-ContainerNetwork client -Loss 5% -Rate 10Mbit -For 1h | Should -BeNullOrEmpty
            $faults = (Get-Container client).Faults
            $faults.Kind | Should -Be Rate, Loss
            $faults.Value | Should -Be 10Mbit, 5%
            $faults[0].Until | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddMinutes(50))
            Get-Container client | Format-List | Out-String | Should -Match 'Faults.*rate 10Mbit'
            (Set-ContainerNetwork client -Loss 0.5 -Peer server -PassThru).Value | Should -Be 10Mbit, 50%
            (Set-ContainerNetwork client -Loss 7 -Rate 1MB -PassThru).Value | Should -Be 8.39Mbit, 7%
            Set-ContainerNetwork client -Reset -PassThru | Should -BeNullOrEmpty
        }

        It 'cuts one off from another until the time is over' {
            Get-Container client | Set-ContainerNetwork -Partition -Peer server -For 3s
            $checks = Test-ContainerNetwork client server 8080 -Timeout 300ms
            $checks.Where{ -not $_.Passed }.Check | Should -Be Port
            $checks[-1].Message | Should -Match 'partition.*Set-ContainerNetwork client -Reset'
            $limit = [Diagnostics.Stopwatch]::StartNew()
            while ((Get-Container client).Faults -and $limit.Elapsed.TotalSeconds -lt 10) { Start-Sleep -Milliseconds 50 }
            Test-ContainerNetwork client server 8080 -Quiet | Should -BeTrue
        }

        It 'takes patterns, and the networks that are named' {
            Set-ContainerNetwork cl*, ser* -Network back -Partition
            (Get-Container client, server).Faults.Network | Should -Be back, back
            Set-ContainerNetwork cl*, ser* -Partition:$false
            (Get-Container client, server).Faults | Should -BeNullOrEmpty
        }

        It 'makes latency, or says what it lacks and changes nothing' {
            $faults = Set-ContainerNetwork client -Latency 200ms -Jitter 20ms -Loss 1% -PassThru -ErrorAction SilentlyContinue -ErrorVariable problem
            if ($problem) {
                $problem.FullyQualifiedErrorId | Should -BeLike 'LatencyNotSupported,*'
                $problem.CategoryInfo.Category | Should -Be NotImplemented
                (Get-Container client).Faults | Should -BeNullOrEmpty
            }
            else { $faults.Value | Should -Be 1%, '200ms ± 20ms' }
        }

        It 'refuses <Call> as <Id>' -ForEach @(
            @{ Call = 'client -Loss 500%'; Id = 'InvalidLoss' }
            @{ Call = 'client -Loss some'; Id = 'InvalidLoss' }
            @{ Call = 'client -Rate fast'; Id = 'InvalidRate' }
            @{ Call = 'client -Rate 10Mbps'; Id = 'InvalidRate' }
            @{ Call = 'client -Rate -5'; Id = 'InvalidRate' }
            @{ Call = 'client -Latency long'; Id = 'InvalidLatency' }
            @{ Call = 'client -Jitter 5ms'; Id = 'InvalidJitter' }
            @{ Call = 'client -Partition -For ever'; Id = 'InvalidDuration' }
            @{ Call = 'client -Partition -For 0'; Id = 'InvalidDuration' }
            @{ Call = 'client'; Id = 'FaultMissing' }
            @{ Call = 'client -Rate 1MB -Peer server'; Id = 'PeerNotSupported' }
            @{ Call = 'client -Loss 5% -Peer stranger'; Id = 'PeerNotConnected' }
            @{ Call = 'client -Loss 5% -Network front'; Id = 'NotConnected' }
            @{ Call = 'client -Loss 5% -Network nothing'; Id = 'NetworkNotFound' }
            @{ Call = 'nobody -Loss 5%'; Id = 'ContainerNotFound' }
        ) {
            { Invoke-Expression "Set-ContainerNetwork $Call -ErrorAction Stop" } | Should -Throw -ErrorId "$Id,*"
            (Get-Container client).Faults | Should -BeNullOrEmpty
        }
    }

    Context 'with bad input' {
        It 'refuses <Call> as <Id>' -ForEach @(
            @{ Call = 'New-ContainerNetwork over -Subnet 10.213.0.0/16'; Id = 'SubnetOverlaps' }
            @{ Call = 'New-ContainerNetwork bad -Subnet 10.300.0.0/16'; Id = 'InvalidSubnet' }
            @{ Call = 'New-ContainerNetwork bad -Subnet 10.214.0.0/16 -Gateway 10.215.0.1'; Id = 'InvalidGateway' }
            @{ Call = 'New-ContainerNetwork bad -Option @{ colour = 1 }'; Id = 'InvalidNetworkOption' }
            @{ Call = 'New-ContainerNetwork "two words"'; Id = 'InvalidNetworkName' }
            @{ Call = 'New-ContainerNetwork back'; Id = 'NetworkNameTaken' }
            @{ Call = 'Remove-ContainerNetwork back'; Id = 'NetworkInUse' }
            @{ Call = 'Remove-ContainerNetwork bridge'; Id = 'NetworkPredefined' }
            @{ Call = 'Remove-ContainerNetwork nothing'; Id = 'NetworkNotFound' }
            @{ Call = 'Get-ContainerNetwork nothing'; Id = 'NetworkNotFound' }
            @{ Call = 'New-Container net:1 -Name refused -Network nothing -Command sleep, 1'; Id = 'NetworkNotFound' }
            @{ Call = 'New-Container net:1 -Name refused -Network back -NetworkAlias "two words" -Command sleep, 1'; Id = 'InvalidNetworkAlias' }
            @{ Call = 'New-Container net:1 -Name refused -Network back -IPAddress 10.213.1.2 -Command sleep, 1'; Id = 'AddressTaken' }
            @{ Call = 'New-Container net:1 -Name refused -Network back -IPAddress 10.9.9.9 -Command sleep, 1'; Id = 'InvalidIPAddress' }
            @{ Call = 'New-Container net:1 -Name refused -Network back -MacAddress some -Command sleep, 1'; Id = 'InvalidMacAddress' }
            @{ Call = 'New-Container net:1 -Name refused -Publish 80:x -Command sleep, 1'; Id = 'InvalidPort' }
            @{ Call = 'Connect-ContainerNetwork front client -Alias "two words"'; Id = 'InvalidNetworkAlias' }
            @{ Call = 'Connect-ContainerNetwork back client'; Id = 'AlreadyConnected' }
            @{ Call = 'Connect-ContainerNetwork nothing client'; Id = 'NetworkNotFound' }
            @{ Call = 'Connect-ContainerNetwork front nobody'; Id = 'ContainerNotFound' }
            @{ Call = 'Disconnect-ContainerNetwork front client'; Id = 'NotConnected' }
        ) {
            { Invoke-Expression "$Call -ErrorAction Stop" } | Should -Throw -ErrorId "$Id,*"
            (Get-ContainerNetwork).Name | Should -Be back, bridge, front, host, none
            (Get-Container -All).Name | Should -Not -Contain refused
            (Get-ContainerNetwork front).Containers.Container | Should -Be stranger
        }

        It 'says when all addresses of a network are given' {
            $null = New-ContainerNetwork small -Subnet 10.213.9.0/30
            $null = New-Container net:1 -Name only -Network small -- sleep 1
            Get-ErrorId { New-Container net:1 -Name refused -Network small -- sleep 1 } | Should -Be AddressesExhausted
            (Get-Container -All).Name | Should -Not -Contain refused
            Remove-Container only
            Remove-ContainerNetwork small
        }

        It 'goes on with the others when one item is bad' {
            $null = New-ContainerNetwork free
            Remove-ContainerNetwork back, free -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'NetworkInUse,*'
            (Get-ContainerNetwork).Name | Should -Not -Contain free
        }
    }
}
