using StreamSync.Contracts;
using StreamSync.Contracts.Activity;
using StreamSync.Contracts.Common;
using StreamSync.Contracts.Entity;

namespace StreamSync.Processors.Activity;

/// <summary>What an entity says about a contact between the program and a person.</summary>
/// <param name="Touch">The touch without what joins add.</param>
/// <param name="Canvasser">Who made it, as the tool reports; null for nobody.</param>
readonly record struct TouchDraft(Touch Touch, Canvasser? Canvasser);

/// <summary>Brings the kinds of contact of the data standard into the one form of a touch.</summary>
static class TouchMapper
{
    /// <summary>The kinds that are touches.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["contact_attempt", "signup", "donation", "consent", "registration", "survey_response", "early_vote", "relationship"];

    public static TouchDraft Map(IEntity entity) => entity switch
    {
        ContactAttempt e => new(
            With(Base(e, "contact_attempt", e.Channel, e.PersonRef), e.OccurredAt, e.OccurredAtText, e.TimeZone, e.LocalDate, e.Direction, e.Result, e.ResultCode, e.ResultName, touch =>
            {
                (touch.CampaignId, touch.CampaignName) = (e.CampaignId, e.CampaignName);
            }),
            e.Canvasser),
        Signup e => new(
            With(Base(e, "signup", "event", e.PersonRef), e.OccurredAt, e.OccurredAtText, e.TimeZone, e.LocalDate, "inbound", e.Attendance is null or "unknown" ? e.RsvpStatus : e.Attendance, null, null, touch =>
            {
                (touch.EventRef, touch.RsvpStatus, touch.Attendance, touch.CampaignName) = (e.EventRef, e.RsvpStatus, e.Attendance, e.ReferrerCampaign);
            }),
            null),
        Donation e => new(
            With(Base(e, "donation", "donation", e.PersonRef), e.OccurredAt, e.OccurredAtText, e.TimeZone, e.LocalDate, "inbound", e.Kind, null, e.Status, touch =>
            {
                (touch.Amount, touch.Currency, touch.CampaignName) = (e.Amount, e.Currency, e.Form);
            }),
            null),
        Consent e => new(
            With(Base(e, "consent", e.Channel switch { "sms" => "sms", "voice" => "phone", "email" => "email", _ => "other" }, e.PersonRef), e.OccurredAt, e.OccurredAtText, e.TimeZone, e.LocalDate, "inbound", e.Status, null, e.Reason),
            null),
        Registration e => new(
            With(Base(e, "registration", "registration", e.PersonRef), e.OccurredAt, e.OccurredAtText, e.TimeZone, e.LocalDate, "inbound", e.Status, null, e.Kind),
            null),
        SurveyResponse e => new(
            With(Base(e, "survey_response", "other", e.PersonRef), e.OccurredAt, e.OccurredAtText, e.TimeZone, e.LocalDate, "inbound", e.NormalizedAnswer ?? e.AnswerText, e.AnswerId, e.AnswerText),
            e.Canvasser),
        EarlyVote e => new(
            With(Base(e, "early_vote", "other", e.PersonRef), e.OccurredAt, e.OccurredAtText, e.TimeZone, e.LocalDate, "inbound", e.Status, null, e.BallotType),
            null),
        Relationship e => new(
            With(Base(e, "relationship", "relational", e.ToPersonRef), e.OccurredAt, e.OccurredAtText, e.TimeZone, e.LocalDate, "outbound", e.Kind, null, e.Label),
            null),
        _ => throw new ArgumentException($"a {entity.GetType().Name} is no touch", nameof(entity)),
    };

    static Touch Base(IEntity entity, string kind, string channel, string? personRef) => new()
    {
        SourceUrn = entity.SourceUrn,
        Org = entity.Org,
        PersonRef = personRef!,
        Kind = kind,
        Channel = channel,
        Vendor = entity.Vendor,
        Instance = entity.Instance,
        SourceEntity = kind,
        ObservedAt = entity.ObservedAt,
    };

    static Touch With(
        Touch touch, DateTime? at, string? text, string? zone, string? date, string? direction, string? outcome, string? code, string? name, Action<Touch>? more = null)
    {
        (touch.OccurredAt, touch.OccurredAtText, touch.TimeZone, touch.LocalDate) = (at, text!, zone!, date!);
        (touch.Direction, touch.Outcome, touch.OutcomeCode, touch.OutcomeName) = (direction!, outcome!, code!, name!);
        more?.Invoke(touch);
        return touch;
    }
}
