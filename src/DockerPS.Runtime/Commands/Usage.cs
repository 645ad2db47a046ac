namespace DockerPS.Runtime.Commands;

/// <summary>What is printed for a command line that is none.</summary>
internal static class Usage
{
    public static int Run()
    {
        Console.Error.Write(
            """
            dockerps-runtime: does for DockerPS what touches the kernel. The engine calls it; people need not.

              supervise DIRECTORY    start the container of a bundle, and stay beside it
              execute DIRECTORY      run a command in a running container
              cleanup DIRECTORY      tidy up after a supervisor that was killed
              extract-layer          unpack a layer
              archive                write an archive
              remove-tree PATH...    delete directories
              --version              print the version

            """);
        return 2;
    }
}
