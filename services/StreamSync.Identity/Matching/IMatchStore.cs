namespace StreamSync.Identity;

/// <summary>Where stage A keeps its groups. Calls come from one thread; a key is <see cref="MatchKey"/>'s text form.</summary>
/// <remarks>
/// A Kafka state store holds groups under the key itself and overflow members under the key, a separator that sorts after no
/// key (such as U+0001) and the URN, so that one range scan reads the members of a key.
/// </remarks>
public interface IMatchStore
{
    /// <summary>The group, or null.</summary>
    MatchGroup? Get(string key);

    /// <summary>Keeps the group.</summary>
    void Put(string key, MatchGroup group);

    /// <summary>Forgets the group.</summary>
    void Delete(string key);

    /// <summary>A member of a capped key, or null.</summary>
    PersonFeatures? GetOverflow(string key, string urn);

    /// <summary>Keeps a member of a capped key.</summary>
    void PutOverflow(string key, PersonFeatures member);

    /// <summary>Forgets a member of a capped key.</summary>
    void DeleteOverflow(string key, string urn);

    /// <summary>All members of a capped key, in any order; read to the end before anything is written.</summary>
    IEnumerable<PersonFeatures> ScanOverflow(string key);
}

/// <summary>Stage A's groups in memory.</summary>
public sealed class InMemoryMatchStore : IMatchStore
{
    readonly Dictionary<string, MatchGroup> _groups = new(StringComparer.Ordinal);
    readonly Dictionary<string, Dictionary<string, PersonFeatures>> _overflow = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public MatchGroup? Get(string key) => _groups.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Put(string key, MatchGroup group) => _groups[key] = group;

    /// <inheritdoc/>
    public void Delete(string key) => _groups.Remove(key);

    /// <inheritdoc/>
    public PersonFeatures? GetOverflow(string key, string urn) => _overflow.GetValueOrDefault(key)?.GetValueOrDefault(urn);

    /// <inheritdoc/>
    public void PutOverflow(string key, PersonFeatures member)
    {
        ArgumentNullException.ThrowIfNull(member);
        if (!_overflow.TryGetValue(key, out var members))
        {
            _overflow.Add(key, members = new Dictionary<string, PersonFeatures>(StringComparer.Ordinal));
        }

        members[member.Urn] = member;
    }

    /// <inheritdoc/>
    public void DeleteOverflow(string key, string urn)
    {
        if (_overflow.TryGetValue(key, out var members) && members.Remove(urn) && members.Count == 0)
        {
            _overflow.Remove(key);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<PersonFeatures> ScanOverflow(string key) =>
        _overflow.TryGetValue(key, out var members) ? members.Values : [];
}
