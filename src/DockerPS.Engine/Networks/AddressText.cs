using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace DockerPS.Engine.Networks;

/// <summary>Addresses as people write them. The base library's parser also takes <c>10</c> and <c>0x7f.1</c>, which are rather names or ids.</summary>
internal static class AddressText
{
    private const int DotsOfFour = 3;

    public static bool IsAddress(string text) => TryParse(text, out _);

    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return (text.Contains(':', StringComparison.Ordinal) || text.AsSpan().Count('.') == DotsOfFour) && IPAddress.TryParse(text, out address);
    }
}
