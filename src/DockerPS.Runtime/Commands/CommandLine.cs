using DockerPS.Linux;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Commands;

/// <summary>Chooses the verb: the engine's own, which speak messages, or those of an OCI runtime, with options as runc's and crun's.</summary>
internal static class CommandLine
{
    public static int Run(string[] args) => args switch
    {
        ["extract-layer"] => ExtractLayer.Run(follow: false),
        ["extract-layer", "--follow"] => ExtractLayer.Run(follow: true),
        ["archive"] => Archive.Run(),
        ["diff-layer"] => DiffLayer.Run(),
        ["archive-tree"] => ArchiveTree.Run(),
        ["compare-trees"] => CompareTrees.Run(),
        ["measure-trees"] => MeasureTrees.Run(),
        ["mount-tree"] => MountTree.Run(),
        ["unmount-tree"] => UnmountTree.Run(),
        ["remove-tree", _, ..] => RemoveTree.Run(args.AsSpan(1)),
        ["copy-tree"] => CopyTree.Run(),
        ["copy-item"] => CopyItem.Run(),
        ["measure-tree"] => MeasureTree.Run(),
        ["exchange", var one, var other] => Exchange.Run(one, other),
        ["supervise", var directory] => Supervise.Run(directory),
        ["execute", var directory] => Execute.Run(directory),
        ["cleanup", var directory] => Cleanup.Run(directory),
        ["network-rules", var commands] => SetNetworkRules.Run(commands),
        ["remove-network", var network] => RemoveNetwork.Run(network),
        ["test-network"] => TestNetwork.Run(),
        _ => RunVerb(args),
    };

    private static int RunVerb(string[] args)
    {
        RuntimeOptions? options = null;
        string verb = "";
        try
        {
            VerbArguments global = VerbArguments.Parse(args, RuntimeOptions.Table, leading: true);
            if (global.Has("version")) return Version.Run();
            if (global.Help || global.Positional.Count == 0) return Usage.Run(global.Help);
            options = RuntimeOptions.From(global);
            verb = global.Positional[0];
            options.Log.Debug($"dockerps-runtime {string.Join(' ', args)}");
            if (verb is "create" or "start" or "run" or "exec") OwnExecutable.Protect();
            return RunVerb(verb, options, [.. global.Positional.Skip(1)]);
        }
        catch (Exception e) when (e is CommandException or RuntimeFailureException or LinuxException)
        {
            string message = e is RuntimeFailureException failure ? FailureText.Of(failure.Failure) : e.Message;
            (options?.Log ?? new RuntimeLog(null, json: false, debug: false)).Error(message);
            return ExitCode(verb, e);
        }
    }

    private static int RunVerb(string verb, RuntimeOptions options, string[] args) => verb switch
    {
        "create" => Create.Run(options, args),
        "start" => Start.Run(options, args),
        "state" => State.Run(options, args),
        "kill" => Kill.Run(options, args),
        "delete" => Delete.Run(options, args),
        "run" => RunContainer.Run(options, args),
        "exec" => Exec.Run(options, args),
        "list" => ListContainers.Run(options, args),
        "features" => Features.Run(args),
        "spec" => Spec.Run(args),
        "ps" => ListProcesses.Run(options, args),
        "pause" => Pause.Run(options, args),
        "resume" => Resume.Run(options, args),
        "update" => Update.Run(options, args),
        "events" => Events.Run(options, args),
        "version" => Version.Run(),
        "help" => Usage.Run(asked: true),
        _ => throw new CommandException($"No help topic for '{verb}': dockerps-runtime has no such verb. 'dockerps-runtime --help' lists them."),
    };

    /// <summary>As runc's: 255 when a further process could not be started, else 1.</summary>
    private static int ExitCode(string verb, Exception e) =>
        e is CommandException { ExitCode: not 1 and var code } ? code : verb == "exec" ? 255 : 1;
}
