namespace DockerPS.Runtime.Commands;

internal static class RemoveTree
{
    public static int Run(string path) => throw new NotImplementedException();
}
