using System.Diagnostics;
using System.Reflection;

namespace DockerPS.Integration.Shell;

/// <summary>What a run of the Shell left: its exit code and both outputs.</summary>
internal sealed record ShellRun(int ExitCode, string Output, string Error);

/// <summary>Starts the built Shell as a user does: in its own process.</summary>
internal static class ShellProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static string Metadata(string key) => typeof(ShellProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;

    public static string RepositoryRoot => Metadata("RepositoryRoot");

    public static Task<ShellRun> RunAsync(params string[] arguments) => RunAsync("", arguments);

    /// <summary>For a test that needs the process itself; whoever starts it ends it.</summary>
    public static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [Metadata("Shell"), .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>Its prompt in a terminal that script(1) makes; whoever starts it ends it.</summary>
    public static Process StartInTerminal(string script)
    {
        var start = new ProcessStartInfo(script, ["-qfec", $"dotnet '{Metadata("Shell")}'", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm";
        return Process.Start(start)!;
    }

    public static async Task<ShellRun> RunAsync(string input, string[] arguments)
    {
        using Process process = Start(arguments);
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new ShellRun(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
