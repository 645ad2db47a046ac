using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerPS.Engine.Catalogue;

/// <summary>How a <see cref="ContainerSpec"/> stands in the catalogue. Lists are always written, because a missing one would be read as null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ByteSizeConverter)])]
[JsonSerializable(typeof(ContainerSpec))]
internal sealed partial class ContainerSpecJson : JsonSerializerContext;

/// <summary>A size as a number of bytes.</summary>
internal sealed class ByteSizeConverter : JsonConverter<ByteSize>
{
    public override ByteSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetInt64();

    public override void Write(Utf8JsonWriter writer, ByteSize value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Bytes);
}
