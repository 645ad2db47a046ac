using Xunit;

namespace DockerPS.Units.Module;

/// <summary>The everyday options take Docker's text or a native type, and both mean the same.</summary>
public sealed class SpecParameterTests : IDisposable
{
    private readonly CmdletHost _host = new();

    public void Dispose() => _host.Dispose();

    private ContainerSpec Spec(string arguments)
    {
        (IReadOnlyList<object> output, var errors) = _host.Run("Show-Spec img " + arguments);
        Assert.Empty(errors);
        return Assert.IsType<ContainerSpec>(Assert.Single(output));
    }

    private string ErrorId(string arguments)
    {
        (IReadOnlyList<object> output, var errors) = _host.Run("Show-Spec img " + arguments);
        Assert.Empty(output);
        return Assert.Single(errors).FullyQualifiedErrorId.Split(',')[0];
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("ls /tmp", "/tmp")]
    [InlineData("-- ls -l /", "-l", "/")]
    [InlineData("ls '-l' /", "-l", "/")]
    [InlineData("-Name x -- ls -Name y", "-Name", "y")]
    [InlineData("-Command ls, -l, /", "-l", "/")]
    [InlineData("-ArgumentList ls, 5", "5")]
    [InlineData("ls ''", "")]
    public void What_remains_is_the_command(string arguments, params string[] rest) =>
        Assert.Equal(["ls", .. rest], Spec(arguments).Command!);

    [Theory]
    [InlineData("ls -l /", "ls", "-l", "/")]
    [InlineData("ls -la -R /", "ls", "-la", "-R", "/")]
    [InlineData("df -h", "df", "-h")]
    [InlineData("-ReadOnly ls -l -Name x -a $HOME/x -Tty", "ls", "-l", "-a", "HOME/x")]
    [InlineData("sh -c 'echo -n $1' (1 + 1) -zzz -l", "sh", "-c", "echo -n $1", "2", "-zzz", "-l")]
    public void A_single_letter_after_a_dash_is_the_commands(string arguments, params string[] words) =>
        Assert.Equal(words, Spec(arguments.Replace("$HOME", "HOME", StringComparison.Ordinal)).Command!);

    [Theory]
    [InlineData("git checkout -- file", "git", "checkout", "--", "file")]
    [InlineData("sh -c 'echo $*' -- -n x -l -- y", "sh", "-c", "echo $*", "--", "-n", "x", "-l", "--", "y")]
    [InlineData("-Name x -- git checkout -- -l", "git", "checkout", "--", "-l")]
    [InlineData("-- ls -l", "ls", "-l")]
    [InlineData("-Command git, checkout", "git", "checkout")]
    [InlineData("echo 'a -- b'", "echo", "a -- b")]
    public void Two_dashes_are_the_commands_after_its_first_word(string arguments, params string[] words) =>
        Assert.Equal(words, Spec(arguments).Command!);

    [Theory]
    [InlineData("-d ls")]
    [InlineData("-Command ls, -l -a")]
    [InlineData("@words -l")]
    [InlineData("@('ls', 'x') -l")]
    public void Where_the_order_is_not_told_a_single_letter_is_refused(string arguments) => Assert.Equal("AmbiguousDash", ErrorId(arguments));

    [Fact]
    public void A_single_letter_is_the_commands_in_the_middle_of_a_pipeline()
    {
        (IReadOnlyList<object> output, var errors) = _host.Run("$n = 'y'; 1 | ForEach-Object { if ($true) { Show-Spec img cat -n $n } } | ForEach-Object { $_ }");
        Assert.Empty(errors);
        Assert.Equal(["cat", "-n", "y"], Assert.IsType<ContainerSpec>(Assert.Single(output)).Command!);
    }

    [Theory]
    [InlineData("", false, "")]
    [InlineData("-Entrypoint ''", true, "")]
    [InlineData("-Entrypoint sh, '-c'", true, "sh -c")]
    public void Entrypoint_is_the_images_cleared_or_given(string arguments, bool given, string words)
    {
        ContainerSpec spec = Spec(arguments);
        Assert.Equal(given, spec.Entrypoint is not null);
        Assert.Equal(words, string.Join(' ', spec.Entrypoint ?? []));
    }

    [Theory]
    [InlineData("-Environment A=b", "A=b")]
    [InlineData("-Environment A=b, 'C=d=e'", "A=b", "C=d=e")]
    [InlineData("-Environment @{ A = 'b' }", "A=b")]
    [InlineData("-Environment @{ A = 5 }", "A=5")]
    [InlineData("-Environment A=", "A=")]
    [InlineData("-Environment DOCKERPS_TEST_UNSET")]
    public void Environment_takes_texts_and_hashtables(string arguments, params string[] expected) =>
        Assert.Equal(expected, Spec(arguments).Environment);

    [Fact]
    public void A_variables_name_alone_takes_the_callers_value()
    {
        Environment.SetEnvironmentVariable("DOCKERPS_TEST_OWN", "mine");
        Assert.Equal(["DOCKERPS_TEST_OWN=mine"], Spec("-Environment DOCKERPS_TEST_OWN").Environment);
    }

    [Fact]
    public void Environment_files_come_before_the_parameter()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "# comment\n\nA=1\nB=\"2\"\n");
            Assert.Equal(["A=1", "B=\"2\"", "A=3"], Spec($"-EnvironmentFile '{file}' -Environment A=3").Environment);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("-Label a=b")]
    [InlineData("-Label @{ a = 'b' }")]
    public void Labels_take_texts_and_hashtables(string arguments) => Assert.Equal("b", Spec(arguments).Labels["a"]);

    [Theory]
    [InlineData("512MB", 536870912)]
    [InlineData("'512m'", 536870912)]
    [InlineData("1.5GB", 1610612736)]
    [InlineData("1.5g", 1610612736)]
    [InlineData("100000000", 100000000)]
    public void Sizes_take_numbers_and_texts(string value, long bytes) => Assert.Equal(bytes, Spec($"-Memory {value}").Memory!.Value.Bytes);

    [Theory]
    [InlineData("5", 5)]
    [InlineData("'5'", 5)]
    [InlineData("1.5", 1.5)]
    [InlineData("1m30s", 90)]
    [InlineData("([TimeSpan]::FromSeconds(7))", 7)]
    [InlineData("00:00:05", 5)]
    public void Five_is_five_seconds(string value, double seconds) =>
        Assert.Equal(seconds, Spec($"-StopTimeout {value}").StopTimeout!.Value.TotalSeconds);

    [Theory]
    [InlineData("-Volume /a:/b:ro")]
    [InlineData("-Volume @{ '/a' = '/b:ro' }")]
    [InlineData("-Mount 'type=bind,src=/a,dst=/b,readonly'")]
    [InlineData("-Mount type=bind,src=/a,dst=/b,readonly")]
    [InlineData("-Mount @{ Source = '/a'; Target = '/b'; ReadOnly = $true }")]
    [InlineData("-Mount ([DockerPS.ContainerMount]'/a:/b:ro')")]
    [InlineData("-Mount ([DockerPS.ContainerMount]@{ Type = 'Bind'; Source = '/a'; Target = '/b'; ReadOnly = $true })")]
    public void A_mount_has_many_ways_to_be_written(string arguments)
    {
        ContainerMount mount = Assert.Single(Spec(arguments).Mounts);
        Assert.Equal((ContainerMountType.Bind, "/a", "/b", true), (mount.Type, mount.Source, mount.Target, mount.ReadOnly));
    }

    [Fact]
    public void A_relative_source_starts_at_powershells_location()
    {
        (IReadOnlyList<object> output, _) = _host.Run(
            "$null = $ExecutionContext.SessionState.Path.SetLocation('/usr'); Show-Spec img -Volume ./lib:/b, ../etc:/c");
        Assert.Equal(["/usr/lib", "/etc"], Assert.IsType<ContainerSpec>(output[0]).Mounts.Select(m => m.Source));
    }

    [Theory]
    [InlineData("-Tmpfs '/run:size=64m'")]
    [InlineData("-Tmpfs @{ '/run' = 'size=64m' }")]
    [InlineData("-Mount 'type=tmpfs,target=/run,tmpfs-size=64m'")]
    [InlineData("-Mount type=tmpfs,target=/run,tmpfs-size=64m")]
    [InlineData("-Mount @{ Type = 'Tmpfs'; Target = '/run'; TmpfsSize = 64MB }")]
    public void A_tmpfs_too(string arguments)
    {
        ContainerMount mount = Assert.Single(Spec(arguments).Mounts);
        Assert.Equal((ContainerMountType.Tmpfs, "/run", 64L << 20), (mount.Type, mount.Target, mount.TmpfsSize!.Value.Bytes));
    }

    [Theory]
    [InlineData("-Ulimit nofile=10:20")]
    [InlineData("-Ulimit @{ nofile = '10:20' }")]
    [InlineData("-Ulimit @{ Name = 'nofile'; Soft = 10; Hard = 20 }")]
    public void A_limit_too(string arguments)
    {
        ContainerUlimit limit = Assert.Single(Spec(arguments).Ulimits);
        Assert.Equal(("nofile", 10, 20), (limit.Name, limit.Soft, limit.Hard));
    }

    [Theory]
    [InlineData("-Device /dev/fuse:/dev/x:rw")]
    [InlineData("-Device @{ Source = '/dev/fuse'; Target = '/dev/x'; Permissions = 'rw' }")]
    public void A_device_too(string arguments)
    {
        ContainerDevice device = Assert.Single(Spec(arguments).Devices);
        Assert.Equal(("/dev/fuse", "/dev/x", "rw"), (device.Source, device.Target, device.Permissions));
    }

    [Fact]
    public void Other_options_arrive_as_they_are()
    {
        ContainerSpec spec = Spec(
            "-Name n -User 1000:1000 -GroupAdd 5 -Hostname h -WorkingDirectory /w -Tty -Interactive -ReadOnly -CapAdd NET_ADMIN -CapDrop ALL "
            + "-Privileged -SecurityOption no-new-privileges -Cpus 1.5 -CpuShares 512 -CpusetCpus 0 -PidsLimit 10 -OomScoreAdjust -5 "
            + "-BlkioWeight 100 -StopSignal SIGINT -Init -AutoRemove -Network host -PidMode host -IpcMode private -Sysctl @{ 'net.ipv4.ip_forward' = 1 }");
        Assert.Equal(("n", "1000:1000", "h", "/w", 1.5m, 512L, "0", 10L, -5, 100, "SIGINT", "host", "host", null),
            (spec.Name, spec.User, spec.Hostname, spec.WorkingDirectory, spec.Cpus, spec.CpuShares, spec.CpusetCpus, spec.PidsLimit,
                spec.OomScoreAdjust, spec.BlkioWeight, spec.StopSignal, spec.Network, spec.PidMode, spec.IpcMode));
        Assert.True(spec.Tty && spec.Interactive && spec.ReadOnly && spec.Privileged && spec.Init && spec.AutoRemove);
        Assert.Equal("1", spec.Sysctls["net.ipv4.ip_forward"]);
        Assert.Equal(["no-new-privileges"], spec.SecurityOptions);
    }

    [Fact]
    public void Cgroup_parent_and_device_rules_arrive()
    {
        ContainerSpec spec = Spec("-CgroupParent /limits/web -DeviceCgroupRule 'c 10:229 rwm', 'b 8:* r' -Runtime crun");
        Assert.Equal("crun", spec.Runtime);
        Assert.Equal("/limits/web", spec.CgroupParent);
        Assert.Equal(["c 10:229 rwm", "b 8:* r"], spec.DeviceCgroupRules);
    }

    [Theory]
    [InlineData("-Mount type=bind,src=/a,dst=/b,type=tmpfs,dst=/c")]
    [InlineData("-Mount 'type=bind,src=/a,dst=/b', 'type=tmpfs,dst=/c'")]
    [InlineData("-Mount src=/a,dst=/b,'type=tmpfs,dst=/c'")]
    [InlineData("-Mount '/a:/b', type=tmpfs, dst=/c")]
    public void Mounts_are_told_apart_with_and_without_quotes(string arguments) =>
        Assert.Equal(["/b", "/c"], Spec(arguments).Mounts.Select(m => m.Target));

    [Theory]
    [InlineData("-Publish 8080:80", "0.0.0.0:8080->80/tcp")]
    [InlineData("-Publish 80", "0.0.0.0:0->80/tcp")]
    [InlineData("-Publish '127.0.0.1:53:53/udp', 81", "127.0.0.1:53->53/udp 0.0.0.0:0->81/tcp")]
    [InlineData("-Publish @{ 8080 = 80 }", "0.0.0.0:8080->80/tcp")]
    [InlineData("-Publish @{ HostPort = 8080; Port = 80; HostAddress = '127.0.0.1' }", "127.0.0.1:8080->80/tcp")]
    public void Ports_are_published_from_the_default_network(string arguments, string ports)
    {
        ContainerSpec spec = Spec(arguments);
        Assert.Equal((ports, "bridge"), (string.Join(' ', spec.Ports), spec.Network));
        Assert.Equal("front", Spec(arguments + " -Network front").Network);
    }

    [Fact]
    public void What_is_no_port_is_refused() => Assert.Equal("InvalidPort", ErrorId("-Publish web:80"));

    [Theory]
    [InlineData("-Memory lots", "InvalidMemory")]
    [InlineData("-Memory 1z", "InvalidMemory")]
    [InlineData("-MemorySwap 1z", "InvalidMemorySwap")]
    [InlineData("-MemoryReservation 1z", "InvalidMemoryReservation")]
    [InlineData("-ShmSize 1z", "InvalidShmSize")]
    [InlineData("-StopTimeout soon", "InvalidStopTimeout")]
    [InlineData("-StopTimeout -1", "InvalidStopTimeout")]
    [InlineData("-Volume nonsense:", "InvalidMount")]
    [InlineData("-Mount 'type=bind'", "InvalidMount")]
    [InlineData("-Mount @{ Target = 'x' }", "InvalidMount")]
    [InlineData("-Tmpfs '/run:size=x'", "InvalidMount")]
    [InlineData("-Ulimit files=1", "InvalidUlimit")]
    [InlineData("-Device fuse", "InvalidDevice")]
    [InlineData("-Cpus 0", "InvalidCpus")]
    [InlineData("-Cpus many", "InvalidCpus")]
    [InlineData("-CpuShares 1", "InvalidCpuShares")]
    [InlineData("-PidsLimit -2", "InvalidPidsLimit")]
    [InlineData("-OomScoreAdjust 2000", "InvalidOomScore")]
    [InlineData("-BlkioWeight heavy", "InvalidBlkioWeight")]
    [InlineData("-Sysctl novalue", "InvalidSysctl")]
    [InlineData("-Label =b", "InvalidLabel")]
    [InlineData("-Annotation =b", "InvalidAnnotation")]
    [InlineData("-Environment =b", "InvalidEnvironment")]
    [InlineData("-UserNamespace sometimes", "InvalidUserNamespace")]
    [InlineData("-UserNamespace 0:0:0", "InvalidUserNamespace")]
    [InlineData("-UserNamespace @{ Mode = 'never' }", "InvalidUserNamespace")]
    [InlineData("-EnvironmentFile /does/not/exist", "PathNotFound")]
    public void A_bad_value_is_an_error_of_its_own_before_anything_is_made(string arguments, string errorId) =>
        Assert.Equal(errorId, ErrorId(arguments));

    [Fact]
    public void A_bad_value_is_the_errors_target_and_its_message_says_what_to_write()
    {
        (_, var errors) = _host.Run("Show-Spec img -Memory 1z");
        Assert.Equal("1z", Assert.Single(errors).TargetObject);
        Assert.Equal(System.Management.Automation.ErrorCategory.InvalidArgument, errors[0].CategoryInfo.Category);
        Assert.Contains("such as 512m", errors[0].Exception.Message);
    }

    [Theory]
    [InlineData("Stop-Container x -GracePeriod soon", "InvalidGracePeriod")]
    [InlineData("Restart-Container x -GracePeriod -5", "InvalidGracePeriod")]
    [InlineData("Wait-Container x -Timeout soon", "InvalidTimeout")]
    [InlineData("Get-ContainerLog x -Tail few", "InvalidTail")]
    [InlineData("Get-ContainerLog x -Since yore", "InvalidSince")]
    [InlineData("Get-ContainerLog x -Until yore", "InvalidUntil")]
    [InlineData("Get-ContainerLog x -Stream in", "InvalidStream")]
    [InlineData("Get-Container -State dead", "InvalidState")]
    [InlineData("Get-Container -Last 0", "InvalidLast")]
    [InlineData("Invoke-ContainerCommand x ls -Environment =b", "InvalidEnvironment")]
    [InlineData("New-ContainerImage x sh -Label =b", "InvalidLabel")]
    public void So_it_is_with_the_other_cmdlets(string script, string errorId)
    {
        (IReadOnlyList<object> output, var errors) = _host.Run(script);
        Assert.Empty(output);
        Assert.StartsWith(errorId + ",", Assert.Single(errors).FullyQualifiedErrorId);
    }
}
