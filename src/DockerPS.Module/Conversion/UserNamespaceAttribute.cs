using System.Collections;

namespace DockerPS.Module.Conversion;

/// <summary>A user namespace as Podman's text (<c>auto</c>, <c>keep-id</c>, <c>0:100000:65536</c>), or as a hashtable of its properties.</summary>
public sealed class UserNamespaceAttribute() : ConversionAttribute("InvalidUserNamespace")
{
    private protected override object Convert(object input) => input switch
    {
        ContainerUserNamespace => input,
        IDictionary table when Properties.AreAllOf<ContainerUserNamespace>(table) => Properties.Make<ContainerUserNamespace>(table),
        _ => ContainerUserNamespace.Parse(Text(input)),
    };

    private protected override object Placeholder() => new ContainerUserNamespace();
}
