using System.Management.Automation.Runspaces;
using DockerPS.Shell.Hosting;

namespace DockerPS.Shell;

/// <summary>Runs what the command line asks for in one runspace, and tells the exit code.</summary>
internal sealed class Shell(Options options)
{
    private const int WrongUsage = 64;
    private const int Interrupted = 130;

    private readonly ShellHost _host = new();

    public int Run()
    {
        if (options.Help)
        {
            Console.Out.WriteLine(Options.Usage);
            return 0;
        }
        if (options.Error is not null)
        {
            Console.Error.WriteLine(options.Error);
            Console.Error.WriteLine(Options.Usage);
            return WrongUsage;
        }

        using Runspace runspace = Session.Open(_host);
        using var runner = new Runner(_host, runspace);
        if (options.File is not null)
            return RunFile(runner, options.File);
        if (options.Command is not null)
            return ExitCode(runner.Run(options.Command), otherwise: runner.LastSucceeded ? 0 : 1);
        return new Prompt(_host, runner).Run();
    }

    private int RunFile(Runner runner, string file)
    {
        string path = Path.GetFullPath(file);
        if (!File.Exists(path))
        {
            _host.UI.WriteErrorLine($"There is no file '{file}'.");
            return WrongUsage;
        }
        string arguments = string.Concat(options.Arguments.Select(a => " " + ScriptArgument.Quote(a)));
        RunResult result = runner.Run($"& {ScriptArgument.Literal(path)}{arguments}");
        // `exit` in a script ends the script and leaves its code; a failed native command leaves one too, but `$?` true.
        return ExitCode(result, otherwise: runner.LastSucceeded ? 0 : Math.Max(1, runner.LastExitCode));
    }

    private int ExitCode(RunResult result, int otherwise) =>
        _host.ExitRequested ? _host.ExitCode
        : result switch
        {
            RunResult.Stopped => Interrupted,
            RunResult.Failed => 1,
            _ => otherwise,
        };
}
