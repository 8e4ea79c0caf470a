using System.Text;
using StreamSync.Contracts;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>
/// Second stage, by person record: joins touches with people and canvassers, both ways, and writes a touch again whenever one of them changes.
/// </summary>
/// <remarks>
/// A touch that moves to another person record may be written by two partitions. The former one, when it hears of the move, asks the new one to
/// repeat: so the new one always has the last word.
/// </remarks>
sealed class ProgramStage(ActivitySettings settings) : IStage
{
    public const string Name = "program";

    /// <summary>The topic between the stages.</summary>
    public const string Input = "by-person";

    readonly PackWriter _writer = new();
    IStageContext _context = null!;
    ProgramState _state = null!;
    NamelessCount _nameless = null!;
    UnnamedPeople _unnamed = null!;

    public void Start(IStageContext context)
    {
        _context = context;
        _state = context.State<ProgramState>();
        _nameless = new NamelessCount(context, settings, _state);
        _unnamed = new UnnamedPeople(context, settings, _state, Write);
        context.Every(TimeSpan.FromSeconds(1), _unnamed.Tick);
    }

    public void Process(in StageRecord record)
    {
        _unnamed.Counted();
        if (record.Topic == settings.PersonMapTopic)
        {
            Identify(record);
            return;
        }

        var message = new PackReader(record.Value);
        switch ((TouchMessageKind)message.Byte())
        {
            case TouchMessageKind.Put:
                Put(message.Bytes().ToArray(), record.Key, message.Rest);
                break;
            case TouchMessageKind.Moved:
                Forget(message.Bytes().ToArray(), record.Key);
                Repeat(message.Bytes().ToArray(), record.Value);
                break;
            case TouchMessageKind.Deleted:
                var urn = message.Bytes().ToArray();
                Forget(urn, record.Key);
                _context.Send(TopicCatalog.Touch.Name, urn, null);
                break;
            case TouchMessageKind.Repeat:
                WriteAgain(message.Bytes().ToArray(), record.Key);
                break;
            case TouchMessageKind.Account:
                var (account, slot) = Account.Read(ref message);
                Employ(account, slot);
                break;
            case TouchMessageKind.AccountGone:
                Dismiss(Encoding.UTF8.GetString(message.Bytes()));
                break;
            default:
                throw new InvalidDataException("the topic between the stages holds a message of another version");
        }
    }

    void Put(byte[] urn, byte[] home, ReadOnlySpan<byte> form)
    {
        if (_state.FindTouch(urn) is { } known && known.Person.Home.AsSpan().SequenceEqual(home) && form.SequenceEqual(known.Form))
        {
            return;
        }

        WriteOrWait(_state.PutTouch(urn, home, form.ToArray()));
    }

    void WriteOrWait(KeptTouch touch)
    {
        if (!touch.Person.IsUnnamed || !_unnamed.Wait(touch.Person))
        {
            Write(touch);
        }
    }

    void Forget(byte[] urn, byte[] home)
    {
        if (_state.FindTouch(urn) is { } known && known.Person.Home.AsSpan().SequenceEqual(home))
        {
            _nameless.Without(known);
            _state.RemoveTouch(known);
            if (known.Person.Touches.Count == 0 && !home.AsSpan().SequenceEqual(urn))
            {
                _unnamed.Forget(known.Person);
            }
        }
    }

    /// <summary>Asks the partition that a touch went to for its word.</summary>
    void Repeat(byte[] newHome, ReadOnlySpan<byte> moved)
    {
        var message = new PackReader(moved);
        message.Byte();
        var urn = message.Bytes();
        if (settings.Routes.Partitions == 1)
        {
            WriteAgain(urn.ToArray(), newHome);
            return;
        }

        _writer.Clear();
        _writer.Byte((byte)TouchMessageKind.Repeat);
        _writer.Bytes(urn);
        _context.Send(ActivityTopology.InputTopic, newHome, _writer.ToArray());
    }

    void WriteAgain(byte[] urn, ReadOnlySpan<byte> home)
    {
        if (_state.FindTouch(urn) is { } kept && kept.Person.Home.AsSpan().SequenceEqual(home))
        {
            WriteOrWait(kept);
        }
    }

    void Identify(in StageRecord record)
    {
        if (_state.PutPerson(record.Key, record.Value is null ? null : settings.PersonMap.Decode(record.Value).PersonId) is { } person)
        {
            _unnamed.End(person);
            foreach (var touch in person.Touches)
            {
                Write(touch);
            }

            if (person.IsUnnamed)
            {
                // Its record is gone: what is left of it are its touches.
                _unnamed.Wait(person);
            }
        }
    }

    void Employ(Account account, string slotName)
    {
        if (_state.SlotOf(account.Urn) is { } former && former.Name != slotName)
        {
            Dismiss(account.Urn);
        }

        var slot = _state.Slot(slotName);
        Change(slot, () => _state.PutAccount(slot, account));
    }

    void Dismiss(string urn)
    {
        if (_state.SlotOf(urn) is { } slot)
        {
            Change(slot, () => _state.RemoveAccount(slot, urn));
        }
    }

    /// <summary>Changes the accounts of an id and writes the touches anew whose canvasser is another one by it.</summary>
    void Change(AccountSlot slot, Action change)
    {
        var before = slot.Touches.ConvertAll(touch => slot.Find(new TouchForm(touch.Form).Scope));
        change();
        for (var i = 0; i < before.Count; i++)
        {
            if (slot.Find(new TouchForm(slot.Touches[i].Form).Scope) != before[i])
            {
                Write(slot.Touches[i]);
            }
        }
    }

    void Write(KeptTouch touch)
    {
        var form = new TouchForm(touch.Form);
        var account = touch.Slot?.Find(form.Scope);
        var name = form.Name ?? account?.Name;
        var basis = form.Name is not null ? form.NameSource ?? "reported"
            : account?.Name is not null ? account.Basis
            : form.CanvasserId is not null ? "unknown" : null;
        var join = new TouchJoin(
            touch.Person.PersonId, name, form.Kind ?? account?.Kind ?? (form.CanvasserId is null ? null : "unknown"), account?.Urn, form.PersonRef ?? account?.PersonRef, basis,
            settings.Run.Clock.GetUtcNow().UtcDateTime);
        _context.Send(TopicCatalog.Touch.Name, touch.Urn, form.Encode(join, settings.TouchSchemaId, _writer));
        _nameless.With(touch, form.CanvasserId is not null && name is null);
    }
}
