using DockerPS.Linux.Netfilter;

namespace DockerPS.Runtime.Commands;

/// <summary><c>network-rules COMMANDS</c>: runs commands of nft(8), all or none.</summary>
internal static class SetNetworkRules
{
    /// <summary>Exit code when the library is not there.</summary>
    public const int Missing = 3;

    public static int Run(string commands)
    {
        try
        {
            NftablesLibrary.Run(commands);
            return 0;
        }
        catch (NftablesException e)
        {
            Console.Error.WriteLine(e.Message);
            return e.Missing ? Missing : 1;
        }
    }
}
