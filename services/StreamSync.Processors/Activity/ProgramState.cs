using System.Text;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>A touch as it is kept.</summary>
sealed class KeptTouch(byte[] urn)
{
    public byte[] Urn { get; } = urn;

    public KeptPerson Person { get; set; } = null!;

    /// <summary>Canvasser and pieces, as <see cref="TouchStage"/> wrote them.</summary>
    public byte[] Form { get; set; } = [];

    /// <summary>Where its canvasser's accounts are; null without a canvasser's id.</summary>
    public AccountSlot? Slot { get; set; }

    /// <summary>Its place in the slot's list.</summary>
    public int SlotIndex { get; set; }

    /// <summary>True when it counts as one without a canvasser's name.</summary>
    public bool Nameless { get; set; }
}

/// <summary>A person record that touches point to, and the person that it belongs to.</summary>
sealed class KeptPerson(byte[] home)
{
    public byte[] Home { get; } = home;

    public string? PersonId { get; set; }

    public WaitingFor Waiting { get; set; }

    public List<KeptTouch> Touches { get; } = [];

    /// <summary>True when touches point to it and nobody has said whose it is. A touch without a person is its own home.</summary>
    public bool IsUnnamed => PersonId is null && Touches.Count > 0 && !(Touches.Count == 1 && Touches[0].Urn.AsSpan().SequenceEqual(Home));
}

/// <summary>What a person record waits for, see <see cref="UnnamedPeople"/>.</summary>
enum WaitingFor : byte
{
    Nothing,
    Person,
    NoLonger,
}

/// <summary>All accounts with one id in one account of a vendor, and the touches that name this id.</summary>
sealed class AccountSlot(string name)
{
    public string Name { get; } = name;

    public List<Account> Accounts { get; } = [];

    public List<KeptTouch> Touches { get; } = [];

    /// <summary>The user behind the id: one whose id needs no scope, else the one of the same scope; never another committee's.</summary>
    public Account? Find(string? scope)
    {
        Account? scoped = null;
        foreach (var account in Accounts)
        {
            if (account.Scope is null)
            {
                return account;
            }

            if (account.Scope == scope)
            {
                scoped = account;
            }
        }

        return scoped;
    }
}

/// <summary>What the second stage remembers: touches by person record, persons, accounts.</summary>
sealed class ProgramState : IStageState
{
    const byte TouchKey = (byte)'t';
    const byte PersonKey = (byte)'p';
    const byte AccountKey = (byte)'a';

    readonly Dictionary<byte[], KeptTouch> _touches = new(ByteArrayComparer.Instance);
    readonly Dictionary<byte[], KeptPerson> _people = new(ByteArrayComparer.Instance);
    readonly Dictionary<string, AccountSlot> _slots = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _slotOfAccount = new(StringComparer.Ordinal);
    readonly HashSet<byte[]> _changedTouches = new(ByteArrayComparer.Instance);
    readonly HashSet<byte[]> _changedPeople = new(ByteArrayComparer.Instance);
    readonly HashSet<string> _changedAccounts = new(StringComparer.Ordinal);
    readonly PackWriter _writer = new();

    public IReadOnlyCollection<KeptTouch> Touches => _touches.Values;

    public IReadOnlyCollection<KeptPerson> People => _people.Values;

    public KeptTouch? FindTouch(byte[] urn) => _touches.GetValueOrDefault(urn);

    /// <summary>Keeps a touch under a person record.</summary>
    public KeptTouch PutTouch(byte[] urn, byte[] home, byte[] form)
    {
        _changedTouches.Add(urn);
        return Keep(urn, home, form);
    }

    public void RemoveTouch(KeptTouch touch)
    {
        _changedTouches.Add(touch.Urn);
        Drop(touch);
    }

    /// <summary>Notes whose a person record is.</summary>
    /// <returns>The record, when its person changed; else null.</returns>
    public KeptPerson? PutPerson(byte[] home, string? personId)
    {
        var person = Person(home);
        if (person.PersonId == personId)
        {
            Tidy(person);
            return null;
        }

        person.PersonId = personId;
        _changedPeople.Add(home);
        Tidy(person);
        return person;
    }

    /// <summary>The slot of an id, made when it is new.</summary>
    public AccountSlot Slot(string name) => _slots.TryGetValue(name, out var slot) ? slot : _slots[name] = new AccountSlot(name);

    /// <summary>The slot that an account lies in; null when it is unknown.</summary>
    public AccountSlot? SlotOf(string accountUrn) => _slotOfAccount.TryGetValue(accountUrn, out var name) ? Slot(name) : null;

    public void PutAccount(AccountSlot slot, Account account)
    {
        _changedAccounts.Add(account.Urn);
        KeepAccount(slot, account);
    }

    public void RemoveAccount(AccountSlot slot, string urn)
    {
        _changedAccounts.Add(urn);
        DropAccount(slot, urn);
    }

    public void Restore(byte[] key, byte[]? value)
    {
        var name = key[1..];
        switch (key[0])
        {
            case TouchKey when value is null:
                if (FindTouch(name) is { } gone)
                {
                    Drop(gone);
                }

                break;
            case TouchKey:
                var reader = new PackReader(value);
                Keep(name, reader.Bytes().ToArray(), reader.Rest.ToArray());
                break;
            case PersonKey:
                var person = Person(name);
                person.PersonId = value is null ? null : Encoding.UTF8.GetString(value);
                Tidy(person);
                break;
            case AccountKey when value is null:
                var urn = Encoding.UTF8.GetString(name);
                if (SlotOf(urn) is { } slot)
                {
                    DropAccount(slot, urn);
                }

                break;
            case AccountKey:
                var packed = new PackReader(value);
                var (account, slotName) = Account.Read(ref packed);
                KeepAccount(Slot(slotName), account);
                break;
            default:
                throw new InvalidDataException("the changelog of the program's stage holds an entry of another version");
        }
    }

    public void WriteChanges(Action<byte[], byte[]?> write)
    {
        foreach (var urn in _changedTouches)
        {
            write(Key(TouchKey, urn), FindTouch(urn) is { } touch ? Pack(touch) : null);
        }

        foreach (var home in _changedPeople)
        {
            write(Key(PersonKey, home), _people.TryGetValue(home, out var person) && person.PersonId is { } id ? Encoding.UTF8.GetBytes(id) : null);
        }

        foreach (var urn in _changedAccounts)
        {
            write(Key(AccountKey, Encoding.UTF8.GetBytes(urn)), SlotOf(urn) is { } slot && slot.Accounts.Find(a => a.Urn == urn) is { } account ? Pack(account, slot) : null);
        }

        _changedTouches.Clear();
        _changedPeople.Clear();
        _changedAccounts.Clear();
    }

    KeptTouch Keep(byte[] urn, byte[] home, byte[] form)
    {
        var person = Person(home);
        if (_touches.TryGetValue(urn, out var touch))
        {
            if (touch.Person != person)
            {
                touch.Person.Touches.Remove(touch);
                Tidy(touch.Person);
                Enter(touch, person);
            }
        }
        else
        {
            _touches[urn] = touch = new KeptTouch(urn);
            Enter(touch, person);
        }

        touch.Form = form;
        MoveToSlot(touch, TouchForm.SlotOf(touch) is { } name ? Slot(name) : null);
        return touch;
    }

    void Drop(KeptTouch touch)
    {
        _touches.Remove(touch.Urn);
        touch.Person.Touches.Remove(touch);
        Tidy(touch.Person);
        MoveToSlot(touch, null);
    }

    void KeepAccount(AccountSlot slot, Account account)
    {
        if (SlotOf(account.Urn) is { } former)
        {
            DropAccount(former, account.Urn);
        }

        // Without its last account the slot may just have been dropped.
        _slots[slot.Name] = slot;
        slot.Accounts.Add(account);
        _slotOfAccount[account.Urn] = slot.Name;
    }

    void DropAccount(AccountSlot slot, string urn)
    {
        slot.Accounts.RemoveAll(a => a.Urn == urn);
        _slotOfAccount.Remove(urn);
        Tidy(slot);
    }

    static void Enter(KeptTouch touch, KeptPerson person)
    {
        touch.Person = person;
        person.Touches.Add(touch);
    }

    void MoveToSlot(KeptTouch touch, AccountSlot? slot)
    {
        if (touch.Slot == slot)
        {
            return;
        }

        if (touch.Slot is { } former)
        {
            // The last one takes the place: a slot may hold a hundred thousand.
            var last = former.Touches[^1];
            former.Touches[touch.SlotIndex] = last;
            last.SlotIndex = touch.SlotIndex;
            former.Touches.RemoveAt(former.Touches.Count - 1);
            Tidy(former);
        }

        touch.Slot = slot;
        if (slot is not null)
        {
            touch.SlotIndex = slot.Touches.Count;
            slot.Touches.Add(touch);
        }
    }

    KeptPerson Person(byte[] home) => _people.TryGetValue(home, out var person) ? person : _people[home] = new KeptPerson(home);

    void Tidy(KeptPerson person)
    {
        if (person.PersonId is null && person.Touches.Count == 0)
        {
            _people.Remove(person.Home);
        }
    }

    void Tidy(AccountSlot slot)
    {
        if (slot.Accounts.Count == 0 && slot.Touches.Count == 0)
        {
            _slots.Remove(slot.Name);
        }
    }

    byte[] Pack(KeptTouch touch)
    {
        _writer.Clear();
        _writer.Bytes(touch.Person.Home);
        _writer.Raw(touch.Form);
        return _writer.ToArray();
    }

    byte[] Pack(Account account, AccountSlot slot)
    {
        _writer.Clear();
        _writer.Text(account.Urn);
        _writer.Text(slot.Name);
        _writer.Optional(account.Scope);
        _writer.Optional(account.Name);
        _writer.Optional(account.Kind);
        _writer.Optional(account.PersonRef);
        return _writer.ToArray();
    }

    static byte[] Key(byte kind, byte[] name) => [kind, .. name];
}
