using DockerPS.Engine.Catalogue;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Containers;

/// <summary>Decides which containers a filter means.</summary>
internal sealed class ContainerQuery
{
    private readonly ContainerFilter _filter;
    private readonly List<string> _patterns;

    public ContainerQuery(ContainerFilter filter)
    {
        _filter = filter;
        _patterns = [.. filter.Names.Where(NamePattern.Is)];
        Literals = [.. filter.Names.Where(n => !NamePattern.Is(n))];
    }

    /// <summary>Names that mean one container each, in any state.</summary>
    public IReadOnlyList<string> Literals { get; }

    public bool LiteralOnly => Literals.Count > 0 && _patterns.Count == 0;

    /// <summary>Only rows of started containers can match.</summary>
    public bool RunningOnly => Literals.Count == 0 && !InAnyState
        && (_filter.States.Count == 0 || _filter.States.All(s => s is ContainerState.Running or ContainerState.Paused));

    private bool InAnyState => _filter.States.Count == 0 && (_filter.All || _filter.Latest > 0);

    /// <summary>All conditions but the state, which costs more to know.</summary>
    public bool MatchesRow(ContainerRow row) =>
        (_filter.Names.Count == 0 || IsLiteral(row) || _patterns.Any(p => NamePattern.Matches(p, row.Name) || NamePattern.Matches(p, row.Id)))
        && _filter.Labels.All(l => HasLabel(row.Spec.Labels, l))
        && (_filter.Images.Count == 0 || _filter.Images.Any(i => IsImage(row, i)));

    public bool MatchesState(Container container) => _filter.States.Count > 0
        ? _filter.States.Contains(container.State)
        : InAnyState || container.State is ContainerState.Running or ContainerState.Paused
            || Literals.Any(l => Names(l, container.Id, container.Name));

    private bool IsLiteral(ContainerRow row) => Literals.Any(l => Names(l, row.Id, row.Name));

    private static bool Names(string literal, string id, string name) =>
        literal == name || (ContainerNames.IsIdPrefix(literal) && id.StartsWith(literal, StringComparison.Ordinal));

    private static bool HasLabel(IReadOnlyDictionary<string, string> labels, string asked)
    {
        int equals = asked.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? labels.ContainsKey(asked)
            : labels.TryGetValue(asked[..equals], out string? value) && value == asked[(equals + 1)..];
    }

    /// <summary>By reference with or without tag, by id or beginning of one, or by pattern.</summary>
    private static bool IsImage(ContainerRow row, string asked)
    {
        string digits = row.ImageId.StartsWith("sha256:", StringComparison.Ordinal) ? row.ImageId[7..] : row.ImageId;
        int colon = row.Image.LastIndexOf(':');
        // The last colon may belong to the registry's port.
        string repository = colon > row.Image.LastIndexOf('/') && !row.Image.Contains('@', StringComparison.Ordinal) ? row.Image[..colon] : row.Image;
        return row.Image == asked
            || repository == asked
            || (repository == row.Image && asked == row.Image + ":latest")
            || row.ImageId == asked
            || (ContainerNames.IsIdPrefix(asked) && asked.Length >= 4 && digits.StartsWith(asked, StringComparison.Ordinal))
            || (NamePattern.Is(asked) && (NamePattern.Matches(asked, row.Image) || NamePattern.Matches(asked, repository)));
    }
}
