namespace DockerPS.Oci.ImageSpec;

/// <summary>Attestations of builders stand beside images in an index, as manifests of an unknown platform.</summary>
public static class Attestation
{
    public static bool Is(Descriptor manifest) =>
        manifest.Platform is { Os: "unknown" } || manifest.Annotations?.ContainsKey(AnnotationKeys.DockerReferenceType) == true;
}
