namespace System.Runtime;

/// <summary>Gives a method a symbol of its own that is called as a C function and without the runtime's help. The compiler knows it by its name.</summary>
/// <param name="entry">The symbol.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string entry) : Attribute
{
    public string Entry { get; } = entry;
}
