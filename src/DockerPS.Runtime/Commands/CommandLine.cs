namespace DockerPS.Runtime.Commands;

/// <summary>Chooses the verb.</summary>
internal static class CommandLine
{
    public static int Run(string[] args) => args switch
    {
        ["extract-layer"] => ExtractLayer.Run(),
        ["archive"] => Archive.Run(),
        ["remove-tree", _, ..] => RemoveTree.Run(args.AsSpan(1)),
        ["supervise", var directory] => Supervise.Run(directory),
        ["execute", var directory] => Execute.Run(directory),
        ["cleanup", var directory] => Cleanup.Run(directory),
        ["--version"] or ["version"] => Version.Run(),
        _ => Usage.Run(),
    };
}
