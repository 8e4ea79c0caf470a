namespace StreamSync.Contracts.Entity;

// One line a kind: the generated class carries the members, this file says that it is an entity.

/// <summary>A person as one tool knows them.</summary>
public partial class Person : IEntity;

/// <summary>A user of a tool.</summary>
public partial class UserAccount : IEntity;

/// <summary>An event.</summary>
public partial class Event : IEntity;

/// <summary>A signup for an event.</summary>
public partial class Signup : IEntity;

/// <summary>A contact with a person.</summary>
public partial class ContactAttempt : IEntity;

/// <summary>What a person allows.</summary>
public partial class Consent : IEntity;

/// <summary>A line item of a contribution.</summary>
public partial class Donation : IEntity;

/// <summary>An answer.</summary>
public partial class SurveyResponse : IEntity;

/// <summary>A tag on a person.</summary>
public partial class Tag : IEntity;

/// <summary>A voter registration.</summary>
public partial class Registration : IEntity;

/// <summary>A ballot request or early vote.</summary>
public partial class EarlyVote : IEntity;

/// <summary>A tie between people.</summary>
public partial class Relationship : IEntity;
