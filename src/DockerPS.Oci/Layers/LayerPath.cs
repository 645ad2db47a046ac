namespace DockerPS.Oci.Layers;

/// <summary>Names in layers, as bytes, made canonical: no leading, trailing or double slash, no <c>.</c> and no <c>..</c>.</summary>
public static class LayerPath
{
    /// <summary>
    /// Cleans a name into <paramref name="cleaned"/>, which is at least as long as it, and returns the length; 0 is the root.
    /// An absolute name is taken from the root. <c>..</c> takes back the component before it, as text, as Docker does.
    /// </summary>
    /// <exception cref="TarFormatException">The name climbs above the root.</exception>
    public static int Clean(ReadOnlySpan<byte> name, Span<byte> cleaned)
    {
        int length = 0;
        for (int position = 0; position < name.Length;)
        {
            int end = name[position..].IndexOf((byte)'/');
            ReadOnlySpan<byte> component = end < 0 ? name[position..] : name.Slice(position, end);
            position += component.Length + 1;
            if (component.IsEmpty || component.SequenceEqual("."u8)) continue;
            if (component.SequenceEqual(".."u8))
            {
                if (length == 0) throw new TarFormatException(TarFault.Unsafe, $"The entry '{TarEntry.Show(name)}' reaches outside the layer.");
                length = Math.Max(0, cleaned[..length].LastIndexOf((byte)'/'));
                continue;
            }
            if (length > 0) cleaned[length++] = (byte)'/';
            component.CopyTo(cleaned[length..]);
            length += component.Length;
        }
        return length;
    }

    /// <summary>The part before the last slash; empty for what lies in the root.</summary>
    public static ReadOnlySpan<byte> Directory(ReadOnlySpan<byte> cleaned) => cleaned[..Math.Max(0, cleaned.LastIndexOf((byte)'/'))];

    /// <summary>The part after the last slash.</summary>
    public static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> cleaned) => cleaned[(cleaned.LastIndexOf((byte)'/') + 1)..];
}
