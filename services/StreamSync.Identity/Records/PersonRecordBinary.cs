namespace StreamSync.Identity;

/// <summary>Binary form of records, in stage B's state and on the way to it.</summary>
static class PersonRecordBinary
{
    public static void Write(CompactWriter writer, PersonRecord record)
    {
        writer.Text(record.Urn);
        writer.Text(record.Org);
        writer.Byte((byte)record.Kind);
        writer.Count(record.Names.Count);
        foreach (var name in record.Names)
        {
            Optional(name.Given);
            Optional(name.Middle);
            Optional(name.Family);
            Optional(name.Suffix);
            Optional(name.Full);
        }

        List(record.Emails);
        List(record.Phones);
        Optional(record.BirthDate);
        writer.Count(record.Addresses.Count);
        foreach (var address in record.Addresses)
        {
            Optional(address.Line);
            Optional(address.City);
            Optional(address.State);
            Optional(address.PostalCode);
            Optional(address.Country);
        }

        writer.Count(record.Ids.Count);
        foreach (var id in record.Ids)
        {
            writer.Text(id.Type);
            writer.Text(id.Scope);
            writer.Text(id.Value);
        }

        List(record.SameAs);
        Optional(record.BirthPlace);
        Optional(record.Occupation);
        writer.Count(record.Extras.Count);
        foreach (var extra in record.Extras)
        {
            writer.Byte((byte)extra.Field);
            writer.Text(extra.Value);
        }

        writer.Count(record.SourceTrust);
        Instant(record.CreatedAt);
        Instant(record.UpdatedAt);

        void Optional(string? text) => writer.Text(text ?? "");

        void List(IReadOnlyList<string> values)
        {
            writer.Count(values.Count);
            foreach (var value in values)
            {
                writer.Text(value);
            }
        }

        void Instant(DateTimeOffset? at) => writer.Number(at?.UtcTicks ?? 0);
    }

    public static PersonRecord Read(ref CompactReader reader)
    {
        var urn = reader.Text();
        var org = reader.Text();
        var kind = (RecordKind)reader.Byte();
        var names = new PersonName[reader.Count()];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = new PersonName(
                Optional(ref reader), Optional(ref reader), Optional(ref reader), Optional(ref reader), Optional(ref reader));
        }

        var emails = reader.Texts();
        var phones = reader.Texts();
        var birthDate = Optional(ref reader);
        var addresses = new PostalAddress[reader.Count()];
        for (var i = 0; i < addresses.Length; i++)
        {
            addresses[i] = new PostalAddress(
                Optional(ref reader), Optional(ref reader), Optional(ref reader), Optional(ref reader), Optional(ref reader));
        }

        var ids = new ExternalId[reader.Count()];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = new ExternalId(reader.Text(), reader.Text(), reader.Text());
        }

        var sameAs = reader.Texts();
        var birthPlace = Optional(ref reader);
        var occupation = Optional(ref reader);
        var extras = new ExtraValue[reader.Count()];
        for (var i = 0; i < extras.Length; i++)
        {
            extras[i] = new ExtraValue((Field)reader.Byte(), reader.Text());
        }

        return new PersonRecord
        {
            Urn = urn,
            Org = org,
            Kind = kind,
            Names = names,
            Emails = emails,
            Phones = phones,
            BirthDate = birthDate,
            Addresses = addresses,
            Ids = ids,
            SameAs = sameAs,
            BirthPlace = birthPlace,
            Occupation = occupation,
            Extras = extras,
            SourceTrust = reader.Count(),
            CreatedAt = Instant(ref reader),
            UpdatedAt = Instant(ref reader),
        };
    }

    static string? Optional(ref CompactReader reader)
    {
        var text = reader.Text();
        return text.Length == 0 ? null : text;
    }

    static DateTimeOffset? Instant(ref CompactReader reader)
    {
        var ticks = reader.Number();
        return ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
    }
}
