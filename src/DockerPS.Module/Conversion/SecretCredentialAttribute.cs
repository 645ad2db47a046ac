using System.Collections;
using System.Management.Automation;
using System.Security;

namespace DockerPS.Module.Conversion;

/// <summary>
/// A PSCredential; or the name of a secret where the module Microsoft.PowerShell.SecretManagement is installed; or, as everywhere in
/// PowerShell, a user name, for which the password is asked.
/// </summary>
public sealed class SecretCredentialAttribute : ArgumentTransformationAttribute
{
    private const string GetSecret = "Get-Secret";

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input switch
        {
            null or PSCredential => input,
            string name when name.Length > 0 => OfSecret(engineIntrinsics, name) ?? new CredentialAttribute().Transform(engineIntrinsics, name),
            _ => Refused(input, "-Credential takes a PSCredential (Get-Credential), the name of a secret, or a user name."),
        };
    }

    private static object? OfSecret(EngineIntrinsics engine, string name)
    {
        // GetCommand loads the module when it is installed.
        if (engine.InvokeCommand.GetCommand(GetSecret, CommandTypes.Cmdlet | CommandTypes.Function) is null) return null;
        object? secret = engine.InvokeCommand
            .InvokeScript("param($Name) Get-Secret -Name $Name -ErrorAction Ignore", name)
            .FirstOrDefault(item => item is not null)?.BaseObject;
        return secret switch
        {
            null => null,
            PSCredential => secret,
            IDictionary table when Text(table, "UserName") is { Length: > 0 } user => new PSCredential(user, Password(table)),
            _ => Refused(name, $"The secret '{name}' is a {secret.GetType().Name}, and a login needs a PSCredential: Set-Secret {name} (Get-Credential)."),
        };
    }

    private static object Refused(object input, string message) => RefusedValues.Refuse(
        new PSCredential("refused", new SecureString()), new DockerArgumentException("InvalidCredential", message, input));

    private static string? Text(IDictionary table, string key) => (table[key] is PSObject wrapped ? wrapped.BaseObject : table[key]) as string;

    private static SecureString Password(IDictionary table)
    {
        object? value = table["Password"] is PSObject wrapped ? wrapped.BaseObject : table["Password"];
        if (value is SecureString secure) return secure;
        var made = new SecureString();
        foreach (char c in value as string ?? "") made.AppendChar(c);
        return made;
    }
}
