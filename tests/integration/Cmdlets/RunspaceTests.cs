using Xunit;

namespace DockerPS.Integration.Cmdlets;

public sealed class RunspaceTests(ShellFixture fixture) : IClassFixture<ShellFixture>
{
    [Fact]
    public async Task Twenty_runspaces_create_start_stop_and_remove_at_once()
    {
        string[] lines = await fixture.LinesAsync("""
            $ErrorActionPreference = 'Stop'
            $module = (Get-Module DockerPS).Path
            1..20 | ForEach-Object -ThrottleLimit 20 -Parallel {
                $ErrorActionPreference = 'Stop'
                Import-Module $using:module
                $made = New-Container tools -Name "many$_" -Command sleep, 1000
                Start-Container $made
                if ((Get-Container "many$_").State -ne 'Running') { throw "many$_ does not run" }
                Stop-Container "many$_" -GracePeriod 0
                $made | Remove-Container
                "done $($made.Id)"
            }
            "left $(@(Get-Container -All).Count)"
            """);
        string[] ids = [.. lines.Where(line => line.StartsWith("done ", StringComparison.Ordinal)).Select(line => line[5..])];
        Assert.Equal(20, ids.Distinct().Count());
        Assert.Contains("left 0", lines);
        Assert.Empty(fixture.Mounts());
        Assert.Empty(ShellFixture.Cgroups(ids));
        Assert.All(ids, id => Assert.False(Directory.Exists(Path.Combine(fixture.Root, "containers", id)), id));
    }

    [Fact]
    public async Task The_packages_stay_in_the_modules_own_context_while_another_version_is_in_the_default_one()
    {
        string others = Path.Combine(AppContext.BaseDirectory, "other-logging");
        string[] lines = await fixture.LinesAsync($$"""
            $default = [System.Runtime.Loader.AssemblyLoadContext]::Default
            $name = 'Microsoft.Extensions.Logging.Abstractions'
            # What another module would do: its own, older version into the context that all share, before the first command runs.
            $other = $default.LoadFromAssemblyPath('{{others}}/' + $name + '.dll')
            Invoke-Container tools -AutoRemove echo still works
            $own = @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object {
                $_.GetName().Name -eq $name -and [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name -eq 'DockerPS' })
            "own $($own.Count) $($own[0].GetName().Version.Major)"
            "other $($other.GetName().Version.Major)"
            "used $($other.GetType('Microsoft.Extensions.Logging.Abstractions.NullLogger').GetProperty('Instance').GetValue($null).GetType().Assembly -eq $other)"
            $engine = (Get-Command Get-Container).ImplementingType.Assembly
            "cmdlets $([System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($engine).Name)"
            "shared $([System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext([DockerPS.Container].Assembly) -eq $default)"
            """);
        Assert.Equal(["still works", "own 1 10", "other 8", "used True", "cmdlets DockerPS", "shared True"], lines);
    }
}
