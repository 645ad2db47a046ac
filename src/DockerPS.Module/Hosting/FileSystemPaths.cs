using System.Collections.ObjectModel;
using System.Management.Automation;

namespace DockerPS.Module.Hosting;

/// <summary>PSPaths as paths of the file system.</summary>
internal static class FileSystemPaths
{
    /// <summary>The existing files and directories that a path names. One that names none is that path's error.</summary>
    public static IReadOnlyList<string> Resolve(PSCmdlet command, string path, bool literal)
    {
        try
        {
            ProviderInfo provider;
            Collection<string> found;
            if (literal)
            {
                string real = command.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
                found = File.Exists(real) || Directory.Exists(real)
                    ? [real]
                    : throw new DockerNotFoundException("PathNotFound", $"There is no '{real}'. Give the path of an existing file or directory.", path);
            }
            else
            {
                found = command.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out provider);
            }
            if (provider.Name == "FileSystem") return found;
            throw new DockerArgumentException(
                "PathNotFileSystem", $"'{path}' is a path of {provider.Name}. Give a path of the file system.", path);
        }
        catch (Exception e) when (e is DockerException or SessionStateException)
        {
            Exception told = e is DockerException
                ? e
                : new DockerNotFoundException("PathNotFound", $"There is no '{path}'. Give the path of an existing file or directory.", path, e);
            command.WriteError(ErrorRecords.From(told, path));
            return [];
        }
    }

    /// <summary>The path of something that need not be there yet, as it is written; null after its error.</summary>
    public static string? Destination(PSCmdlet command, string path)
    {
        try
        {
            string real = command.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            bool directory = (path.EndsWith('/') || path.EndsWith("/.", StringComparison.Ordinal)) && !real.EndsWith('/');
            if (provider.Name == "FileSystem") return directory ? real + "/" : real;
            throw new DockerArgumentException(
                "PathNotFileSystem", $"'{path}' is a path of {provider.Name}. Give a path of the file system.", path);
        }
        catch (Exception e) when (e is DockerException or SessionStateException)
        {
            command.WriteError(ErrorRecords.From(e, path));
            return null;
        }
    }
}
