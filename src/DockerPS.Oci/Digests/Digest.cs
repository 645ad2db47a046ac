using System.Security.Cryptography;
using System.Text;

namespace DockerPS.Oci.Digests;

/// <summary>Name of content by its hash (OCI image-spec, descriptor.md#digests): <c>sha256:</c> or <c>sha512:</c> and lower-case hexadecimal digits.</summary>
public readonly record struct Digest
{
    private readonly string? _text;
    private readonly int _colon;

    private Digest(string text, int colon)
    {
        _text = text;
        _colon = colon;
    }

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm => Text[.._colon];

    /// <summary>The digits.</summary>
    public string Hex => Text[(_colon + 1)..];

    private string Text => _text ?? throw new InvalidOperationException("This digest was never set.");

    /// <exception cref="InvalidDigestException">Unknown algorithm or wrong digits.</exception>
    public static Digest Parse(string text) => TryParse(text, out Digest digest) ? digest : throw new InvalidDigestException(text);

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(string? text, out Digest digest)
    {
        digest = default;
        if (text is null) return false;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int digits = colon < 0 ? 0 : text.AsSpan(0, colon) switch { "sha256" => 64, "sha512" => 128, _ => 0 };
        if (digits == 0 || text.Length != colon + 1 + digits) return false;
        if (text.AsSpan(colon + 1).ContainsAnyExcept("0123456789abcdef")) return false;
        digest = new Digest(text, colon);
        return true;
    }

    /// <summary>sha256 of the bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes) => FromHash(SHA256.HashData(bytes));

    /// <summary>From 32 bytes of a finished sha256.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> sha256) => Parse("sha256:" + Convert.ToHexStringLower(sha256));

    /// <summary>A hash of this digest's algorithm, for content to be compared with it.</summary>
    public IncrementalHash NewHash() =>
        IncrementalHash.CreateHash(Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    /// <summary>Whether the finished hash is this digest's.</summary>
    public bool Matches(ReadOnlySpan<byte> hash) => Convert.ToHexStringLower(hash) == Hex;

    /// <summary>
    /// Identities of a stack of layers (OCI image-spec, config.md#layer-chainid): each names a layer together with all below it.
    /// </summary>
    /// <param name="diffIds">Lowest first.</param>
    public static IReadOnlyList<Digest> ChainIds(IEnumerable<Digest> diffIds)
    {
        var chain = new List<Digest>();
        foreach (Digest diffId in diffIds)
            chain.Add(chain.Count == 0 ? diffId : Of(Encoding.ASCII.GetBytes($"{chain[^1]} {diffId}")));
        return chain;
    }

    /// <inheritdoc/>
    public override string ToString() => _text ?? "";
}
