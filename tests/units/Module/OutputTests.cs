using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

namespace DockerPS.Units.Module;

/// <summary>What cmdlets return, as a script uses it.</summary>
public sealed class OutputTests
{
    public static TheoryData<string, string> Lists()
    {
        var data = new TheoryData<string, string>();
        foreach (Type type in typeof(Container).Assembly.GetExportedTypes())
        {
            foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                if (IsList(property.PropertyType) && property.SetMethod is not null) data.Add(type.FullName!, property.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_list_of_whatever_class_can_be_indexed_in_a_script(string type, string name)
    {
        PropertyInfo property = typeof(Container).Assembly.GetType(type, throwOnError: true)!.GetProperty(name)!;
        Type item = property.PropertyType.GetGenericArguments()[0];
        object given = Activator.CreateInstance(typeof(Unknown<>).MakeGenericType(item))!;
        object owner = RuntimeHelpers.GetUninitializedObject(property.DeclaringType!);
        property.SetValue(owner, given);
        object value = property.GetValue(owner)!;
        Assert.NotNull(value.GetType().IsArray ? "" : value.GetType().GetProperty("Item"));
    }

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);

    /// <summary>As the compiler makes them: all of it belongs to interfaces.</summary>
    private sealed class Unknown<T> : IReadOnlyList<T>
    {
        T IReadOnlyList<T>.this[int index] => throw new ArgumentOutOfRangeException(nameof(index));

        int IReadOnlyCollection<T>.Count => 0;

        IEnumerator<T> IEnumerable<T>.GetEnumerator() => Enumerable.Empty<T>().GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => Enumerable.Empty<T>().GetEnumerator();
    }
}
