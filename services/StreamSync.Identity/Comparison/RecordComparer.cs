namespace StreamSync.Identity;

/// <summary>Compares two records field by field and says at which level each agrees. Knows no weights.</summary>
static class RecordComparer
{
    public static void Compare(RecordView a, RecordView b, FrequencyTable table, ref Outcomes outcomes)
    {
        PersonNames.Compare(a, b, ref outcomes);
        outcomes[(int)Field.BirthDate] = BirthDates.Compare(a, b);
        outcomes[(int)Field.Email] = Contacts.Emails(a, b, table);
        outcomes[(int)Field.Phone] = Contacts.Phones(a, b, table);
        Places.Compare(a, b, table, ref outcomes);
        if (a.Extras is null || b.Extras is null)
        {
            return;
        }

        for (var field = Field.BirthPlace; field <= Field.Extra4; field++)
        {
            var (x, y) = (a.Extras[(int)field], b.Extras[(int)field]);
            outcomes[(int)field] = x.Length == 0 || y.Length == 0 ? default : field switch
            {
                Field.Gender => Values.Category(x, y, table, FrequencyKind.Gender),
                Field.NationalId => Values.Number(x, y, table, FrequencyKind.NationalId),
                _ => Values.Text(x, y, table, KindOf(field)),
            };
        }
    }

    public static FrequencyKind KindOf(Field field) => field switch
    {
        Field.BirthPlace => FrequencyKind.BirthPlace,
        Field.Occupation => FrequencyKind.Occupation,
        Field.Gender => FrequencyKind.Gender,
        Field.NationalId => FrequencyKind.NationalId,
        Field.AddressLine2 => FrequencyKind.AddressLine2,
        _ => (FrequencyKind)((int)FrequencyKind.Extra1 + (field - Field.Extra1)),
    };
}
