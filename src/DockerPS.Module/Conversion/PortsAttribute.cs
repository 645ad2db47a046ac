using System.Collections;

namespace DockerPS.Module.Conversion;

/// <summary>Published ports as Docker's text, a number, a hashtable of host port to port (<c>@{ 8080 = 80 }</c>), or one of properties.</summary>
public sealed class PortsAttribute() : ItemsAttribute<ContainerPort>("InvalidPort")
{
    private protected override IEnumerable<ContainerPort> ConvertItem(object? value) => value switch
    {
        ContainerPort port => [port],
        IDictionary table when Properties.AreAllOf<ContainerPort>(table) => [Properties.Make<ContainerPort>(table)],
        IDictionary table => table.Cast<DictionaryEntry>().SelectMany(e => ContainerPort.Parse($"{Text(e.Key)}:{Text(e.Value)}")),
        _ => ContainerPort.Parse(Text(value)),
    };
}
