namespace StreamSync.Identity;

/// <summary>The compact binary form of stage B's records.</summary>
static class GraphNodeBinary
{
    const byte FormatVersion = 3;

    public static byte[] Write(GraphTable table, int number)
    {
        var writer = CompactWriter.Own;
        writer.Byte(FormatVersion);
        writer.Text(table.UrnOf(number));
        writer.Text(table[number].Person.ToString());
        writer.Bytes(table[number].HasRecord ? table.RecordOf(number) : default);
        writer.Bytes(table[number].HasRecord ? table.FeaturesOf(number) : default);

        var edges = 0;
        foreach (var _ in new GraphEdges(table.PartsOf(number)))
        {
            edges++;
        }

        writer.Count(edges);
        foreach (var edge in new GraphEdges(table.PartsOf(number)))
        {
            writer.Text(table.UrnOf(edge.Other));
            writer.Count(edge.Assertions);
            writer.Count(edge.Links.Length);
            foreach (var part in edge.Links)
            {
                writer.Count(part.Partition);
                part.Value.Write(writer);
            }
        }

        var decisions = table.DecisionsOn(number);
        writer.Count(decisions.Count);
        foreach (var decision in decisions)
        {
            writer.Text(decision.Id);
            writer.Byte((byte)decision.Kind);
            writer.Text(decision.A);
            writer.Text(decision.B);
            writer.Text(decision.Author);
            writer.Text(decision.Reason);
            writer.Number(decision.At.UtcTicks);
        }

        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote into a record of which nothing is known.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public static void Read(GraphTable table, int number, ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        if (reader.Byte() != FormatVersion)
        {
            throw new InvalidDataException("A person graph was stored by another version of the engine; rebuild the store from entity.person.");
        }

        reader.Bytes();
        table.Assign(number, PersonKey.Parse(reader.Text()));
        var record = reader.Bytes();
        var features = reader.Bytes();
        if (!record.IsEmpty)
        {
            table.Keep(number, record, features, PersonFeatures.ReadNote(features).CreatedAt);
        }

        for (var edges = reader.Count(); edges > 0; edges--)
        {
            var other = table.NumberFor(reader.Text());
            if (reader.Count() is > 0 and var assertions)
            {
                table.Assert(number, other, assertions);
            }

            for (var links = reader.Count(); links > 0; links--)
            {
                table.Set(number, other, reader.Count(), LinkValue.Read(ref reader));
            }
        }

        for (var decisions = reader.Count(); decisions > 0; decisions--)
        {
            table.Keep(number, new IdentityDecision(
                reader.Text(), (DecisionKind)reader.Byte(), reader.Text(), reader.Text(), reader.Text(), reader.Text(),
                new DateTimeOffset(reader.Number(), TimeSpan.Zero)));
        }
    }
}
