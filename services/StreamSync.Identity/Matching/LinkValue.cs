namespace StreamSync.Identity;

/// <summary>What the match keys of one partition say about a pair of records.</summary>
/// <param name="Base">Evidence of all compared fields, in hundredths of a bit; the same in every partition.</param>
/// <param name="Email">What a shared e-mail address adds, if its key is among <paramref name="Kinds"/>.</param>
/// <param name="Phone">What a shared phone number adds, likewise.</param>
/// <param name="Kinds">The rules whose keys, within their caps, brought the pair together: bit n for the rule of number n.</param>
/// <param name="Flags">What overrules the sum.</param>
public readonly record struct LinkValue(int Base, int Email, int Phone, uint Kinds, PairFlags Flags)
{
    internal bool Has(MatchKeyKind kind) => (Kinds & MatchKeyId.BitOf(kind)) != 0;

    internal void Write(CompactWriter writer)
    {
        writer.Number(Base);
        writer.Number(Email);
        writer.Number(Phone);
        writer.Count((int)Kinds);
        writer.Byte((byte)Flags);
    }

    internal static LinkValue Read(ref CompactReader reader) =>
        new((int)reader.Number(), (int)reader.Number(), (int)reader.Number(), (uint)reader.Count(), (PairFlags)reader.Byte());
}
