using DockerPS.Engine;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Conversion;

/// <summary>An instant, or an image, which stands for the time of its creation.</summary>
public sealed class ImageInstantAttribute(string errorId) : InstantAttribute(errorId)
{
    private protected override object Convert(object input) => input switch
    {
        ContainerImage image => image.Created,
        string { Length: > 0 } name when Created(name) is { } created => created,
        _ => base.Convert(input),
    };

    private static DateTimeOffset? Created(string name)
    {
        try
        {
            IReadOnlyList<ContainerImage> images = OpenEngines.Current().GetImages(new ImageFilter { Names = [name] });
            return images.Count > 0 ? images[0].Created : null;
        }
        catch (Exception e) when (e is DockerException or IOException or UnauthorizedAccessException)
        {
            // No image, or no store: then it is a time, or the cmdlet says what is wrong with the store.
            return null;
        }
    }
}
