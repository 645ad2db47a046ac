using Xunit;

namespace DockerPS.Integration.Shell;

/// <summary>The few utility cmdlets that the Shell supplies behave as PowerShell's.</summary>
public class SuppliedCommandTests
{
    /// <summary>A pipeline over <c>$rows</c> (N and S: 2 b, 10 A, 2 c), and its output joined by commas.</summary>
    private static readonly (string Pipeline, string Expected)[] Cases =
    [
        ("1..5 | Select-Object -First 2", "1,2"),
        ("1..5 | Select-Object -Last 2", "4,5"),
        ("1..5 | Select-Object -Skip 1 -First 2", "2,3"),
        ("1..5 | Select-Object -SkipLast 3", "1,2"),
        ("1..5 | Select-Object -Last 2 -Skip 1", "3,4"),
        ("1..5 | Select-Object -Index 0,3", "1,4"),
        ("1,2,1,3,2 | Select-Object -Unique", "1,2,3"),
        ("& { while ($true) { 'again' } } | Select-Object -First 1", "again"),
        ("$rows | Select-Object -ExpandProperty S", "b,A,c"),
        ("$rows | Select-Object @{n='D';e={$_.N*2}} | ForEach-Object D", "4,20,4"),
        ("$rows | Select-Object N, Nope | ForEach-Object { \"$($_.N)$($null -eq $_.Nope)\" }", "2True,10True,2True"),
        ("($rows[0] | Select-Object * -ExcludeProperty S).PSObject.Properties.Name", "N"),
        ("$rows | Sort-Object N | ForEach-Object S", "b,c,A"),
        ("$rows | Sort-Object N, S -Descending | ForEach-Object S", "A,c,b"),
        ("$rows | Sort-Object @{e='N';Descending=$true}, S | ForEach-Object S", "A,b,c"),
        ("$rows | Sort-Object S -Top 2 | ForEach-Object S", "A,b"),
        ("'b','A','a','c' | Sort-Object -Unique", "A,b,c"),
        ("10,9,1 | Sort-Object", "1,9,10"),
        ("Write-Output 1 2 | ForEach-Object { $_ + 1 }", "2,3"),
        ("@(Write-Output (1,2) -NoEnumerate).Count", "1"),
    ];

    private const string Rows = "$rows = [pscustomobject]@{N=2;S='b'}, [pscustomobject]@{N=10;S='A'}, [pscustomobject]@{N=2;S='c'}; ";

    [Fact]
    public async Task Objects_are_selected_and_sorted()
    {
        string script = Rows + string.Concat(Cases.Select(c => $"(& {{ {c.Pipeline} }}) -join ','\n"));
        ShellRun run = await ShellProcess.RunAsync("-Command", script);
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == Cases.Length, run.Output + run.Error);
        Assert.Equal(Cases, Cases.Zip(lines, (c, line) => (c.Pipeline, line)));
    }

    [Fact]
    public async Task Objects_are_formatted_as_table_list_and_columns()
    {
        ShellRun run = await ShellProcess.RunAsync("-Command", Rows +
            "$rows | Format-Table S, N; $rows[0] | Format-List; $rows | Format-Wide S -Column 3");
        Assert.Equal(0, run.ExitCode);
        string text = run.Output.ReplaceLineEndings("\n");
        Assert.Matches(@"S +N\n-+ +-+\nb +2\nA +10\n", text);
        Assert.Matches(@"N : 2\nS : b\n", text);
        Assert.Matches(@"b +A +c", text);
    }

    [Fact]
    public async Task Text_for_the_person_goes_by_the_information_stream()
    {
        ShellRun run = await ShellProcess.RunAsync("-Command",
            "Write-Host a, b -Separator -; $x = Write-Host hidden 6>&1; \"got $x\"; Write-Host no -NoNewline; Write-Host line");
        Assert.Equal(["a-b", "got hidden", "noline"], run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
