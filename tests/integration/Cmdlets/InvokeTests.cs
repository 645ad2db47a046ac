using Xunit;

namespace DockerPS.Integration.Cmdlets;

public sealed class InvokeTests(ShellFixture fixture) : IClassFixture<ShellFixture>
{
    [Fact]
    public async Task A_container_that_cannot_be_started_stays_unless_AutoRemove()
    {
        string[] lines = await fixture.LinesAsync("""
            Invoke-Container tools -Name attached nosuch 2>$null
            "code $LASTEXITCODE"
            Invoke-Container tools -Name detached -Detach nosuch 2>$null
            Invoke-Container tools -Name gone -AutoRemove nosuch 2>$null
            Invoke-Container tools -Name gonetoo -AutoRemove -Detach nosuch 2>$null
            foreach ($container in Get-Container -All | Sort-Object Name) {
                "$($container.Name) $($container.State) $($container.ExitCode) $($container.Error -like '*nosuch*')"
            }
            Get-Container -All | Remove-Container
            """);
        Assert.Equal(["code 127", "attached Created 127 True", "detached Created 127 True"], lines);
    }

    [Fact]
    public async Task A_dash_reaches_the_command() =>
        Assert.Equal(["-- x -n x -l"], await fixture.LinesAsync("Invoke-Container tools -AutoRemove sh -c 'echo $0 x $*' -- -n x -l"));

    [Fact]
    public async Task A_published_port_knows_its_container_and_can_be_given_back()
    {
        string[] lines = await fixture.LinesAsync("""
            try {
                $both = 'one', 'two' | ForEach-Object { Invoke-Container tools -Name "port$_" -Publish 127.0.0.1:0:80 -Detach sleep 1000 }
                foreach ($port in $both | Get-ContainerPort) { "$($port.Container) $($port.Port) $($port.HostPort -gt 0)" }
                $null = Set-Container portone -Unpublish (Get-ContainerPort portone)
                foreach ($port in Get-ContainerPort port*) { $port.Container }
            }
            finally { Get-Container -All port* | Remove-Container -Force }
            """);
        Assert.Equal(["portone 80 True", "porttwo 80 True", "porttwo"], lines);
    }
}
