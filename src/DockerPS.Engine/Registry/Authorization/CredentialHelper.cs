using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DockerPS.Engine.Registry.Authorization;

/// <summary>
/// A program <c>docker-credential-NAME</c> that keeps secrets (docker-credential-helpers' protocol: a verb, the registry or JSON on stdin, JSON on stdout).
/// </summary>
internal sealed class CredentialHelper(string name, string registry)
{
    /// <summary>User name that says that the secret is an identity token.</summary>
    private const string TokenUser = "<token>";

    private const string NotFound = "credentials not found";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public string Program => "docker-credential-" + name;

    /// <summary>What it has for a key; <see cref="RegistryCredential.None"/> when nothing.</summary>
    public async Task<RegistryCredential> GetAsync(string key, CancellationToken cancellationToken)
    {
        (int code, string output) = await RunAsync("get", key, cancellationToken).ConfigureAwait(false);
        if (code != 0) return output.Contains(NotFound, StringComparison.OrdinalIgnoreCase) ? RegistryCredential.None : throw Failed("get", output, null);
        try
        {
            JsonNode? answer = JsonNode.Parse(output);
            string user = (string?)answer?["Username"] ?? "", secret = (string?)answer?["Secret"] ?? "";
            return user == TokenUser ? new RegistryCredential("", "", IdentityToken: secret) : new RegistryCredential(user, secret);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What it said may be the secret: never in a message.
            throw Failed("get", "its answer is no JSON", null);
        }
    }

    public async Task StoreAsync(string key, RegistryCredential credential, CancellationToken cancellationToken)
    {
        bool token = credential.IdentityToken.Length > 0;
        var entry = new JsonObject
        {
            ["ServerURL"] = key,
            ["Username"] = token ? TokenUser : credential.UserName,
            ["Secret"] = token ? credential.IdentityToken : credential.Password,
        };
        (int code, string output) = await RunAsync("store", entry.ToJsonString(), cancellationToken).ConfigureAwait(false);
        if (code != 0) throw Failed("store", output, null);
    }

    /// <returns>Whether there was something.</returns>
    public async Task<bool> EraseAsync(string key, CancellationToken cancellationToken)
    {
        RegistryCredential kept = await GetAsync(key, cancellationToken).ConfigureAwait(false);
        (int code, string output) = await RunAsync("erase", key, cancellationToken).ConfigureAwait(false);
        if (code != 0 && !output.Contains(NotFound, StringComparison.OrdinalIgnoreCase)) throw Failed("erase", output, null);
        return !kept.IsNone;
    }

    private async Task<(int Code, string Output)> RunAsync(string verb, string input, CancellationToken cancellationToken)
    {
        if (name.AsSpan().ContainsAny('/', '\\')) throw Failed(verb, "its name must not have a path", null);
        var start = new ProcessStartInfo(Program, [verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using Process process = Start(start, verb);
        try
        {
            // Helpers tell what is wrong on stdout; what is on stderr is only for people who debug them.
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await WriteAsync(process, input).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            string said = await output.ConfigureAwait(false);
            return (process.ExitCode, process.ExitCode == 0 || said.Length > 0 ? said : await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            if (cancellationToken.IsCancellationRequested) throw;
            throw Failed(verb, $"it did not end within {Limit.TotalSeconds:0} s", null);
        }
    }

    private static async Task WriteAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says why.
        }
    }

    private Process Start(ProcessStartInfo start, string verb)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw Failed(verb, "it is not installed (on PATH)", e);
        }
    }

    private DockerRegistryException Failed(string verb, string reason, Exception? inner)
    {
        string text = string.Concat(reason.Trim().Take(200).Select(c => char.IsControl(c) ? ' ' : c)).TrimEnd('.');
        return new DockerRegistryException(
            "CredentialStoreFailed",
            $"The credential helper docker-credential-{name}, which Docker's config.json names for {registry}, failed ({verb}): {text}. Repair or remove it, or give -Credential.",
            registry, registry, inner: inner);
    }
}
