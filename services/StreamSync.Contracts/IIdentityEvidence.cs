namespace StreamSync.Contracts;

/// <summary>What identity resolution goes by: the links it holds now, and why near records are not of the same person.</summary>
public interface IIdentityEvidence
{
    /// <summary>The evidence on the records of a person.</summary>
    /// <param name="org">The group that owns them.</param>
    /// <param name="urns">Source URNs of the person's records.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="EvidenceUnavailableException">Identity resolution can't be asked; the message says why and what to do.</exception>
    Task<PersonEvidence> OfAsync(string org, IReadOnlyList<string> urns, CancellationToken cancellationToken);
}

/// <summary>The evidence on a person.</summary>
/// <param name="Model">Version of the weights.</param>
/// <param name="ThresholdBits">Mean evidence between groups of records from which on they are one person.</param>
/// <param name="Links">Pairs within the person.</param>
/// <param name="Apart">The nearest records of other people, one a person, the nearest first.</param>
/// <param name="Crowded">Values that too many records share to be evidence.</param>
/// <param name="Notes">What is missing here, in sentences.</param>
public sealed record PersonEvidence(
    string Model, double ThresholdBits, IReadOnlyList<PairEvidence> Links, IReadOnlyList<PairEvidence> Apart, IReadOnlyList<CrowdedKey> Crowded, IReadOnlyList<string> Notes);

/// <summary>The evidence on a pair of records.</summary>
/// <param name="A">One record; of the person asked for.</param>
/// <param name="B">The other.</param>
/// <param name="OtherPersonId">The person of the other, where that is another one.</param>
/// <param name="Bits">Evidence after limits: log2 of the odds that the two are one person.</param>
/// <param name="Rule">What brought the pair together.</param>
/// <param name="Fields">The evidence field by field, then what limits took or gave: they add up to <paramref name="Bits"/>.</param>
/// <param name="Why">Why the two are not one person; null where they are.</param>
/// <param name="Decision">A steward's decision on the pair.</param>
public sealed record PairEvidence(string A, string B, string? OtherPersonId, double Bits, string Rule, IReadOnlyList<FieldBits> Fields, string? Why, SaidDecision? Decision);

/// <summary>What one field says about a pair.</summary>
/// <param name="Field">Field.</param>
/// <param name="Level">How it compares.</param>
/// <param name="Bits">Evidence for (positive) or against.</param>
public sealed record FieldBits(string Field, string Level, double Bits);

/// <summary>A decision as evidence.</summary>
/// <param name="Kind"><see cref="Decisions.MustLink"/> or <see cref="Decisions.CannotLink"/>.</param>
/// <param name="Author">Who decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When (UTC).</param>
public sealed record SaidDecision(string Kind, string Author, string Reason, DateTime At);

/// <summary>A value of a record that too many records share.</summary>
/// <param name="Urn">The record.</param>
/// <param name="Rule">Kind of value.</param>
/// <param name="Records">How many records share it.</param>
public sealed record CrowdedKey(string Urn, string Rule, int Records);

/// <summary>Identity resolution can't be asked.</summary>
public sealed class EvidenceUnavailableException : Exception
{
    /// <summary>Creates the error.</summary>
    public EvidenceUnavailableException()
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">Why, and what to do.</param>
    public EvidenceUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public EvidenceUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>True while identity resolution is starting: asked again, it may answer.</summary>
    public bool IsStarting { get; init; }
}
