using StreamSync.Contracts.Entity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>What the topic between the two stages carries, keyed by the person record that a touch points to.</summary>
enum TouchMessageKind : byte
{
    /// <summary>A touch, new or changed: its URN and the kept form.</summary>
    Put = 1,

    /// <summary>The touch points to another person record now, or to none: its URN, and the key it went to.</summary>
    Moved = 2,

    /// <summary>The touch is deleted: its URN.</summary>
    Deleted = 3,

    /// <summary>Say again what you know of a touch: one that held it before may have spoken late.</summary>
    Repeat = 4,

    /// <summary>A user account, sent to every partition.</summary>
    Account = 5,

    /// <summary>A user account that is gone, sent to every partition.</summary>
    AccountGone = 6,
}

/// <summary>A user of a tool, as far as touches need it.</summary>
/// <param name="Urn">Source URN of the account.</param>
/// <param name="Scope">Committee or group in which the id is unique; null when it is unique in the instance.</param>
/// <param name="Name">Name to show; null when the account has none.</param>
/// <param name="Kind">staff, public_user, volunteer, agent or system.</param>
/// <param name="PersonRef">The user's own person record.</param>
sealed record Account(string Urn, string? Scope, string? Name, string? Kind, string? PersonRef)
{
    /// <summary>Where the name of such an account is said to come from.</summary>
    public string Basis => Kind switch
    {
        "staff" => "users",
        "public_user" => "publicusers",
        _ => "roster",
    };

    /// <summary>Ids of users are unique only within an account of a vendor.</summary>
    public static string SlotOf(string org, string vendor, string instance, string userId) => string.Concat(string.Concat(org, "/", vendor, "/"), instance, "/", userId);

    public static byte[] Message(UserAccount account, PackWriter writer)
    {
        writer.Clear();
        writer.Byte((byte)TouchMessageKind.Account);
        writer.Text(account.SourceUrn);
        writer.Text(SlotOf(account.Org, account.Vendor, account.Instance, account.UserId));
        writer.Optional(account.UserScope);
        writer.Optional(account.DisplayName ?? account.Username);
        writer.Optional(account.Kind);
        writer.Optional(account.PersonRef);
        return writer.ToArray();
    }

    /// <summary>Reads what follows the message's kind.</summary>
    public static (Account Account, string Slot) Read(ref PackReader reader)
    {
        var (urn, slot) = (reader.Text(), reader.Text());
        return (new Account(urn, reader.Optional(), reader.Optional(), reader.Optional(), reader.Optional()), slot);
    }
}
