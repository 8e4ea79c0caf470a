using StreamSync.Contracts;
using StreamSync.Contracts.Common;
using StreamSync.Contracts.Entity;
using StreamSync.Identity;
using StreamSync.Processors.Standardiser.Mapping;

namespace StreamSync.Processors.Standardiser;

/// <summary>Brings contact points, postal codes and dates of entities into their common form, by the identity engine's rules.</summary>
/// <param name="region">ISO region of telephone numbers without country code.</param>
sealed class EntityNormaliser(string region = "US")
{
    readonly PhoneNormalizer _phones = new(region);

    public void Normalise(IEntity entity)
    {
        switch (entity)
        {
            case Person person:
                Normalise(person);
                break;
            case ContactAttempt attempt:
                attempt.Phone = PhoneOf(attempt.Phone)!;
                attempt.Email = EmailOf(attempt.Email)!;
                break;
            case Consent consent:
                consent.ContactPoint = (consent.Channel is "email" ? EmailOf(consent.ContactPoint) : consent.Channel is "sms" or "voice" ? PhoneOf(consent.ContactPoint) : consent.ContactPoint)!;
                break;
            case Event happening:
                Normalise(happening.Address);
                if (happening.LocalDate is null && happening.StartAt is { } start && TimeZones.Find(happening.TimeZone) is { } zone)
                {
                    happening.LocalDate = LocalDates.Of(start, zone, 0);
                }

                break;
            default:
                break;
        }
    }

    void Normalise(Person person)
    {
        foreach (var email in person.Emails)
        {
            var normal = EmailNormalizer.Normalize(email.Raw);
            email.Normalized = normal.Address.Length > 0 ? normal.Address : null!;
            email.Identifying = normal.Quality == ContactQuality.Identifying;
        }

        foreach (var phone in person.Phones)
        {
            var normal = _phones.Normalize(phone.Raw);
            phone.Normalized = normal.E164.Length > 0 ? normal.E164 : null!;
            phone.Extension ??= normal.Extension.Length > 0 ? normal.Extension : null!;
            phone.LineType ??= LineTypeOf(normal.Line)!;
            phone.Identifying = normal.Quality == ContactQuality.Identifying;
        }

        foreach (var address in person.Addresses)
        {
            Normalise(address);
        }

        if (person.DateOfBirth is not null)
        {
            var birth = BirthDateNormalizer.Normalize(person.DateOfBirth);
            person.DobQuality = birth.Quality switch
            {
                BirthDateQuality.Ok => "ok",
                BirthDateQuality.Partial => "partial",
                BirthDateQuality.DefaultSuspect => "default_suspect",
                BirthDateQuality.Invalid => "invalid",
                _ => null!,
            };
            person.DateOfBirth = birth.IsEvidence ? birth.ToString() : null!;
        }
    }

    static void Normalise(Address? address)
    {
        if (address?.PostalCode is null)
        {
            return;
        }

        var normal = AddressNormalizer.Normalize(new PostalAddress(State: address.State, PostalCode: address.PostalCode, Country: address.Country));
        if (normal.ZipRepaired)
        {
            (address.PostalCode, address.PostalCodeRepaired) = (normal.PostalCode, true);
        }
    }

    string? PhoneOf(string? raw) => raw is null ? null : _phones.Normalize(raw).E164 is { Length: > 0 } known ? known : null;

    static string? EmailOf(string? raw) => raw is null ? null : EmailNormalizer.Normalize(raw).Address is { Length: > 0 } known ? known : null;

    static string? LineTypeOf(LineType line) => line switch
    {
        LineType.Mobile => "cell",
        LineType.Fixed => "landline",
        LineType.Voip => "voip",
        _ => null,
    };
}
