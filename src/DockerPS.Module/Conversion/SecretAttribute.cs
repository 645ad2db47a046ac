using System.Management.Automation;
using System.Security;

namespace DockerPS.Module.Conversion;

/// <summary>A secret as a SecureString or as plain text, which scripts have from environments and files.</summary>
public sealed class SecretAttribute() : ConversionAttribute("InvalidSecret")
{
    private protected override object Convert(object input) => input switch
    {
        SecureString => input,
        _ when Text(input) is { Length: > 0 } text => Secure(text),
        _ => throw new FormatException("A token is a text or a SecureString, and not empty."),
    };

    private protected override object Placeholder() => new SecureString();

    private static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (char c in text) secure.AppendChar(c);
        secure.MakeReadOnly();
        return secure;
    }
}
