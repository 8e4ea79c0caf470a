namespace StreamSync.Identity;

/// <summary>
/// A look at one record of stage B: what it says, which links it has, which decisions name it and whose it is, as it is at the moment. A node without a
/// record stands for one that links or decisions already name, or that was deleted while links still name it. It is good until the next flush.
/// </summary>
public sealed class GraphNode
{
    readonly GraphTable _table;
    string? _urn;

    internal GraphNode(GraphTable table, int number) => (_table, Number) = (table, number);

    /// <summary>The record's URN.</summary>
    public string Urn => _urn ??= _table.UrnOf(Number);

    /// <summary>False for a record that is not, or no longer, there.</summary>
    public bool HasRecord => _table[Number].HasRecord;

    /// <summary>The person the record belongs to since the last flush, or null.</summary>
    public string? PersonId => Person.IsNobody ? null : Person.ToString();

    internal int Number { get; }

    internal PersonKey Person => _table[Number].Person;

    /// <summary>When the record was made, as in its features.</summary>
    internal long CreatedAt => _table[Number].CreatedAt;

    internal GraphEdges Edges => new(_table.PartsOf(Number));

    /// <summary>Decisions that name the record; most have none.</summary>
    internal IReadOnlyList<IdentityDecision> Decisions => _table.DecisionsOn(Number);

    /// <summary>Decodes the record; null when it is not there.</summary>
    internal PersonRecord? ReadRecord() => HasRecord ? PersonRecord.FromBytes(_table.RecordOf(Number)) : null;

    /// <summary>Decodes the features; null without a record.</summary>
    internal PersonFeatures? ReadFeatures() => HasRecord ? PersonFeatures.FromBytes(_table.FeaturesOf(Number)) : null;

    /// <summary>What is known about this record and another; it has no parts when that is nothing.</summary>
    internal GraphEdge EdgeTo(GraphNode other)
    {
        foreach (var edge in Edges)
        {
            if (edge.Other == other.Number)
            {
                return edge;
            }
        }

        return default;
    }

    /// <summary>The record that a decision names beside this one, by its number.</summary>
    internal int OtherOf(IdentityDecision decision) => _table.NumberOf(decision.A == Urn ? decision.B : decision.A);

    internal DecisionKind DecisionOn(string urn)
    {
        foreach (var decision in Decisions)
        {
            if (decision.A == urn || decision.B == urn)
            {
                return decision.Kind;
            }
        }

        return DecisionKind.Withdrawn;
    }
}
