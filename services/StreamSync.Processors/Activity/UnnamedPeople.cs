using System.Text;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>
/// Person records that touches point to while identity resolution has no person for them. Mostly the record is on its way, so that the touches
/// wait and are written once instead of twice. When all is quiet and it still is not here, no tool may ever deliver it: then identity resolution
/// is told of the reference, and gives it a person of its own. No touch waits for ever.
/// </summary>
/// <param name="context">The stage's.</param>
/// <param name="settings">The topology's.</param>
/// <param name="state">The stage's; unnamed people in it are found again after a restart.</param>
/// <param name="write">Writes a touch.</param>
sealed class UnnamedPeople(IStageContext context, ActivitySettings settings, ProgramState state, Action<KeptTouch> write)
{
    /// <summary>Longest time, in seconds, that a touch waits for its person while little comes.</summary>
    public const int Patience = 10;

    /// <summary>Longest time, in seconds, that a touch waits for its person during a load.</summary>
    const int LongestPatience = 60;

    /// <summary>Seconds after which identity resolution is told, while little comes.</summary>
    const int ReferAfter = 1;

    /// <summary>Seconds after which identity resolution is told during a load.</summary>
    const int ReferLatest = 30;

    /// <summary>With more records than this in a second, or more people that are waited for, a load is running: the record comes with it.</summary>
    const int Quiet = 500;

    readonly Queue<(KeptPerson Person, int Since)> _unwritten = [];
    readonly Queue<(KeptPerson Person, int Since)> _unreferred = [];
    int _second;
    int _records;
    int _waiting;
    bool _restored;

    /// <summary>A record of the stage's input came.</summary>
    public void Counted() => _records++;

    /// <summary>Begins or goes on to wait for a person.</summary>
    /// <returns>False when it was waited for long enough: its touches are written as they come.</returns>
    public bool Wait(KeptPerson person)
    {
        if (person.Waiting is WaitingFor.Nothing)
        {
            person.Waiting = WaitingFor.Person;
            _waiting++;
            _unwritten.Enqueue((person, _second));
            _unreferred.Enqueue((person, _second));
        }

        return person.Waiting is WaitingFor.Person;
    }

    /// <summary>Identity resolution has said whose a record is, or that it is nobody's any more: what is waited for begins anew.</summary>
    public void End(KeptPerson person)
    {
        _waiting -= person.Waiting is WaitingFor.Person ? 1 : 0;
        person.Waiting = WaitingFor.Nothing;
    }

    /// <summary>A record has no touches any more: no reason to keep a person for it.</summary>
    public void Forget(KeptPerson person)
    {
        End(person);
        context.Send(TopicCatalog.PersonReference.Name, person.Home, null);
    }

    /// <summary>To be called once a second.</summary>
    public void Tick()
    {
        if (!_restored)
        {
            _restored = true;
            foreach (var person in state.People)
            {
                if (person.IsUnnamed)
                {
                    Wait(person);
                }
            }
        }

        _second++;
        var quiet = _records <= Quiet && _waiting <= Quiet;
        _records = 0;
        while (_unreferred.TryPeek(out var next) && next.Since + (quiet ? ReferAfter : ReferLatest) <= _second)
        {
            _unreferred.Dequeue();
            Refer(next.Person);
        }

        while (_unwritten.TryPeek(out var next) && next.Since + (quiet ? Patience : LongestPatience) <= _second)
        {
            _unwritten.Dequeue();
            if (next.Person.IsUnnamed && next.Person.Waiting is WaitingFor.Person)
            {
                _waiting--;
                next.Person.Waiting = WaitingFor.NoLonger;
                next.Person.Touches.ForEach(write);
            }
        }
    }

    void Refer(KeptPerson person)
    {
        if (!person.IsUnnamed || person.Waiting is WaitingFor.Nothing)
        {
            return;
        }

        var urn = Encoding.UTF8.GetString(person.Home);
        if (SourceUrn.TryParse(urn, out var parsed))
        {
            context.Send(TopicCatalog.PersonReference.Name, person.Home, settings.PersonReference.Encode(
                new PersonReference { SourceUrn = urn, Org = parsed.Org, NoticedAt = settings.Run.Clock.GetUtcNow().UtcDateTime }));
        }
    }
}
